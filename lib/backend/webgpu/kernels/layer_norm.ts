/**
 * Layer normalisation: forward in one dispatch, back in one and two more for weight and bias.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { columnsOf } from "../columns.ts";
import { dispatch } from "../dispatch.ts";
import { rowsOf } from "../rows.ts";
import { affineParts } from "./layer_norm/affine_parts.ts";
import { affineSums } from "./layer_norm/affine_sums.ts";
import { rowNormalized } from "./layer_norm/row_normalized.ts";
import { rowSlope } from "./layer_norm/row_slope.ts";

type Inputs<K extends string> = Readonly<Record<K, tf.TensorInfo>>;
type Epsilon = { readonly epsilon: number };

/** `FplusxLayerNorm`. */
export function layerNorm(
  backend: GuardedBackend,
  { x, weight, bias }: Inputs<"x" | "weight" | "bias">,
  { epsilon }: Epsilon,
): tf.TensorInfo {
  const y = backend.makeTensorInfo(x.shape, "float32");
  const program = rowNormalized(rowsOf(x.shape, backend.software), epsilon);
  dispatch(backend, program, [y], [x, weight, bias]);
  return y;
}

/** `FplusxLayerNormGradient`. */
export function layerNormGradient(
  backend: GuardedBackend,
  { dy, x, weight }: Inputs<"dy" | "x" | "weight">,
  { epsilon }: Epsilon,
): tf.TensorInfo[] {
  const make = (...shape: number[]) => backend.makeTensorInfo(shape, "float32");
  const rows = rowsOf(x.shape, backend.software);
  const columns = columnsOf(x.shape, backend.software);
  const [dx, moments] = [make(...x.shape), make(rows.rows, 2)];
  dispatch(backend, rowSlope(rows, epsilon), [dx, moments], [dy, x, weight]);

  const parts = [make(columns.chunks, rows.length), make(columns.chunks, rows.length)];
  dispatch(backend, affineParts(columns), parts, [dy, x, moments]);
  const sums = [make(rows.length), make(rows.length)];
  dispatch(backend, affineSums(columns), sums, parts);
  for (const { dataId } of [moments, ...parts]) backend.disposeData(dataId);
  return [dx, ...sums];
}
