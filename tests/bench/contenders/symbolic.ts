/** Layers of tfjs, applied one after the other. */

import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";

/** Applies a layer. */
export function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  x: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor; // what is applied to a symbolic tensor gives one
}

/** Puts zeros around an image. */
export function padded(x: SymbolicTensor, padding: number): SymbolicTensor {
  return padding === 0 ? x : apply(layers.zeroPadding2d({ padding }), x);
}
