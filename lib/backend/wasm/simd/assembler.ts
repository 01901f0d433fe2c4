/**
 * A WebAssembly assembler, as small as it can be: functions of integers that return nothing, over one
 * imported memory. An instruction is a list of bytes, and code is a list of code.
 *
 * @module
 */

/** Bytes, or lists of them. */
export type Code = readonly (number | Code)[];

/** A function: how many integer parameters and locals it has, how many vector locals, and its body. */
export interface FunctionCode {
  readonly name: string;
  readonly parameters: number;
  /** Numbered after the parameters; zero at first. */
  readonly integers: number;
  /** Numbered after the integers; zero at first. */
  readonly vectors: number;
  readonly body: Code;
}

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest>
  : Text;

/** Numbers locals by their names, with blanks between: parameters, then integers, then vectors. */
export function number<const Lines extends readonly string[]>(
  ...lines: Lines
): { readonly [Name in Words<Lines[number]>]: number } {
  const numbers = Object.fromEntries(lines.join(" ").split(" ").map((name, i) => [name, i]));
  return numbers as { [Name in Words<Lines[number]>]: number };
}

/** The code for each of a number of things. */
export const each = (count: number, f: (i: number) => Code): Code =>
  Array.from({ length: count }, (_, i) => f(i));

const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x70;

/** An unsigned number in LEB128. */
function unsigned(n: number): number[] {
  return n < 128 ? [n] : [n % 128 + 128, ...unsigned(Math.floor(n / 128))];
}

/** A number from -64 on in signed LEB128. */
function signed(n: number): number[] {
  return n < 64 ? [n & 127] : [n % 128 + 128, ...signed(Math.floor(n / 128))];
}

const simd = (opcode: number, ...rest: number[]): Code => [0xfd, unsigned(opcode), rest];
/** The alignment that a memory instruction promises: that of a float. */
const FLOAT = 2;

/** Pushes a local. */
export const get = (local: number): Code => [0x20, unsigned(local)];
/** Pops into a local. */
export const set = (local: number): Code => [0x21, unsigned(local)];
/** Copies the top into a local. */
export const tee = (local: number): Code => [0x22, unsigned(local)];
/** Pushes an integer. */
export const integer = (n: number): Code => [0x41, signed(n)];
/** Pushes a zero. */
export const ZERO: Code = integer(0);
/** Keeps the first of two if the third, an integer, is not zero, and else the second. */
export const SELECT: Code = [0x1b];
/** Replaces an address by the integer that is there. */
export const loadInteger = (offset: number): Code => [0x28, FLOAT, unsigned(offset)];
/** Adds integers. */
export const ADD: Code = [0x6a];
/** Subtracts integers. */
export const SUB: Code = [0x6b];
/** Multiplies integers. */
export const MUL: Code = [0x6c];
/** Divides integers and rounds down; both count as unsigned. */
export const DIVIDE: Code = [0x6e];
/** Tells whether two integers are equal. */
export const IS_EQUAL: Code = [0x46];
/** Tells whether the first of two integers is larger. */
export const IS_GREATER: Code = [0x4a];

/** Adds one local to another. */
export const move = (local: number, by: number): Code => [get(local), get(by), ADD, set(local)];
/** Adds a number to a local. */
export const advance = (local: number, by: number): Code => [
  get(local),
  integer(by),
  ADD,
  set(local),
];
/** Adds one to a local. */
export const increment = (local: number): Code => advance(local, 1);
/** Takes a number off a local and leaves what remains: the end of a loop. */
export const countDown = (
  local: number,
  by = 1,
): Code => [get(local), integer(by), SUB, tee(local)];

