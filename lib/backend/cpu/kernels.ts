/**
 * tfjs's backend in plain JavaScript, with its two kernels in which NaN is lost replaced: `MaxPool`
 * and its gradient. NaN is larger than any number, as on the other backends.
 *
 * @module
 */

import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-cpu";
import { tf } from "../../tfjs.ts";
import { type PoolAttributes, poolingInfo } from "../pooling.ts";

let installed = false;

/** Puts our kernels in the registry. A second call does nothing. */
export function installKernels(): void {
  if (installed) return;
  installed = true;
  install("MaxPool", (backend, { x }, attributes) => {
    const { outShape } = poolingInfo(x!.shape, attributes);
    const y = new Float32Array(tf.util.sizeFromShape(outShape));
    const values = valuesOf(backend, x!);
    largest(values, x!.shape, attributes).forEach((at, i) => y[i] = values[at]!);
    return backend.makeTensorInfo(outShape, x!.dtype, y);
  });
  install("MaxPoolGrad", (backend, { dy, input }, attributes) => {
    const dx = new Float32Array(tf.util.sizeFromShape(input!.shape));
    const values = valuesOf(backend, dy!);
    largest(valuesOf(backend, input!), input!.shape, attributes)
      .forEach((at, i) => dx[at]! += values[i]!);
    return backend.makeTensorInfo(input!.shape, input!.dtype, dx);
  });
}

type Kernel = (
  backend: MathBackendCPU,
  inputs: tf.NamedTensorInfoMap,
  attributes: PoolAttributes,
) => tf.TensorInfo;

function install(name: string, kernel: Kernel): void {
  tf.unregisterKernel(name, "cpu");
  tf.registerKernel({
    kernelName: name,
    backendName: "cpu",
    // The registry's types leave the backend and the attributes open.
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel(backend as MathBackendCPU, inputs, attrs as unknown as PoolAttributes),
  });
}

function valuesOf(backend: MathBackendCPU, x: tf.TensorInfo): Float32Array {
  return backend.data.get(x.dataId).values as Float32Array; // pooling is of floats
}

/** Gives the position of the largest value in each window, channel by channel. */
function largest(x: Float32Array, shape: number[], attributes: PoolAttributes): Int32Array {
  const info = poolingInfo(shape, attributes);
  const { inHeight, inWidth, inChannels, outShape: [batch, rows, columns], padInfo } = info;
  const found = new Int32Array(batch * rows * columns * inChannels).fill(-1);
  const range = (i: number, stride: number, before: number, size: number, end: number) => {
    const first = i * stride - before;
    return [Math.max(first, 0), Math.min(first + size, end)] as const;
  };
  for (let out = 0; out < found.length; out++) {
    const c = out % inChannels;
    const window = Math.floor(out / inChannels);
    const [n, i, j] = [
      Math.floor(window / (rows * columns)),
      Math.floor(window / columns) % rows,
      window % columns,
    ];
    const [top, bottom] = range(i, info.strideHeight, padInfo.top, info.filterHeight, inHeight);
    const [left, right] = range(j, info.strideWidth, padInfo.left, info.filterWidth, inWidth);
    for (let y = top; y < bottom; y++) {
      for (let column = left; column < right; column++) {
        const at = ((n * inHeight + y) * inWidth + column) * inChannels + c;
        const [best, value] = [found[out]!, x[at]!];
        if (best < 0 || Number.isNaN(value) || value > x[best]!) found[out] = at;
      }
    }
  }
  return found;
}
