/**
 * Gradients that tfjs 4.22 gets wrong or lacks, put right in its registry for every backend:
 * broadcasting in maximum, minimum, squared difference and batched matrix products; dilated
 * convolutions; slices with steps; products; max pooling, the second time; and comparisons, through
 * which no gradient flows, but which must not stop one that flows beside them.
 *
 * @module
 */

import { tf } from "../tfjs.ts";
import { convFilterGradient, convInputGradient, type Geometry } from "./gradients/conv.ts";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./gradients/depthwise.ts";
import { pickLargest } from "./gradients/max_pool.ts";
import { prodGradient } from "./gradients/prod.ts";
import { stridedSliceGradient } from "./gradients/strided_slice.ts";
import type { PoolAttributes } from "./pooling.ts";

type Gradients = Record<string, () => tf.Tensor>;
type Saved = tf.Tensor[];

/** Kernels whose result is the same all around a point, with the names of their inputs. */
const FLAT: Readonly<Record<string, readonly string[]>> = {
  Equal: ["a", "b"],
  NotEqual: ["a", "b"],
  Greater: ["a", "b"],
  GreaterEqual: ["a", "b"],
  Less: ["a", "b"],
  LessEqual: ["a", "b"],
  LogicalAnd: ["a", "b"],
  LogicalOr: ["a", "b"],
  LogicalNot: ["x"],
  IsNan: ["x"],
  IsInf: ["x"],
  IsFinite: ["x"],
  ArgMax: ["x"],
  ArgMin: ["x"],
  All: ["x"],
  Any: ["x"],
};

let registered = false;