/** Repeats `body` as long as the integer that it leaves is not zero. */
export const repeat = (body: Code): Code => [0x03, 0x40, body, 0x0d, 0x00, 0x0b];
/** Does `body` if the integer on top is not zero. */
export const when = (body: Code): Code => [0x04, 0x40, body, 0x0b];
/** Calls the function with that number. */
export const call = (index: number): Code => [0x10, unsigned(index)];
/** Calls the function, of so many parameters, whose number is on top of them. */
export const callNumbered = (parameters: number): Code => [0x11, unsigned(parameters), 0];
/** Copies bytes: to an address, from an address, so many. */
export const COPY_BYTES: Code = [0xfc, 0x0a, 0, 0];
/** Fills bytes: from an address on, with a value, so many. */
export const FILL_BYTES: Code = [0xfc, 0x0b, 0];

/** Loads four floats. */
export const load = (offset: number): Code => simd(0x00, FLOAT, ...unsigned(offset));
/** Loads a float into all four places. */
export const loadSplat = (offset: number): Code => simd(0x09, FLOAT, ...unsigned(offset));
/** Stores four floats. */
export const store = (offset: number): Code => simd(0x0b, FLOAT, ...unsigned(offset));
/** Makes four floats of an integer. */
export const SPREAD_INTEGER: Code = [0xb3, simd(0x13)];
/** Four zeros. */
export const ZEROS: Code = simd(0x0c, ...Array<number>(16).fill(0));
/** Multiplies floats. */
export const MULTIPLY: Code = simd(0xe6);
/** Adds floats. */
export const ADD_FLOATS: Code = simd(0xe4);
/** Subtracts floats. */
export const SUBTRACT_FLOATS: Code = simd(0xe5);
/** Divides floats. */
export const DIVIDE_FLOATS: Code = simd(0xe7);
/** Tells for each float whether it is at most the other; all bits are set if so. */
export const AT_MOST: Code = simd(0x45);
/** Keeps of the first the bits that are not set in the second. */
export const WITHOUT: Code = simd(0x4f);
/** Multiplies two and adds a third, rounded once or twice as the processor likes best. */
export const MULTIPLY_ADD: Code = simd(0x105);

/**
 * Puts functions into a module that imports its memory as `heap.memory` and exports them by name.
 * Their numbers are their places in the list.
 */
export function assemble(
  functions: readonly FunctionCode[],
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const name = (text: string): Code => list([...new TextEncoder().encode(text)]);
  const locals = ({ integers, vectors }: FunctionCode) =>
    list([[unsigned(integers), I32], [unsigned(vectors), V128]]);
  const bodies = functions.map((f) => sized([locals(f), f.body, 0x0b]));
  // The type of functions with n parameters has the number n.
  const most = Math.max(...functions.map(({ parameters }) => parameters));
  const types = Array.from(
    { length: most + 1 },
    (_, n) => [0x60, list(Array(n).fill(I32)), list([])],
  );
  const indices = functions.map((_, i) => unsigned(i));
  // A shared memory has to have a maximum: all that 32 bits can tell, in pages of 64 KiB.
  const limits: Code = shared ? [0x03, 0, unsigned(2 ** 16)] : [0x00, 0];
  const section = (id: number, content: Code): Code => [id, sized(content)];
  return Uint8Array.from(flatten([
    [...new TextEncoder().encode("\0asm")],
    [1, 0, 0, 0],
    section(1, list(types)),
    section(2, list([[name("heap"), name("memory"), 0x02, limits]])),
    section(3, list(functions.map(({ parameters }) => unsigned(parameters)))),
    section(4, list([[FUNCTION, 0x00, unsigned(functions.length)]])),
    section(7, list(functions.map((f, i) => [name(f.name), 0x00, indices[i]!]))),
    section(9, list([[0x00, integer(0), 0x0b, list(indices)]])),
    section(10, list(bodies)),
  ]));
}

const list = (items: Code): Code => [unsigned(items.length), items];

function sized(code: Code): Code {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
}

function flatten(code: Code, bytes: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === "number") bytes.push(part);
    else flatten(part, bytes);
  }
  return bytes;
}
