/**
 * Convolutions, their gradients and matrix products on WebGPU against plain loops in doubles: by the
 * plan that is the best guess at the shapes of ResNets, and by a plan of each kind at those that fit
 * nothing.
 *
 * @module
 */

import type { ConvSizes } from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import {
  filterGradientWork,
  forwardWork,
  inputGradientWork,
} from "../../../lib/backend/webgpu/kernels/conv_work.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import type { tf } from "../../../lib/tfjs.ts";
import {
  assertIsArray,
  numbers,
  plansOfEachKind,
  referenceOf,
  square,
  windows,
} from "./conv_reference.ts";
import { gpu, testWebgpu } from "./program.ts";

const WORKS = {
  forward: forwardWork,
  inputGradient: inputGradientWork,
  filterGradient: filterGradientWork,
} as const;

/** Checks the three arrays of a convolution, by the best guess or by a plan of each kind. */
async function check(sizes: ConvSizes, plans: "guess" | "each kind"): Promise<void> {
  for (const direction of ["forward", "inputGradient", "filterGradient"] as const) {
    const reference = referenceOf(sizes, direction);
    const inputs = [numbers("a", reference.inputs[0]), numbers("b", reference.inputs[1])] as const;
    const tensors = inputs.map((values, i) => tensor(values, reference.inputs[i]));
    const work = WORKS[direction](direction, sizes);
    for (const plan of plans === "guess" ? work.plans(true).slice(0, 1) : plansOfEachKind(work)) {
      const made = work.run(gpu(), plan, tensors as unknown as tf.TensorInfo[]);
      const values = await gpu().read(made.dataId) as Float32Array;
      gpu().disposeData(made.dataId);
      await assertIsArray(values, reference, inputs);
    }
    release(tensors);
  }
}

function testAll(name: string, plans: "guess" | "each kind", all: readonly ConvSizes[]): void {
  testWebgpu(name, async () => {
    for (const sizes of all) await check(sizes, plans);
  });
}

const two = { stride: 2 };

testAll("Convolutions of a ResNet for CIFAR and their gradients", "guess", [
  square(2, 32, [3, 16], 3),
  square(2, 32, [16, 16], 3),
  square(2, 32, [16, 32], 3, two),
  square(2, 32, [16, 32], 1, two),
  square(2, 16, [32, 32], 3),
  square(2, 16, [32, 64], 3, two),
  square(2, 16, [32, 64], 1, two),
  square(2, 8, [64, 64], 3),
]);

testAll("Convolutions of a ResNet for ImageNet and their gradients", "guess", [
  square(1, 224, [3, 64], 7, two),
  square(1, 56, [64, 64], 3),
  square(1, 56, [64, 128], 3, two),
  square(1, 56, [64, 128], 1, two),
  square(1, 28, [128, 128], 3),
  square(1, 28, [128, 256], 3, two),
  square(1, 28, [128, 256], 1, two),
  square(1, 14, [256, 256], 3),
  square(1, 14, [256, 512], 3, two),
  square(1, 14, [256, 512], 1, two),
  square(1, 7, [512, 512], 3),
]);

testAll("Convolutions of bottlenecks and their gradients", "guess", [
  square(1, 56, [64, 64], 1),
  square(1, 56, [64, 256], 1),
  square(1, 56, [256, 64], 1),
  square(1, 56, [256, 128], 1),
  square(1, 56, [128, 128], 3, two),
  square(1, 28, [128, 512], 1),
  square(1, 56, [256, 512], 1, two),
  square(1, 28, [512, 128], 1),
  square(1, 28, [512, 256], 1),
  square(1, 28, [256, 256], 3, two),
  square(1, 14, [256, 1024], 1),
  square(1, 28, [512, 1024], 1, two),
  square(1, 14, [1024, 256], 1),
  square(1, 14, [1024, 512], 1),
  square(1, 14, [512, 512], 3, two),
  square(1, 7, [512, 2048], 1),
  square(1, 14, [1024, 2048], 1, two),
  square(1, 7, [2048, 512], 1),
]);

testAll("Convolutions that fit no tile and their gradients", "each kind", [
  square(1, 7, [513, 511], 3),
  square(127, 3, [5, 6], 3),
  square(2, 13, [7, 4], 3, { stride: 3 }),
  square(2, 8, [4, 9], 3, { stride: 3, before: 0, after: 2 }),
  square(1, 9, [4, 8], 5, { stride: 2, before: 3, after: 0 }),
  square(1, 11, [3, 5], 3, { dilation: 3, before: 2, after: 4 }),
  square(2, 10, [4, 4], 3, { stride: 2, dilation: 2 }),
  square(1, 6, [4, 4], 3, { stride: 5 }),
  square(1, 20, [3, 2], 9, { stride: 4 }),
  square(3, 5, [1, 1], 1),
  square(2, 7, [6, 10], 1, two),
  square(2, 5, [4, 4], 1, { before: 1, after: 2 }),
  { ...square(2, 1, [8, 8], 1), rows: windows(6, 2, two), columns: windows(17, 3) },
]);

testAll("Convolutions in groups and their gradients", "each kind", [
  square(2, 6, [8, 16], 3, { groups: 2 }),
  square(2, 5, [6, 9], 3, { groups: 3, stride: 2 }),
  square(1, 4, [4, 12], 1, { groups: 4 }),
  square(2, 9, [20, 20], 3, { groups: 5 }),
  square(127, 3, [10, 14], 3, { groups: 2, stride: 3 }),
  square(1, 6, [96, 64], 3, { groups: 32, dilation: 2, before: 1, after: 3 }),
]);

testAll("Convolutions of a ResNeXt and their gradients", "guess", [
  square(1, 56, [128, 128], 3, { groups: 32 }),
  square(1, 56, [256, 256], 3, { groups: 32, stride: 2 }),
  square(1, 14, [512, 512], 3, { groups: 32 }),
  square(1, 7, [1024, 1024], 3, { groups: 32 }),
]);

testAll("Convolutions of each channel by itself and their gradients", "each kind", [
  square(2, 9, [6, 6], 5, { groups: 6, stride: 2, before: 1, after: 3 }),
  square(1, 12, [5, 5], 3, { groups: 5, dilation: 2, stride: 3 }),
  square(127, 3, [4, 4], 1, { groups: 4 }),
  square(2, 6, [4, 8], 3, { groups: 4 }),
  square(2, 6, [3, 12], 3, { groups: 3, stride: 2 }),
  square(1, 40, [8, 8], 7, { groups: 8 }),
]);

testAll("Convolutions of a MobileNet and their gradients", "guess", [
  square(1, 112, [32, 32], 3, { groups: 32 }),
  square(1, 112, [64, 64], 3, { groups: 64, stride: 2 }),
  square(1, 56, [128, 128], 3, { groups: 128 }),
  square(1, 28, [256, 256], 3, { groups: 256, stride: 2, before: 0, after: 1 }),
  square(1, 14, [512, 512], 3, { groups: 512 }),
  square(1, 14, [672, 672], 5, { groups: 672, stride: 2 }),
  square(1, 7, [1024, 1024], 3, { groups: 1024 }),
]);
