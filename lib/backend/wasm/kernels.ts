/**
 * The kernels that we put in tfjs's registry for WASM: those that it lacks and a training step needs,
 * those that it gets wrong, and those that it takes far too long for.
 *
 * @module
 */

import { avgPool, maxPool } from "./kernels/pool.ts";
import { moments, normalize, normalizeGradient } from "./kernels/batch_norm.ts";
import { add, multiply, subtract } from "./kernels/channelwise.ts";
import { conv } from "./kernels/conv.ts";
import { convFilterGradient } from "./kernels/conv_filter_gradient.ts";
import { convInputGradient } from "./kernels/conv_input_gradient.ts";
import { depthwise } from "./kernels/depthwise.ts";
import { depthwiseFilter, depthwiseInput } from "./kernels/depthwise_gradients.ts";
import { addScaled, relu, reluGradient } from "./kernels/elementwise.ts";
import { clipByValue, maximum, minimum, relu6 } from "./kernels/extremum.ts";
import { fusedConv, fusedDepthwise, fusedMatMul } from "./kernels/fused.ts";
import { gather } from "./kernels/gather.ts";
import { identity } from "./kernels/identity.ts";
import { batchMatMul } from "./kernels/mat_mul.ts";
import { maxPoolGradient } from "./kernels/max_pool_gradient.ts";
import { padding, reverse, slice, stridedSlice, tile } from "./kernels/rearrange.ts";
import { mean, sum } from "./kernels/reduce.ts";
import { segmentSum } from "./kernels/segment_sum.ts";
import { tanh } from "./kernels/tanh.ts";
import { transpose } from "./kernels/transpose.ts";
import { compose, type Composition, install, type Kernel } from "./scratch.ts";

const KERNELS: Readonly<Record<string, Kernel>> = {
  Add: add,
  AvgPool: avgPool,
  BatchMatMul: batchMatMul,
  ClipByValue: clipByValue,
  Conv2D: conv,
  Conv2DBackpropFilter: convFilterGradient,
  Conv2DBackpropInput: convInputGradient,
  DepthwiseConv2dNative: depthwise,
  FplusxAddScaled: addScaled,
  FplusxMoments: moments,
  FplusxNormalize: normalize,
  FplusxNormalizeGradient: normalizeGradient,
  FplusxReluGradient: reluGradient,
  FusedConv2D: fusedConv,
  FusedDepthwiseConv2D: fusedDepthwise,
  GatherV2: gather,
  Identity: identity,
  Maximum: maximum,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  Mean: mean,
  Minimum: minimum,
  Multiply: multiply,
  PadV2: padding,
  Relu: relu,
  Relu6: relu6,
  Reverse: reverse,
  Slice: slice,
  StridedSlice: stridedSlice,
  Sub: subtract,
  Sum: sum,
  Tanh: tanh,
  Tile: tile,
  Transpose: transpose,
  UnsortedSegmentSum: segmentSum,
  _FusedMatMul: fusedMatMul,
};

const COMPOSITIONS: Readonly<Record<string, Composition>> = {
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseInput,
};

/** Puts our kernels in the registry. To be done once, before the backend starts. */
export function installKernels(): void {
  for (const [name, kernel] of Object.entries(KERNELS)) install(name, kernel);
  for (const [name, composition] of Object.entries(COMPOSITIONS)) compose(name, composition);
}
