/**
 * Random mutations of valid safetensors files: whatever the bytes, reading them gives tensors or one
 * of our errors, and takes no time to speak of. As a program it runs a million:
 * `deno run tests/weights/fuzz.ts [COUNT] [SEED]`.
 *
 * @module
 */

import { fold, FplusxError, type Key, key, randomBits } from "@fplusx/nn";
import {
  type ByteSource,
  type ElementType,
  formatSafetensors,
  type HostTensor,
  parseSafetensors,
} from "@fplusx/nn/weights";

/** Gives bytes as something to be read by ranges. */
export function source(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) =>
      Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length))),
  };
}

/** A file with this header, with so many bytes of data behind it. */
export function fileOf(header: string | Uint8Array, data = 0): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + bytes.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}

/** Draws integers one after the other. */
function draws(of: Key): (limit: number) => number {
  let words = new Uint32Array();
  let block = 0;
  return (limit) => {
    if (words.length === 0) words = new Uint32Array(randomBits(fold(of, block++), 256));
    const [word] = words;
    words = words.subarray(1);
    return Math.floor(word! / 2 ** 32 * limit);
  };
}

const TYPES: readonly [ElementType, (bytes: ArrayBuffer) => HostTensor["data"], number][] = [
  ["F64", (bytes) => new Float64Array(bytes), 8],
  ["F32", (bytes) => new Float32Array(bytes), 4],
  ["F16", (bytes) => new Float16Array(bytes), 2],
  ["BF16", (bytes) => new Uint16Array(bytes), 2],
  ["I64", (bytes) => new BigInt64Array(bytes), 8],
  ["I32", (bytes) => new Int32Array(bytes), 4],
  ["I16", (bytes) => new Int16Array(bytes), 2],
  ["I8", (bytes) => new Int8Array(bytes), 1],
  ["U64", (bytes) => new BigUint64Array(bytes), 8],
  ["U32", (bytes) => new Uint32Array(bytes), 4],
  ["U16", (bytes) => new Uint16Array(bytes), 2],
  ["U8", (bytes) => new Uint8Array(bytes), 1],
  ["BOOL", (bytes) => new Uint8Array(bytes), 1],
];

const LETTERS = [...'ab.0_/\\"é\u{1f600}\n'];

/** Random tensors with random names, and metadata. */
export function randomTensors(
  seed: number,
): { tensors: Map<string, HostTensor>; metadata: Record<string, string> } {
  const draw = draws(key(seed));
  const word = () => Array.from({ length: draw(6) }, () => LETTERS[draw(LETTERS.length)]).join("");
  const tensors = new Map<string, HostTensor>();
  for (let n = draw(6); n > 0; n--) {
    const [dtype, view, bytes] = TYPES[draw(TYPES.length)]!;
    const shape = Array.from({ length: draw(4) }, () => draw(4));
    const count = shape.reduce((a, b) => a * b, 1);
    // Below 127 no float is a NaN, which equals nothing, and a boolean is 0 or 1.
    const values = Uint8Array.from(
      { length: count * bytes },
      () => draw(dtype === "BOOL" ? 2 : 124),
    );
    tensors.set(word(), { dtype, shape, data: view(values.buffer) });
  }
  const metadata = Object.fromEntries(Array.from({ length: draw(3) }, () => [word(), word()]));
  return { tensors, metadata };
}

/** What matters in a header, so that some mutations stay close to the grammar. */
const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "-",
  "0",
  "1",
  "9".repeat(20),
  "1e400",
  "null",
  "__metadata__",
  "__proto__",
  "dtype",
  "F32",
  "BOOL",
  "shape",
  "data_offsets",
  "\0",
  "\ufeff",
  " ",
]
  .map((token) => new TextEncoder().encode(token));

/** Mutates a file; mostly in its header, whose length is then made right again. */
function mutate(file: Uint8Array, draw: (limit: number) => number): Uint8Array {
  if (draw(4) === 0) return scramble(file, draw);
  const end = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = scramble(file.subarray(8, end), draw);
  return joined(fileOf(header), file.subarray(end));
}

function scramble(bytes: Uint8Array, draw: (limit: number) => number): Uint8Array {
  let mutated = new Uint8Array(bytes);
  for (let n = 1 + draw(3); n > 0; n--) {
    const at = draw(mutated.length + 1);
    const [head, tail] = [mutated.subarray(0, at), mutated.subarray(at)];
    const kind = draw(6);
    if (kind === 0 && tail.length > 0) tail[0]! ^= 1 << draw(8);
    else if (kind === 1 && tail.length > 0) tail[0] = 48 + draw(10);
    else if (kind === 2) mutated = joined(head, TOKENS[draw(TOKENS.length)]!, tail);
    else if (kind === 3) mutated = joined(head, tail.subarray(draw(tail.length + 1)));
    else if (kind === 4) mutated = joined(head, mutated.subarray(draw(mutated.length + 1)));
    else mutated = new Uint8Array(head);
  }
  return mutated;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What came of a run of mutations. */
export interface FuzzResult {
  /** How many there were. */
  readonly mutations: number;
  /** How many were refused with an error of ours. */
  readonly refused: number;
  /** How many were read. */
  readonly read: number;
  /** The longest time for one, in milliseconds. */
  readonly slowest: number;
}

/** Reads so many mutated files; any error that is not ours comes through. */
export function fuzz(mutations: number, seed: number): FuzzResult {
  const draw = draws(key(seed));
  let refused = 0, slowest = 0, file = new Uint8Array();
  for (let n = 0; n < mutations; n++) {
    if (n % 20 === 0) {
      const { tensors, metadata } = randomTensors(seed + n);
      file = formatSafetensors(tensors, metadata);
    }
    const mutated = mutate(file, draw);
    const start = performance.now();
    try {
      parseSafetensors(mutated);
    } catch (error) {
      if (!(error instanceof FplusxError)) throw error;
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { mutations, refused, read: mutations - refused, slowest };
}

if (import.meta.main) {
  const [count = "1000000", seed = "0"] = Deno.args;
  console.log(JSON.stringify(fuzz(Number(count), Number(seed))));
}
