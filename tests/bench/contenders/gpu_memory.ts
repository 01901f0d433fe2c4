/** Memory on the GPU, for libraries on tfjs. */

import * as tf from "@tensorflow/tfjs-core";

/** What the backend of tfjs holds on the GPU, in use or not; NaN elsewhere. */
export function gpuMB(): number {
  const { numBytesAllocatedInGPU } = tf.memory() as { numBytesAllocatedInGPU?: number };
  return (numBytesAllocatedInGPU ?? NaN) / 1e6;
}
