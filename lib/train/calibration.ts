/**
 * Whether a model is as often right as it is sure: examples are sorted into bins by the probability of
 * their guess, and in each the mean of it is compared with the share that is right. Sums stay on the
 * device and are added up there by `addSums`; they are read once, at the end.
 *
 * @module
 */

import { EmptyError } from "../errors.ts";
import {
  argMax,
  cast,
  concat,
  equal,
  matMul,
  max,
  minimum,
  mul,
  oneHot,
  ones,
  reshape,
  softmax,
  tidy,
} from "../ops.ts";
import { check } from "../optim/range.ts";
import type { Tensor } from "../tensor.ts";
import { checkLabels } from "./loss.ts";

/** Options of {@linkcode calibrationSums}. */
export interface CalibrationOptions {
  /** Number of bins of equal width; 15 by default, as Guo et al. */
  readonly bins?: number;
}

/**
 * Gives, for each bin of confidence, three sums over a batch: of examples, of confidences and of right
 * guesses, `[3, bins]`.
 *
 * @param logits `[batch, classes]`, or with more axes in front.
 * @param labels `int32` of the shape of `logits` without the last axis.
 * @throws {ArgumentError} If `bins` is not a count.
 * @throws {DTypeError} If the labels are not `int32`.
 * @throws {ShapeError} If the shapes do not fit.
 * @throws {LabelError} If a label is not a class, where labels were made from host values.
 *
 * @example One that is sure and right
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { calibrationSums, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const [logits, labels] = [tensor([99, 0], [1, 2]), tensor(Int32Array.of(0))];
 * const sums = calibrationSums(logits, labels, { bins: 2 });
 * assertEquals([...await sums.data()], [0, 1, 0, 1, 0, 1]);
 * ```
 */
export function calibrationSums(
  logits: Tensor,
  labels: Tensor,
  { bins = 15 }: CalibrationOptions = {},
): Tensor {
  check("calibrationSums", "count", { bins });
  checkLabels(logits, labels);
  return tidy(() => {
    const row = (x: Tensor) => reshape(x, [1, labels.size]);
    const confidence = max(softmax(logits), -1);
    const right = cast(equal(argMax(logits), labels), "float32");
    const bin = cast(minimum(mul(confidence, bins), bins - 1), "int32"); // rounds down
    const sorted = oneHot(reshape(bin, [labels.size]), bins); // [batch, bins]
    const each = concat([ones([1, labels.size]), row(confidence), row(right)], 0); // [3, batch]
    return matMul(each, sorted);
  });
}

/** The examples of one bin. */
export type CalibrationBin = {
  /** Number of examples. */
  readonly examples: number;
  /** Mean probability of their guesses; 0 of none. */
  readonly confidence: number;
  /** Share that is right; 0 of none. */
  readonly accuracy: number;
};

/** What calibration sums say. */
export type Calibration = {
  /** The bins, from the least sure. */
  readonly bins: readonly CalibrationBin[];
  /** Mean over examples of the gap between confidence and accuracy of their bin. */
  readonly expectedError: number;
  /** The largest gap. */
  readonly largestError: number;
};

/**
 * Reads calibration sums, with one read from the device
 * ({@link https://arxiv.org/abs/1706.04599 Guo et al. 2017}).
 *
 * @throws {EmptyError} If no example was counted.
 *
 * @example As sure as right in one bin, too sure in the other
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { readCalibration, setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const sums = tensor([4, 4, 1, 3.6, 1, 2], [3, 2]);
 * const { expectedError } = await readCalibration(sums);
 * assertAlmostEquals(expectedError, 0.2, 1e-6);
 * ```
 */
export async function readCalibration(sums: Tensor): Promise<Calibration> {
  const values = await sums.data();
  const count = sums.shape.at(-1)!;
  const bins = Array.from({ length: count }, (_, i): CalibrationBin => {
    const [examples, confidence, right] = [0, 1, 2].map((row) => values[row * count + i]!);
    const mean = (sum: number) => examples === 0 ? 0 : sum / examples!;
    return { examples: examples!, confidence: mean(confidence!), accuracy: mean(right!) };
  });
  const all = bins.reduce((sum, { examples }) => sum + examples, 0);
  if (all === 0) throw new EmptyError("Cannot read calibration sums: no batch was added");
  const gaps = bins.map(({ confidence, accuracy }) => Math.abs(confidence - accuracy));
  return {
    bins,
    expectedError: gaps.reduce((sum, gap, i) => sum + gap * bins[i]!.examples / all, 0),
    largestError: Math.max(...gaps),
  };
}
