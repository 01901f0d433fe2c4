/**
 * What the tests of WebGPU kernels share: running a program as it stands, snapshots of its text, and
 * mutants, which are the text with one fault that the tests have to find.
 *
 * @module
 */

import { assert, assertEquals, AssertionError, assertRejects } from "@std/assert";
import type { GuardedBackend } from "../../../lib/backend/webgpu/backend.ts";
import { dispatch } from "../../../lib/backend/webgpu/dispatch.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { type DType, type Shape, sizeOf, type Tensor, type Values } from "../../../lib/tensor.ts";
import { tf } from "../../../lib/tfjs.ts";
import { testEach } from "../../backends.ts";

/** What a program gives, by shape and type; and what it changes, with the values before. */
export type Output = readonly [shape: Shape, dtype: DType, before?: Values | undefined];

/** Defines a test that is run on webgpu alone, where there is an adapter. */
export function testWebgpu(name: string, test: () => unknown): void {
  testEach(`webgpu: ${name}`, test, ["webgpu"]);
}

/** The backend that is active, which has to be webgpu. */
export const gpu = (): GuardedBackend => tf.backend() as GuardedBackend;

/** Defines a test for both kinds of adapters, whatever this one is. */
export function testBoth(name: string, test: () => Promise<void>): void {
  for (const software of [true, false]) {
    testWebgpu(`${name}, on a ${software ? "CPU" : "GPU"}`, async () => {
      const backend = gpu() as { software: boolean };
      const real = backend.software;
      backend.software = software;
      try {
        await test();
      } finally {
        backend.software = real;
      }
    });
  }
}

/** Runs a program and reads what it gives; what it does not write is NaN, or a number as unlikely. */
export async function run(
  program: Program,
  outputs: readonly Output[],
  inputs: readonly Tensor[],
): Promise<Values[]> {
  // A buffer that was used before may hold the very numbers that the program fails to write.
  const unlikely = (size: number, dtype: DType) =>
    dtype === "float32"
      ? new Float32Array(size).fill(NaN)
      : new Int32Array(size).fill(-559_038_737);
  const made = outputs.map(([shape, dtype, before = unlikely(sizeOf(shape), dtype)]) =>
    gpu().makeTensorInfo([...shape], dtype, before)
  );
  try {
    dispatch(gpu(), program, made, inputs as unknown as readonly tf.TensorInfo[]);
    const values: Values[] = [];
    for (const { dataId } of made) values.push(await gpu().read(dataId) as Values);
    return values;
  } finally {
    for (const { dataId } of made) gpu().disposeData(dataId);
  }
}

/** Checks that a program makes the same of vectors of floats where it changes them in place. */
export async function assertSameInPlace(
  { inPlace }: Program,
  inputs: readonly ArrayLike<number>[],
  made: readonly Values[],
): Promise<void> {
  const { program, over } = inPlace!;
  const vectors = inputs.map((values) => Float32Array.from(values));
  const outputs = made.map(({ length }, i) =>
    [[length], "float32", over[i] === undefined ? undefined : vectors[over[i]]] as const
  );
  const others = vectors.filter((_, i) => !over.includes(i)).map((values) => tensor(values));
  assertEquals(await run(program, outputs, others), made);
  release(others);
}

/**
 * Checks the text of a program against a snapshot. After a change that is meant, it is written anew by
 * `deno test --allow-read=. --allow-write=tests FILE -- --update`.
 */
export async function assertSnapshot(name: string, { wgsl, groups }: Program): Promise<void> {
  const file = new URL(`snapshots/${name}.wgsl`, import.meta.url);
  const text = `// groups ${groups.join(" × ")}\n${wgsl}`;
  if (Deno.args.includes("--update")) await Deno.writeTextFile(file, text);
  assertEquals(text, await Deno.readTextFile(file));
}

/**
 * Checks that a check fails for the program with each of the faults: some text, and other text for its
 * first occurrence. One that does not compile proves nothing.
 */
export async function assertMutantsDie(
  program: Program,
  faults: readonly (readonly [from: string, to: string])[],
  check: (mutant: Program) => Promise<unknown>,
): Promise<void> {
  await check(program);
  for (const [from, to] of faults) {
    assert(program.wgsl.includes(from), `Nothing to change: ${from}`);
    const mutant = { ...program, wgsl: program.wgsl.replace(from, () => to) };
    await assertRejects(() => check(mutant), AssertionError, "", `Survived: ${from} → ${to}`);
  }
}
