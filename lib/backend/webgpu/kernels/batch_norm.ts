/**
 * Batch normalisation in train mode, with what comes after it: moments, forward and back in three
 * programs each. Moments and sums are taken in chunks of rows, which a second program puts together,
 * and the third goes over all values once.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { columnsOf } from "../columns.ts";
import { dispatch } from "../dispatch.ts";
import { halvesAmong } from "../halves.ts";
import { gradientCoefficients } from "./batch_norm/gradient_coefficients.ts";
import { gradientParts } from "./batch_norm/gradient_parts.ts";
import { inputGradient } from "./batch_norm/input_gradient.ts";
import { mergedMoments } from "./batch_norm/merged_moments.ts";
import { momentParts } from "./batch_norm/moment_parts.ts";
import { type Ending, normalized } from "./batch_norm/normalized.ts";

type Info = tf.TensorInfo;
type Inputs<K extends string> = Readonly<Record<K, Info>>;

const make = (backend: GuardedBackend, ...shape: number[]): Info =>
  backend.makeTensorInfo(shape, "float32");

/** `FplusxMoments`. */
export function moments(backend: GuardedBackend, { x }: Inputs<"x">): Info[] {
  return momentsOf(backend, x, []);
}

/** `FplusxRunningMoments`. */
export function runningMoments(
  backend: GuardedBackend,
  { x, mean, variance }: Inputs<"x" | "mean" | "variance">,
  { decay }: { readonly decay: number },
): Info[] {
  return momentsOf(backend, x, [mean, variance], decay);
}

/** The moments of `x`, and with a decay the next averages from the old ones. */
function momentsOf(
  backend: GuardedBackend,
  x: Info,
  old: readonly Info[],
  decay?: number,
): Info[] {
  const columns = columnsOf(x.shape, backend.software);
  const channels = x.shape.at(-1)!;
  const halves = halvesAmong(backend, { x });
  const parts = make(backend, columns.chunks, 2 * channels);
  dispatch(backend, momentParts(columns, halves), [parts], [x]);
  const results = ["mean", "variance", ...old].map(() => make(backend, channels));
  dispatch(backend, mergedMoments(columns, decay, halves), results, [parts, x, ...old]);
  backend.disposeData(parts.dataId);
  return results;
}

type Normalization = Inputs<"x" | "mean" | "variance" | "weight" | "bias"> & {
  readonly addend?: Info;
};
type Epsilon = { readonly epsilon: number };

/** `FplusxNormalize`. */
export function normalize(
  backend: GuardedBackend,
  inputs: Normalization,
  attributes: Epsilon,
): Info {
  return normalizedBy(backend, inputs, attributes, "none");
}

/** `FplusxNormalizeRelu`. */
export function normalizeRelu(
  backend: GuardedBackend,
  inputs: Normalization,
  attributes: Epsilon,
): Info {
  return normalizedBy(backend, inputs, attributes, inputs.addend === undefined ? "relu" : "sum");
}

function normalizedBy(
  backend: GuardedBackend,
  { x, mean, variance, weight, bias, addend }: Normalization,
  { epsilon }: Epsilon,
  ending: Ending,
): Info {
  const halves = halvesAmong(backend, { x, addend, y: "new" });
  const program = normalized(columnsOf(x.shape, backend.software), epsilon, ending, halves);
  const y = make(backend, ...x.shape);
  const more = addend === undefined ? [] : [addend];
  dispatch(backend, program, [y], [x, mean, variance, weight, bias, ...more]);
  return y;
}

type Saved = Inputs<"dy" | "x" | "mean" | "variance" | "weight"> & {
  readonly bias?: Info;
  readonly y?: Info;
};

/** `FplusxNormalizeGradient`. */
export function normalizeGradient(
  backend: GuardedBackend,
  inputs: Saved,
  attributes: Epsilon,
): Info[] {
  return gradientsBy(backend, inputs, attributes, "none");
}

/** `FplusxNormalizeReluGradient`. */
export function normalizeReluGradient(
  backend: GuardedBackend,
  inputs: Saved & Inputs<"bias">,
  attributes: Epsilon,
): Info[] {
  return gradientsBy(backend, inputs, attributes, inputs.y === undefined ? "relu" : "sum");
}

function gradientsBy(
  backend: GuardedBackend,
  { dy, x, y, mean, variance, weight, bias }: Saved,
  { epsilon }: Epsilon,
  ending: Ending,
): Info[] {
  const columns = columnsOf(x.shape, backend.software);
  const channels = x.shape.at(-1)!;
  const slopes = ending === "sum" ? [make(backend, ...x.shape)] : [];
  const parts = make(backend, columns.chunks, 2 * channels);
  const more = { none: [], relu: [variance, weight, bias!], sum: [y!] }[ending];
  const halves = halvesAmong(backend, { dy, x, y, slope: "new" });
  const sums = gradientParts(columns, epsilon, ending, halves);
  dispatch(backend, sums, [parts, ...slopes], [dy, x, mean, ...more]);

  const coefficients = make(backend, 4, channels);
  const [dWeight, dBias] = [make(backend, channels), make(backend, channels)];
  dispatch(
    backend,
    gradientCoefficients(columns, epsilon),
    [dWeight, dBias, coefficients],
    [parts, mean, variance, weight],
  );

  const dx = make(backend, ...x.shape);
  const rectified = ending === "relu";
  const own = slopes[0] ?? dy;
  const program = inputGradient(
    columns,
    rectified,
    halvesAmong(backend, { dy: own, x, dx: "new" }),
  );
  dispatch(backend, program, [dx], [own, x, coefficients, ...rectified ? [bias!] : []]);
  for (const { dataId } of [parts, coefficients]) backend.disposeData(dataId);
  return [dx, dWeight, dBias, ...slopes];
}