/** Puts the gradients in tfjs's registry. A second call does nothing. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;

  for (const [kernel, inputs] of Object.entries(FLAT)) {
    register(
      kernel,
      inputs,
      (_dy, saved) =>
        Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape)])),
    );
  }

  register("Maximum", ["a", "b"], (dy, [a, b]) => chosen(dy, tf.greaterEqual(a!, b!), a!, b!));
  register("Minimum", ["a", "b"], (dy, [a, b]) => chosen(dy, tf.lessEqual(a!, b!), a!, b!));
  register("SquaredDifference", ["a", "b"], (dy, [a, b]) => {
    const slope = () => tf.mul(dy, tf.mul(2, tf.sub(a!, b!)));
    return { a: () => reduceTo(slope(), a!), b: () => reduceTo(tf.neg(slope()), b!) };
  });
  register("BatchMatMul", ["a", "b"], matMulGradient);
  register("StridedSlice", ["x"], (dy, [x], attributes) => ({
    x: () => stridedSliceGradient(dy, x!.shape, attributes),
  }));

  register("FplusxSpread", ["x"], (dy, [x], { begin, strides }) => {
    const [from, steps] = [begin as number[], strides as number[]];
    const end = x!.shape.map((count, axis) => from[axis]! + (count - 1) * steps[axis]! + 1);
    return { x: () => tf.stridedSlice(dy, from, end, steps) };
  });
  register("Prod", ["x"], (dy, [x], { axis }) => ({
    x: () => prodGradient(dy, x!, axis as number[]),
  }));
  // What second derivatives need: all of these are linear in each input.
  for (const convolution of ["Conv2D", "DepthwiseConv2dNative", "FplusxGroupedConv"]) {
    register(`${convolution}BackpropFilter`, ["x", "dy"], (ddFilter, [x, dy], attributes) => ({
      x: () =>
        run(`${convolution}BackpropInput`, { dy: dy!, filter: ddFilter }, {
          ...attributes,
          inputShape: x!.shape,
        }),
      dy: () => run(convolution, { x: x!, filter: ddFilter }, { dilations: 1, ...attributes }),
    }));
  }
  for (const convolution of ["DepthwiseConv2dNative", "FplusxGroupedConv"]) {
    register(`${convolution}BackpropInput`, ["dy", "filter"], (ddx, [dy, filter], attributes) => ({
      dy: () => run(convolution, { x: ddx, filter: filter! }, attributes),
      filter: () =>
        run(`${convolution}BackpropFilter`, { x: ddx, dy: dy! }, {
          ...attributes,
          filterShape: filter!.shape,
        }),
    }));
  }
  register("FplusxGroupedConv", ["x", "filter"], gradientOf("FplusxGroupedConv"));
  register("AvgPoolGrad", ["input"], (ddx, [input], attributes) => ({
    dy: () => run("AvgPool", { x: ddx }, attributes),
    input: () => tf.zerosLike(input!),
  }));
  register("MaxPoolGrad", ["input", "output"], (ddx, [input, output], attributes) => ({
    dy: () => pickLargest(ddx, input!, attributes as unknown as PoolAttributes),
    input: () => tf.zerosLike(input!),
    output: () => tf.zerosLike(output!),
  }));
  register("EluGrad", ["dy", "y"], (ddx, [dy, y]) => ({
    dy: () => run("EluGrad", { dy: ddx, y: y! }, {}),
    y: () => tf.mul(tf.mul(ddx, dy!), tf.cast(tf.less(y!, 0), "float32")),
  }));
  // All that the gradient of relu is in one go, where the backend can.
  amend("Relu", (core) => (dy, saved, attributes) => {
    if (tf.getKernel("FplusxReluGradient", tf.getBackend()) === undefined) {
      return core(dy, saved, attributes);
    }
    return { x: () => run("FplusxReluGradient", { dy, x: saved[0]! }, {}) };
  });
  register("FplusxReluGradient", ["x"], (ddx, [x]) => ({
    dy: () => run("FplusxReluGradient", { dy: ddx, x: x! }, {}),
    x: () => tf.zerosLike(x!),
  }));
  register("FplusxAddScaled", ["y", "factor"], (dy, [y, factor]) => ({
    x: () => tf.clone(dy),
    y: () => tf.mul(dy, factor!),
    factor: () => tf.sum(tf.mul(dy, y!)),
  }));
  register("FplusxLayerNorm", ["x", "weight"], (dy, [x, weight], attributes) => {
    const inputs = { dy, x: x!, weight: weight! };
    const found = tf.engine().runKernel("FplusxLayerNormGradient", inputs, attributes);
    const [dx, dWeight, dBias] = found as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { x: () => dx, weight: () => dWeight, bias: () => dBias };
  });
  amend("Softmax", (core) => (dy, saved, attributes) => {
    if (tf.getKernel("FplusxSoftmaxGradient", tf.getBackend()) === undefined) {
      return core(dy, saved, attributes);
    }
    return { logits: () => run("FplusxSoftmaxGradient", { dy, y: saved[0]! }, {}) };
  });
  register("FplusxSoftmaxGradient", ["dy", "y"], (ddx, [dy, y]) => ({
    dy: () => run("FplusxSoftmaxGradient", { dy: ddx, y: y! }, {}),
    y: () => {
      const along = (slope: tf.Tensor) => tf.sum(tf.mul(slope, y!), -1, true);
      return tf.sub(tf.mul(ddx, tf.sub(dy!, along(dy!))), tf.mul(dy!, along(ddx)));
    },
  }));
  // The gradient of a sum or mean is repeated, not multiplied by ones.
  for (const kernel of ["Sum", "Mean"]) {
    amend(kernel, (core) => (dy, saved, attributes) => {
      if (tf.getKernel("FplusxRepeat", tf.getBackend()) === undefined) {
        return core(dy, saved, attributes);
      }
      const { shape } = saved[0]!;
      const axes = tf.util.parseAxisParam(attributes.axis as number[], shape);
      const divisor = kernel === "Sum" ? 1 : axes.reduce((all, axis) => all * shape[axis]!, 1);
      return { x: () => run("FplusxRepeat", { x: dy }, { shape, axes, divisor }) };
    });
  }
  register("FplusxRepeat", ["x"], (dy, [x], { axes, divisor }) => ({
    x: () => tf.div(tf.reshape(tf.sum(dy, axes as number[]), x!.shape), divisor as number),
  }));
  tf.registerGradient({
    kernelName: "FplusxRunningMoments",
    // Only what is remembered has a gradient, by what was remembered before.
    gradFunc: (dy, _saved, { decay, shape }) => {
      const [, , mean, variance] = dy as tf.Tensor[];
      return {
        x: () => tf.zeros(shape as number[]),
        mean: () => tf.mul(mean!, decay as number),
        variance: () => tf.mul(variance!, decay as number),
      };
    },
  });
  amend("Conv2D", (core) => (dy, saved, attributes) => {
    if (!isDilated(attributes)) return core(dy, saved, attributes);
    const [x, filter] = saved as [tf.Tensor, tf.Tensor];
    const info = geometryOf(x, filter, attributes, false);
    return {
      x: () => convInputGradient(dy, filter, info),
      filter: () => convFilterGradient(x, dy, info),
    };
  });
  const ofDepthwise = gradientOf("DepthwiseConv2dNative");
  amend("DepthwiseConv2dNative", (core) => (dy, saved, attributes) => {
    if (!isDilated(attributes)) return core(dy, saved, attributes);
    // The kernels of WebGPU are ours, and know dilations.
    if (tf.getBackend() === "webgpu") return ofDepthwise(dy, saved, attributes);
    const [x, filter] = saved as [tf.Tensor, tf.Tensor];
    const info = geometryOf(x, filter, attributes, true);
    return {
      x: () => depthwiseInputGradient(dy, filter, info),
      filter: () => depthwiseFilterGradient(x, dy, info),
    };
  });
}

type Attributes = tf.NamedAttrMap;
type GradientFunction = (dy: tf.Tensor, saved: Saved, attributes: Attributes) => Gradients;

function register(
  kernelName: string,
  inputsToSave: readonly string[],
  f: GradientFunction,
  outputsToSave: readonly boolean[] = [],
): void {
  if (tf.getGradient(kernelName) !== undefined) tf.unregisterGradient(kernelName);
  const gradFunc = f as tf.GradFunc; // each of these kernels has one result, hence one dy
  const saved = { inputsToSave: [...inputsToSave], outputsToSave: [...outputsToSave] };
  tf.registerGradient({ kernelName, ...saved, gradFunc });
}

/** Runs a kernel as a recorded operation. */
function run(kernel: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attributes as Attributes);
}

