/**
 * What the tests of programs with halves share: tensors that are kept in them, and mutants, which are
 * found by comparing with the same program of floats.
 *
 * @module
 */

import { dispatch } from "../../../lib/backend/webgpu/dispatch.ts";
import { elementwise } from "../../../lib/backend/webgpu/elementwise.ts";
import { withHalves } from "../../../lib/backend/webgpu/halves.ts";
import { halvesOf, type Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { type Shape, sizeOf, type Tensor, type Values } from "../../../lib/tensor.ts";
import { tf } from "../../../lib/tfjs.ts";
import { assertClose } from "../../compare.ts";
import { assertMutantsDie, gpu, type Output, run } from "./program.ts";

/** Rounds to halves. */
export const rounded = (values: ArrayLike<number>): Float32Array =>
  Float32Array.from(new Float16Array(values));

/** The same tensor as kernels know it. */
export const infoOf = (x: Tensor): tf.TensorInfo => x as unknown as tf.TensorInfo;

/** Makes a tensor of what a kernel gave. */
export const tensorOf = (info: tf.TensorInfo): Tensor =>
  tf.engine().makeTensorFromTensorInfo(info) as unknown as Tensor;

/** Makes a tensor that is kept in halves. */
export function halved(values: ArrayLike<number>, shape: Shape = [values.length]): Tensor {
  using x = tensor(Float32Array.from(values), shape);
  const y = gpu().makeTensorInfo([...shape], "float32");
  const narrowed = elementwise("narrowed", x.size, ["y"], ["x"], [], "y[at] = H(x[at]);", ["y"]);
  dispatch(gpu(), narrowed, [y], [infoOf(x)]);
  return tensorOf(y);
}

/** Runs something in which tensors may be kept in halves. */
export const inHalves = <T>(f: () => T): T => withHalves(gpu(), f);

/** Runs a program as {@linkcode run} does, on halves where it takes them, and gives what it makes as floats. */
export async function runOnHalves(
  program: Program,
  outputs: readonly Output[],
  inputs: readonly Values[],
): Promise<Values[]> {
  const kept = halvesOf(program);
  const place = (values: ArrayLike<number>, binding: number) =>
    kept.has(binding) ? halved(values) : tensor(Float32Array.from(values));
  const tensors = inHalves(() => {
    const made = outputs.map(([shape], i) => place(new Float32Array(sizeOf(shape)).fill(NaN), i));
    const given = inputs.map((values, i) => place(values, outputs.length + i));
    dispatch(gpu(), program, made.map(infoOf), given.map(infoOf));
    return [...made, ...given];
  });
  const values = await Promise.all(tensors.slice(0, outputs.length).map((y) => y.data()));
  release(tensors);
  return values;
}

/**
 * Checks that a program gives on halves what it gives on the same numbers as floats, rounded where it makes
 * halves, and that no mutant does.
 */
export async function assertTwins(
  make: (halves: readonly string[]) => Program,
  halves: readonly string[],
  sizes: readonly number[],
  inputs: readonly ArrayLike<number>[],
  faults: Parameters<typeof assertMutantsDie>[1],
): Promise<void> {
  const [program, twin] = [make(halves), make([])];
  const kept = halvesOf(program);
  const outputs = sizes.map((size): Output => [[size], "float32"]);
  const given = inputs.map((values, i) =>
    kept.has(sizes.length + i) ? rounded(values) : Float32Array.from(values)
  );
  const tensors = given.map((values) => tensor(values));
  const expected = await run(twin, outputs, tensors);
  release(tensors);
  await assertMutantsDie(program, faults, async (mutant) => {
    for (const [i, values] of (await runOnHalves(mutant, outputs, given)).entries()) {
      await assertClose(values, kept.has(i) ? rounded(expected[i]!) : expected[i]!, {
        absolute: 0,
      });
    }
  });
}
