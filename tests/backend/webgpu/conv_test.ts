/**
 * Convolutions and their gradients on WebGPU, by a plan of each kind, against plain loops in doubles.
 *
 * @module
 */

import {
  type ConvSizes,
  convSizes,
  type Windows,
} from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import {
  filterGradientWork,
  forwardWork,
  inputGradientWork,
} from "../../../lib/backend/webgpu/kernels/conv_work.ts";
import type { Work } from "../../../lib/backend/webgpu/plan.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import type { Shape } from "../../../lib/tensor.ts";
import type { tf } from "../../../lib/tfjs.ts";
import { assertIsArray, type Direction, numbers, referenceOf } from "./conv_reference.ts";
import { gpu, testWebgpu } from "./program.ts";

/** Windows that start `before` pixels before the first, and end at most `after` after the last. */
function windows(
  size: number,
  taps: number,
  { stride = 1, dilation = 1, before = (taps - 1) >> 1, after = before }: Partial<
    Pick<Windows, "stride" | "dilation" | "before"> & { after: number }
  > = {},
): Windows {
  const reach = (taps - 1) * dilation + 1;
  const count = Math.floor((size + before + after - reach) / stride) + 1;
  return { size, count, taps, stride, dilation, before };
}

/** A square convolution of `batch` images from so many to so many channels. */
function square(
  batch: number,
  size: number,
  [inputs, outputs]: readonly [number, number],
  taps: number,
  stride = 1,
): ConvSizes {
  const axis = windows(size, taps, { stride });
  return { batch, groups: 1, inputs, outputs, rows: axis, columns: axis };
}

const WORKS = {
  forward: forwardWork,
  inputGradient: inputGradientWork,
  filterGradient: filterGradientWork,
} as const;

/** A plan of each kind, the best guess first. */
function plansOfEachKind<Plan extends object>(work: Work<Plan>): Plan[] {
  const plans = new Map<string, Plan>();
  for (const plan of work.plans(true)) {
    const kind = Object.entries(plan).filter(([, value]) => typeof value !== "number");
    const key = JSON.stringify(kind);
    if (!plans.has(key)) plans.set(key, plan);
  }
  return [...plans.values()];
}

async function check(sizes: ConvSizes, directions: readonly Direction[] = DIRECTIONS) {
  for (const direction of directions) {
    const reference = referenceOf(sizes, direction);
    const inputs = [numbers("a", reference.inputs[0]), numbers("b", reference.inputs[1])] as const;
    const tensors = inputs.map((values, i) => tensor(values, reference.inputs[i]));
    const work: Work<never> = WORKS[direction](direction, sizes) as Work<never>;
    for (const plan of plansOfEachKind(work)) {
      const made = work.run(gpu(), plan, tensors as unknown as tf.TensorInfo[]);
      const values = await gpu().read(made.dataId) as Float32Array;
      gpu().disposeData(made.dataId);
      await assertIsArray(values, reference, inputs);
    }
    release(tensors);
  }
}
const DIRECTIONS: readonly Direction[] = ["forward", "inputGradient", "filterGradient"];

testWebgpu("convolutions of a CIFAR ResNet", async () => {
  for (
    const sizes of [
      square(2, 32, [3, 16], 3),
      square(2, 32, [16, 16], 3),
      square(2, 32, [16, 32], 3, 2),
      square(2, 32, [16, 32], 1, 2),
      square(2, 16, [32, 32], 3),
      square(2, 16, [32, 64], 3, 2),
      square(2, 16, [32, 64], 1, 2),
      square(2, 8, [64, 64], 3),
    ]
  ) await check(sizes);
});
