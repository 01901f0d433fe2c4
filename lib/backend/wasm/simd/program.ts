/**
 * All of our WebAssembly in one module, and how it is called: a call is put in the heap, as the
 * number of a function with its arguments, where any thread can find it. The module's function `run`
 * makes the call at an address.
 *
 * @module
 */

import { assemble, call, callNumbered, type FunctionCode, get, loadInteger } from "./assembler.ts";
import { addScaled, reluGradient } from "./elementwise.ts";
import { frame } from "./frame.ts";
import { gradientSums, moments, normalize, normalizeGradient } from "./normalization.ts";
import { pack } from "./pack.ts";
import { product } from "./product.ts";
import { tiles } from "./tile.ts";

/** The functions that can be called. */
export type FunctionName =
  | "product"
  | "frame"
  | "pack"
  | "moments"
  | "normalize"
  | "gradientSums"
  | "normalizeGradient"
  | "addScaled"
  | "reluGradient";

/** A function with its arguments. */
export type Call = readonly [FunctionName, ...number[]];

/** Bytes that a call takes in the heap: enough for the longest, and two cache lines. */
export const CALL_BYTES = 128;

/** Our WebAssembly, compiled. */
export interface Program {
  readonly module: WebAssembly.Module;
  /** What stands for each function in a call. */
  readonly numbers: Readonly<Record<FunctionName, number>>;
}

/** Tells whether the engine knows the fused multiply-add, which not every one does yet. */
export function hasFused(): boolean {
  return WebAssembly.validate(assemble(tiles(true).slice(0, 1), false));
}

/** Compiles our WebAssembly for a memory, with fused multiply-add or without. */
export function compile(memory: WebAssembly.Memory, fused: boolean): Program {
  const callable = [
    product,
    frame,
    pack,
    moments,
    normalize(fused),
    gradientSums(fused),
    normalizeGradient(fused),
    addScaled(fused),
    reluGradient,
  ];
  const functions = [...tiles(fused), ...callable];
  const first = functions.length - callable.length;
  const entries = callable.map((f, i) => entry(f, first + i));
  const run: FunctionCode = {
    name: "run",
    parameters: 1,
    integers: 0,
    vectors: 0,
    body: [get(0), get(0), loadInteger(0), callNumbered(1)],
  };
  const shared = !(memory.buffer instanceof ArrayBuffer);
  const module = new WebAssembly.Module(assemble([...functions, ...entries, run], shared));
  const numbers = Object.fromEntries(callable.map(({ name }, i) => [name, functions.length + i]));
  return { module, numbers: numbers as Program["numbers"] };
}

/** A function that calls another with the arguments it finds in the heap. */
function entry({ name, parameters }: FunctionCode, index: number): FunctionCode {
  const push = (_: unknown, i: number) => [get(0), loadInteger(4 * (i + 1))];
  return {
    name: `call ${name}`,
    parameters: 1,
    integers: 0,
    vectors: 0,
    body: [Array.from({ length: parameters }, push), call(index)],
  };
}
