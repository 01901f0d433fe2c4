/**
 * Normalisation of a batch with its own statistics, which is what batch normalisation does in train
 * mode. The gradient is written by hand: it saves one tensor of the size of `x` where the tape would
 * save four. It cannot be differentiated again, so inside another gradient the tape does it.
 *
 * @module
 */

import { fused, inOneGo } from "../fused.ts";
import { customGrad, gradientDepth, untracked } from "../grad.ts";
import { add, addScaled, mean, mul, rsqrt, scalar, square, sub, sum } from "../ops.ts";
import type { Tensor } from "../tensor.ts";

/** What is known of each channel: `[channels]`. */
export type Moments = {
  /** The mean. */
  readonly mean: Tensor;
  /** The variance, biased or not. */
  readonly variance: Tensor;
};

/** What normalised values become: `weight` times them plus `bias`, each `[channels]`. */
export type Affine = { readonly weight: Tensor; readonly bias: Tensor };

const leading = (x: Tensor): number[] => x.shape.slice(0, -1).map((_, axis) => axis);
const rowsOf = (x: Tensor): number => x.size / x.shape.at(-1)!;

/**
 * Gives the moments of a batch over all axes but the last, with the biased variance, and running
 * averages of them, with the unbiased one.
 */
export function batchMoments(
  x: Tensor,
  running: Moments,
  decay: number,
): [batch: Moments, next: Moments] {
  const taped = gradientDepth() > 1;
  const definition = () => {
    const [center, variance] = taped
      ? momentsOf(x)
      : untracked(() => fused("FplusxMoments", { x }, {}, () => momentsOf(x)));
    const average = (old: Tensor, now: Tensor, factor = 1) =>
      addScaled(mul(old, decay), now, scalar((1 - decay) * factor));
    const unbiased = rowsOf(x) / Math.max(rowsOf(x) - 1, 1);
    return [
      center,
      variance,
      average(running.mean, center),
      average(running.variance, variance, unbiased),
    ] as const;
  };
  const [center, variance, nextCenter, nextVariance] = taped
    ? definition()
    : fused("FplusxRunningMoments", { x, ...running }, { decay, shape: x.shape }, definition);
  return [{ mean: center, variance }, { mean: nextCenter, variance: nextVariance }];
}

/** The mean and the biased variance over all axes but the last. */
function momentsOf(x: Tensor): readonly [mean: Tensor, variance: Tensor] {
  const center = mean(x, leading(x));
  // In two passes: the difference of two large squares would leave nothing of a small variance.
  return [center, mean(square(sub(x, center)), leading(x))];
}

/** Gives a batch normalised with its moments. */
export function normalize(
  x: Tensor,
  batch: Moments,
  { weight, bias }: Affine,
  epsilon: number,
): Tensor {
  if (gradientDepth() > 1) return normalized(x, batch, weight, bias, epsilon);
  const handmade = customGrad(
    (x, weight, bias) => {
      const y = fused(
        "FplusxNormalize",
        { x, ...batch, weight, bias },
        { epsilon },
        () => normalized(x, batch, weight, bias, epsilon),
      );
      return [y, [x, batch.mean, batch.variance, weight]];
    },
    (dy, saved) => {
      const [x, mean, variance, weight] = saved as [Tensor, Tensor, Tensor, Tensor];
      return fused(
        "FplusxNormalizeGradient",
        { dy, x, mean, variance, weight },
        { epsilon },
        () => gradients(dy, x, { mean, variance }, weight, epsilon),
      );
    },
  );
  return handmade(x, weight, bias);
}

/**
 * Gives `relu` of a batch normalised with its moments, or of the sum of that and an addend like `x`, on
 * a backend that does so in one go.
 */
export function normalizeRelu(
  x: Tensor,
  batch: Moments,
  { weight, bias }: Affine,
  epsilon: number,
  addend?: Tensor,
): Tensor {
  const handmade = customGrad(
    (x, weight, bias, ...more) => {
      const addend = more.length === 0 ? {} : { addend: more[0]! };
      const inputs = { x, ...batch, weight, bias, ...addend };
      const y = inOneGo<Tensor>("FplusxNormalizeRelu", inputs, { epsilon });
      return [y, [x, batch.mean, batch.variance, weight, bias, ...more.length === 0 ? [] : [y]]];
    },
    (dy, saved) => {
      const [x, mean, variance, weight, bias, ...sum] = saved as [
        ...[Tensor, Tensor, Tensor, Tensor, Tensor],
        ...Tensor[],
      ];
      const y = sum.length === 0 ? {} : { y: sum[0]! };
      const inputs = { dy, x, mean, variance, weight, bias, ...y };
      return inOneGo<Tensor[]>("FplusxNormalizeReluGradient", inputs, { epsilon });
    },
  );
  return handmade(x, weight, bias, ...addend === undefined ? [] : [addend]);
}

function normalized(
  x: Tensor,
  { mean, variance }: Moments,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): Tensor {
  return add(mul(sub(x, mean), mul(rsqrt(add(variance, epsilon)), weight)), bias);
}

function gradients(
  dy: Tensor,
  x: Tensor,
  { mean, variance }: Moments,
  weight: Tensor,
  epsilon: number,
): Tensor[] {
  const rows = rowsOf(x);
  const [centered, inverse] = [sub(x, mean), rsqrt(add(variance, epsilon))];
  const shift = sum(dy, leading(x)); // [channels]
  const slope = sum(mul(dy, centered), leading(x)); // [channels]
  const along = mul(centered, mul(slope, mul(square(inverse), 1 / rows)));
  const dx = mul(sub(sub(dy, along), mul(shift, 1 / rows)), mul(inverse, weight));
  return [dx, mul(slope, inverse), shift];
}
