/**
 * Constants that stay on the device as long as the array lives that they were made from.
 *
 * @module
 */

import type { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";

const known = new WeakMap<GuardedBackend, WeakMap<Float32Array, tf.TensorInfo>>();

/** Lets go of what an array that is gone has left on the device. */
const gone = new FinalizationRegistry<() => void>((letGo) => letGo());

/** Gives the values of an array, which is never changed, on the device. */
export function resident(backend: GuardedBackend, values: Float32Array): tf.TensorInfo {
  let all = known.get(backend);
  if (all === undefined) known.set(backend, all = new WeakMap());
  let info = all.get(values);
  if (info !== undefined) return info;
  all.set(values, info = backend.makeTensorInfo([values.length], "float32", values.slice()));
  const { dataId } = info;
  gone.register(values, () => backend.disposeData(dataId));
  return info;
}
