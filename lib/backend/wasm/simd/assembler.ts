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
  /** Numbered after the parameters. */
  readonly integers: number;
  /** Numbered after the integers. */
  readonly vectors: number;
  readonly body: Code;
}

const I32 = 0x7f;
const V128 = 0x7b;

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
/** Adds integers. */
export const ADD: Code = [0x6a];
/** Subtracts integers. */
export const SUB: Code = [0x6b];
/** Repeats `body` as long as the integer that it leaves is not zero. */
export const repeat = (body: Code): Code => [0x03, 0x40, body, 0x0d, 0x00, 0x0b];

/** Loads four floats. */
export const load = (offset: number): Code => simd(0x00, FLOAT, ...unsigned(offset));
/** Loads a float into all four places. */
export const loadSplat = (offset: number): Code => simd(0x09, FLOAT, ...unsigned(offset));
/** Stores four floats. */
export const store = (offset: number): Code => simd(0x0b, FLOAT, ...unsigned(offset));
/** Multiplies floats. */
export const MULTIPLY: Code = simd(0xe6);
/** Adds floats. */
export const ADD_FLOATS: Code = simd(0xe4);
/** Multiplies two and adds a third, rounded once or twice as the processor likes best. */
export const MULTIPLY_ADD: Code = simd(0x105);

/** Puts functions into a module that imports its memory as `heap.memory` and exports them by name. */
export function assemble(
  functions: readonly FunctionCode[],
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  const name = (text: string): Code => list([...new TextEncoder().encode(text)]);
  const locals = ({ integers, vectors }: FunctionCode) =>
    list([[unsigned(integers), I32], [unsigned(vectors), V128]]);
  const bodies = functions.map((f) => sized([locals(f), f.body, 0x0b]));
  const types = functions.map((f) => [0x60, list(Array(f.parameters).fill(I32)), list([])]);
  // A shared memory has to have a maximum: all that 32 bits can tell, in pages of 64 KiB.
  const limits: Code = shared ? [0x03, 0, unsigned(2 ** 16)] : [0x00, 0];
  const section = (id: number, content: Code): Code => [id, sized(content)];
  return Uint8Array.from(flatten([
    [...new TextEncoder().encode("\0asm")],
    [1, 0, 0, 0],
    section(1, list(types)),
    section(2, list([[name("heap"), name("memory"), 0x02, limits]])),
    section(3, list(functions.map((_, i) => unsigned(i)))),
    section(7, list(functions.map((f, i) => [name(f.name), 0x00, unsigned(i)]))),
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
