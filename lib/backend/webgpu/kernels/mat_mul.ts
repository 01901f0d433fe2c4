/**
 * Matrix products, transposed and batched. A product is a convolution of a row of pixels with a single
 * tap; where its second matrix is transposed, it is the gradient of one for the images, and where its
 * first is, for the kernel.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import { tf } from "../../../tfjs.ts";
import type { Kernel } from "../kernels.ts";
import { perform } from "../plan.ts";
import { MOST_ROUNDS } from "../program.ts";
import { range } from "../unrolled.ts";
import { pointwise } from "./conv_sizes.ts";
import { filterGradientWork, forwardWork, inputGradientWork } from "./conv_work.ts";

/** `BatchMatMul`: `[...batch, m, k]` by `[...batch, k, n]`, where a batch of one is repeated. */
export const matMul: Kernel = (backend, { a, b }, { transposeA = false, transposeB = false }) => {
  const [left, right]: [number[], number[]] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [m, k] = matrixOf(a, transposeA);
  const [, n] = matrixOf(b, transposeB);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
  const [first, second, all] = [left, right, batch].map(sizeOf) as [number, number, number];
  const inPart = first < all && first > 1 || second < all && second > 1;
  const areFloats = a.dtype === "float32" && b.dtype === "float32";
  if (!areFloats || inPart || all * m * n * k === 0) return;
  const shape = [...batch, m, n];
  // One thread of a strip kernel may not go along all of k; those of a filter kernel go along chunks.
  const isLong = backend.software && k / 4 >= MOST_ROUNDS;
  const turn = (name: "a" | "b", options: object) => {
    const turned = transposed(backend, { a, b }[name]);
    const made = matMul(backend, { a, b, [name]: turned }, options, () => turned);
    backend.disposeData(turned.dataId);
    return made;
  };
  if (transposeB && isLong) return turn("b", { transposeA });
  if (transposeA ? transposeB : isLong) return turn("a", { transposeA: !transposeA, transposeB });
  if (transposeA) {
    const shared = first === second ? "nothing" : first === 1 ? "x" : "dy";
    const work = filterGradientWork("matMul", pointwise(1, k, m, n), all, shared);
    return { ...perform(backend, work, [a, b]), shape };
  }
  const images = second === 1 ? 1 : all; // with one second matrix, all rows are those of one product
  const shared = images === 1 ? "weights" : first === 1 ? "source" : "nothing";
  const pixels = m * all / images;
  const work = transposeB
    ? inputGradientWork("matMul", pointwise(images, pixels, n, k), shared)
    : forwardWork("matMul", pointwise(images, pixels, k, n), shared);
  return { ...perform(backend, work, [a, b]), shape };
};

function matrixOf({ shape }: tf.TensorInfo, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

/** The matrices with rows and columns swapped. */
function transposed(backend: tf.KernelBackend, x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length;
  const perm = range(rank).map((axis) => axis < rank - 2 ? axis : 2 * rank - 3 - axis);
  const { kernelFunc } = tf.getKernel("Transpose", "webgpu");
  return kernelFunc({ inputs: { x }, attrs: { perm }, backend }) as tf.TensorInfo;
}
