/**
 * The kernels that take the place of tfjs's on WebGPU: those that it gets wrong, or differently from
 * the other backends, or slowly; and those of `lib/fused.ts`, of which it has none.
 *
 * @module
 */

import { BackendError } from "../../errors.ts";
import type { FusedKernel } from "../../fused.ts";
import { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";
import { add } from "./kernels/add.ts";
import { adam } from "./kernels/adam.ts";
import { addScaled } from "./kernels/add_scaled.ts";
import { argMax } from "./kernels/arg_max.ts";
import { arrange } from "./kernels/arrange.ts";
import {
  moments,
  normalize,
  normalizeGradient,
  normalizeRelu,
  normalizeReluGradient,
  runningMoments,
} from "./kernels/batch_norm.ts";
import { cast } from "./kernels/cast.ts";
import { conv, convFilterGradient, convInputGradient } from "./kernels/conv.ts";
import { crossEntropy } from "./kernels/cross_entropy.ts";
import { depthwise, depthwiseFilterGradient, depthwiseInputGradient } from "./kernels/depthwise.ts";
import { layerNorm, layerNormGradient } from "./kernels/layer_norm.ts";
import { matMul } from "./kernels/mat_mul.ts";
import { avgPool, avgPoolGradient, maxPool, maxPoolGradient } from "./kernels/pool.ts";
import { pow } from "./kernels/pow.ts";
import { gates, normal, uniform } from "./kernels/random.ts";
import { max, mean, sum } from "./kernels/reduce.ts";
import { reluGradient } from "./kernels/relu_gradient.ts";
import { repeat } from "./kernels/repeat.ts";
import { cumprod, cumsum } from "./kernels/scan.ts";
import { select } from "./kernels/select.ts";
import { sgd } from "./kernels/sgd.ts";
import { softmax, softmaxGradient } from "./kernels/softmax.ts";
import { pad, spread } from "./kernels/spread.ts";
import { tanh } from "./kernels/tanh.ts";

/** Gives a result, or nothing where the stock kernel does the job. */
export type Kernel = (
  backend: GuardedBackend,
  // deno-lint-ignore no-explicit-any -- tfjs's inputs are untyped; each kernel says what it reads
  inputs: any,
  // deno-lint-ignore no-explicit-any -- as are its attributes
  attributes: any,
  stock: (inputs: Readonly<Record<string, tf.TensorInfo>>) => tf.TensorInfo,
) => tf.TensorInfo | undefined;

const KERNELS: Readonly<Record<string, Kernel>> = {
  Add: add,
  ArgMax: argMax,
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGradient,
  BatchMatMul: matMul,
  Cast: cast,
  Conv2D: conv,
  Conv2DBackpropFilter: convFilterGradient,
  Conv2DBackpropInput: convInputGradient,
  Cumprod: cumprod,
  Cumsum: cumsum,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  Max: max,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  Mean: mean,
  PadV2: pad,
  Pow: pow,
  Select: select,
  Softmax: softmax,
  Sum: sum,
  Tanh: tanh,
};

/** Gives the results of a fused operation. */
export type NewKernel = (
  backend: GuardedBackend,
  // deno-lint-ignore no-explicit-any -- as above
  inputs: any,
  // deno-lint-ignore no-explicit-any -- as above
  attributes: any,
) => tf.TensorInfo | tf.TensorInfo[];

const FUSED: Partial<Readonly<Record<FusedKernel, NewKernel>>> = {
  FplusxAdam: adam,
  FplusxAddScaled: addScaled,
  FplusxArrange: arrange,
  FplusxCrossEntropy: crossEntropy,
  FplusxGates: gates,
  FplusxGroupedConv: always(conv),
  FplusxGroupedConvBackpropFilter: always(convFilterGradient),
  FplusxGroupedConvBackpropInput: always(convInputGradient),
  FplusxLayerNorm: layerNorm,
  FplusxLayerNormGradient: layerNormGradient,
  FplusxMoments: moments,
  FplusxNormal: normal,
  FplusxNormalize: normalize,
  FplusxNormalizeGradient: normalizeGradient,
  FplusxNormalizeRelu: normalizeRelu,
  FplusxNormalizeReluGradient: normalizeReluGradient,
  FplusxReluGradient: reluGradient,
  FplusxRepeat: repeat,
  FplusxRunningMoments: runningMoments,
  FplusxSgd: sgd,
  FplusxSoftmaxGradient: softmaxGradient,
  FplusxSpread: spread,
  FplusxUniform: uniform,
};

/** A kernel for which there is no stock. */
function always(kernel: Kernel): NewKernel {
  const none = () => {
    throw new BackendError("Cannot fall back on a stock kernel: there is none");
  };
  return (backend, inputs, attributes) => kernel(backend, inputs, attributes, none) ?? none();
}

let installed = false;

/** Puts our kernels in the registry. A second call does nothing. */
export function installKernels(): void {
  if (installed) return;
  installed = true;
  for (const [name, kernel] of Object.entries(KERNELS)) install(name, kernel);
  for (const [kernelName, kernel] of Object.entries(FUSED)) {
    tf.registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: ({ backend, inputs, attrs }) => kernel(backend as GuardedBackend, inputs, attrs),
    });
  }
}

function install(name: string, kernel: Kernel): void {
  const old = tf.getKernel(name, "webgpu");
  tf.unregisterKernel(name, "webgpu");
  tf.registerKernel({
    ...old,
    kernelFunc(call) {
      const { inputs, attrs, backend } = call;
      const stock = (inputs: object) =>
        old.kernelFunc({ ...call, inputs: inputs as tf.NamedTensorInfoMap }) as tf.TensorInfo;
      return kernel(backend as GuardedBackend, inputs, attrs, stock) ?? stock(inputs);
    },
  });
}