/** Registers a gradient that falls back on tfjs's own. */
function amend(kernelName: string, f: (core: GradientFunction) => GradientFunction): void {
  const { gradFunc, inputsToSave = [], outputsToSave } = tf.getGradient(kernelName);
  register(kernelName, inputsToSave, f(gradFunc as GradientFunction), outputsToSave);
}

/** Sums a gradient over the axes along which `x` was repeated. */
function reduceTo(gradient: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(x.shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, x.shape);
}

/** Gradients where a mask says that `a` was chosen, and `b` elsewhere. */
function chosen(dy: tf.Tensor, mask: tf.Tensor, a: tf.Tensor, b: tf.Tensor): Gradients {
  const none = tf.zerosLike(dy);
  return {
    a: () => reduceTo(tf.where(mask, dy, none), a),
    b: () => reduceTo(tf.where(mask, none, dy), b),
  };
}

const matMulGradient: GradientFunction = (dy, [a, b], { transposeA, transposeB }) => {
  const [x, y] = [a!, b!];
  const left = () =>
    transposeA ? tf.matMul(y, dy, Boolean(transposeB), true) : tf.matMul(dy, y, false, !transposeB);
  const right = () =>
    transposeB ? tf.matMul(dy, x, true, Boolean(transposeA)) : tf.matMul(x, dy, !transposeA, false);
  return { a: () => reduceTo(left(), x), b: () => reduceTo(right(), y) };
};

/** The gradient of a convolution whose kernels know all that it knows. */
function gradientOf(convolution: string): GradientFunction {
  return (dy, saved, attributes) => {
    const [x, filter] = saved as [tf.Tensor, tf.Tensor];
    const [ofInput, ofFilter] = [`${convolution}BackpropInput`, `${convolution}BackpropFilter`];
    return {
      x: () => run(ofInput, { dy, filter }, { ...attributes, inputShape: x.shape }),
      filter: () => run(ofFilter, { x, dy }, { ...attributes, filterShape: filter.shape }),
    };
  };
}

function isDilated({ dilations }: Attributes): boolean {
  return [dilations ?? 1].flat().some((dilation) => dilation !== 1);
}

function geometryOf(
  x: tf.Tensor,
  filter: tf.Tensor,
  attributes: Attributes,
  depthwise: boolean,
): Geometry {
  // The registry's attributes are untyped; these are the ones of both convolutions.
  const { strides, dilations, pad, dimRoundingMode } = attributes as unknown as ConvAttributes;
  return tf.backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filter.shape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
}

type Shape4D = [number, number, number, number];

interface ConvAttributes {
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}
