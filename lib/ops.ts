/**
 * The operations on tensors that layers are written in, and the only seam to tfjs's. Each is a plain
 * function from tensors to a new tensor; numbers may stand for scalars. Images are
 * `[batch, height, width, channels]`, kernels `[height, width, in, out]`, padding is explicit.
 *
 * @module
 */

import { ArgumentError, DTypeError, EmptyError, ShapeError, showShape } from "./errors.ts";
import { fused } from "./fused.ts";
import { inspect } from "./recording.ts";
import {
  alive,
  type DType,
  isTensor,
  rememberValues,
  sameShape,
  type Scalar,
  type Shape,
  sizeOf,
  type Tensor,
  type Values,
} from "./tensor.ts";
import { tf } from "./tfjs.ts";

/** A tensor, or a number that stands for a scalar. */
export type Operand = Tensor | number;
/** Two numbers: for height and width, or before and after. */
export type Pair = readonly [number, number];
type Native = tf.Tensor;

/** Padding before and after the height and the width, in pixels. */
export type Padding2d = readonly [height: Pair, width: Pair];

// Our tensors *are* tfjs tensors with a narrower type: these two casts are the seam.
function native<T extends Native = Native>(x: Tensor): T {
  return alive(x) as unknown as T;
}
const ours = (x: Native): Tensor => x as unknown as Tensor;
const operand = (x: Operand): Native => isTensor(x) ? native(x) : tf.scalar(x);

const unary = (f: (x: Native) => Native) => (x: Tensor): Tensor => ours(f(native(x)));
const binary = (f: (a: Native, b: Native) => Native) => (a: Operand, b: Operand): Tensor =>
  isTensor(a) && isTensor(b)
    ? ours(f(native(a), native(b)))
    : tidy(() => ours(f(operand(a), operand(b))));

/** An operation on one tensor. */
export type Unary = (x: Tensor) => Tensor;
/** An operation on two tensors, with broadcasting. */
export type Binary = (a: Operand, b: Operand) => Tensor;

/* ------------------------------------------------------------------ lifetimes */

/** Runs `f` and lets go of every tensor made in it, except those in what it returns. */
export function tidy<T>(f: () => T): T {
  return tf.tidy(f as () => tf.TensorContainer) as T;
}

/** Gives another handle on the same values; each is disposed by itself. */
export const clone: Unary = unary((x) => tf.clone(x));

/** Takes a tensor out of every surrounding {@linkcode tidy}: only `dispose` lets go of it. */
export function keep(x: Tensor): Tensor {
  return ours(tf.keep(native(x)));
}

/* ------------------------------------------------------------------- creation */

/**
 * Makes a tensor from host values, row by row; a plain array of numbers gives `float32`.
 *
 * @throws {DTypeError} If the array is of another type than `dtype` says, or of none that tensors have.
 * @throws {ShapeError} If the number of values is not what `shape` needs.
 *
 * @example Class labels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * using labels = tensor(Int32Array.of(3, 1, 4));
 * assertEquals(labels.dtype, "int32");
 * ```
 */
export function tensor(values: readonly number[] | Values, shape?: Shape): Tensor {
  // A copy, since backends may keep the array that they are given, and a tensor never changes.
  const array = Array.isArray(values) ? Float32Array.from(values) : (values as Values)?.slice?.();
  const dtype = dtypeOf(array);
  if (dtype === undefined) {
    const kind = ArrayBuffer.isView(values) ? values.constructor.name : typeof values;
    throw new DTypeError(
      `Cannot make a tensor from a ${kind}: need a Float32Array, Int32Array, Uint8Array (bool) or ` +
        "an array of numbers",
    );
  }
  const size = shape === undefined ? array.length : sizeOf(shape);
  if (size !== array.length) {
    throw new ShapeError(
      `Cannot make a tensor of shape ${
        showShape(shape!)
      }: need ${size} values, got ${array.length}`,
    );
  }
  const made = ours(tf.tensor(array, [...shape ?? [array.length]], dtype));
  rememberValues(made, array);
  return made;
}

function dtypeOf(array: unknown): DType | undefined {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Int32Array) return "int32";
  return array instanceof Uint8Array ? "bool" : undefined;
}

/** Makes a tensor of rank 0. */
export function scalar(value: number, dtype: "float32" | "int32" = "float32"): Scalar {
  return tensor(dtype === "int32" ? Int32Array.of(value) : Float32Array.of(value), []);
}

/** Makes a tensor filled with one value. */
export function fill(shape: Shape, value: number): Tensor {
  return ours(tf.fill([...shape], value));
}

/** Makes a tensor of zeros. */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  return ours(tf.zeros([...shape], dtype));
}

/** Makes a tensor of ones. */
export function ones(shape: Shape): Tensor {
  return ours(tf.ones([...shape]));
}

/** Makes a tensor of zeros of the shape and type of another. */
export const zerosLike: Unary = unary((x) => tf.zerosLike(x));

/** Turns integer labels `[...]` into rows `[..., classes]` with a one at the label. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  if (labels.dtype !== "int32") {
    throw new DTypeError(`Cannot encode ${labels.dtype} labels: need int32`);
  }
  // tfjs has none of a single class.
  if (classes === 1) {
    return tidy(() => reshape(cast(equal(labels, 0), "float32"), [...labels.shape, 1]));
  }
  return tidy(() => ours(tf.cast(tf.oneHot(native(labels), classes), "float32")));
}

/** Gives the values in another element type; a number is true if it is not zero. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return dtype === "bool"
    ? tidy(() => ours(tf.notEqual(native(x), 0)))
    : ours(tf.cast(native(x), dtype));
}

/* ----------------------------------------------------------------- arithmetic */

/** `a + b`, with broadcasting. */
export const add: Binary = binary((a, b) => tf.add(a, b));
/** `a - b`, with broadcasting. */
export const sub: Binary = binary((a, b) => tf.sub(a, b));
/** `a · b`, element by element, with broadcasting. */
export const mul: Binary = binary((a, b) => tf.mul(a, b));
/** `a / b`, with broadcasting. */
export const div: Binary = binary((a, b) => tf.div(a, b));
/** `a` to the power of `b`, with broadcasting. */
export const pow: Binary = binary((a, b) => tf.pow(a, b));
/** The larger of `a` and `b`, with broadcasting. */
export const maximum: Binary = binary((a, b) => tf.maximum(a, b));
/** The smaller of `a` and `b`, with broadcasting. */
export const minimum: Binary = binary((a, b) => tf.minimum(a, b));
/** Where `a > b`, as booleans; has no gradient. */
export const greater: Binary = binary((a, b) => tf.greater(a, b));
/** Where `a ≥ b`, as booleans; has no gradient. */
export const greaterEqual: Binary = binary((a, b) => tf.greaterEqual(a, b));
/** Where `a = b`, as booleans; has no gradient. */
export const equal: Binary = binary((a, b) => tf.equal(a, b));
/** `-x`. */
export const neg: Unary = unary((x) => tf.neg(x));
/** `|x|`. */
export const abs: Unary = unary((x) => tf.abs(x));
/** The sign of `x`: -1, 0 or 1. */
export const sign: Unary = unary((x) => tf.sign(x));
/** `x²`. */
export const square: Unary = unary((x) => tf.square(x));
/** `√x`. */
export const sqrt: Unary = unary((x) => tf.sqrt(x));
/** `1 / √x`. */
export const rsqrt: Unary = unary((x) => tf.rsqrt(x));
/** `eˣ`. */
export const exp: Unary = unary((x) => tf.exp(x));
/** The natural logarithm. */
export const log: Unary = unary((x) => tf.log(x));
/** `max(x, 0)`. */
export const relu: Unary = unary((x) => tf.relu(x));
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid: Unary = unary((x) => tf.sigmoid(x));
/** The hyperbolic tangent. */
export const tanh: Unary = unary((x) => tf.tanh(x));
/** `log(1 + eˣ)`. */
export const softplus: Unary = unary((x) => tf.softplus(x));
/** The error function. */
export const erf: Unary = unary((x) => tf.erf(x));
/** `x` where positive, else `eˣ - 1`. */
export const elu: Unary = unary((x) => tf.elu(x));
/** The scaled exponential linear unit of Klambauer et al. 2017. */
export const selu: Unary = unary((x) => tf.selu(x));

/** `x + factor · y`, with broadcasting; in one go where the backend can and `x` and `y` are alike. */
export function addScaled(x: Tensor, y: Tensor, factor: Scalar): Tensor {
  const definition = () => tidy(() => add(x, mul(y, factor)));
  const alike = sameShape(x.shape, y.shape) && factor.shape.length === 0 &&
    [x, y, factor].every(({ dtype }) => dtype === "float32");
  return alike ? fused("FplusxAddScaled", { x, y, factor }, {}, definition) : definition();
}

/** Picks from `a` where `condition` holds and from `b` elsewhere. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return tidy(() => ours(tf.where(native(condition), operand(a), operand(b))));
}

/** Limits the values to `[low, high]`. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  return ours(tf.clipByValue(native(x), low, high));
}

/** Softmax over the last axis. */
export const softmax: Unary = unary((x) => tf.softmax(x));
/** Logarithm of the softmax over the last axis, without overflow. */
export const logSoftmax: Unary = unary((x) => tf.logSoftmax(x));

/* ----------------------------------------------------------------- reductions */

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];
/** Reduces over axes (all when none are named), keeping them with size 1 if asked. */
export type Reduction = (x: Tensor, axes?: Axes, keepAxes?: boolean) => Tensor;
type Fold = (x: Native, axes?: number | number[], keepAxes?: boolean) => Native;

const reduction =
  (name: string, f: Fold, ofNothing?: number) =>
  (x: Tensor, axes?: Axes, keepAxes = false): Tensor => {
    if (x.size === 0) return foldNothing(name, x, axes, keepAxes, ofNothing);
    return ours(f(native(x), typeof axes === "object" ? [...axes] : axes, keepAxes));
  };

/** The backends disagree about tensors without elements, and some give what was in memory before. */
function foldNothing(
  name: string,
  x: Tensor,
  axes: Axes | undefined,
  keepAxes: boolean,
  value?: number,
): Tensor {
  const gone = tf.util.parseAxisParam(axes as number | number[], [...x.shape]);
  const shape = x.shape.map((size, axis) => gone.includes(axis) ? 1 : size);
  if (value === undefined && !shape.includes(0)) {
    throw new EmptyError(
      `Cannot take the ${name} of shape ${showShape(x.shape)}: need at least one element`,
    );
  }
  return fill(keepAxes ? shape : shape.filter((_, axis) => !gone.includes(axis)), value ?? 0);
}

/** The sum over axes (all when none are named). */
export const sum: Reduction = reduction("sum", (...args) => tf.sum(...args), 0);
/**
 * The mean over axes (all when none are named).
 *
 * @throws {EmptyError} If it is of no elements.
 */
export const mean: Reduction = reduction("mean", (...args) => tf.mean(...args));
/**
 * The largest value over axes (all when none are named).
 *
 * @throws {EmptyError} If it is of no elements.
 */
export const max: Reduction = reduction("maximum", (...args) => tf.max(...args));

/** Position of the largest value along an axis, as `int32`; has no gradient. */
export function argMax(x: Tensor, axis = -1): Tensor {
  return ours(tf.argMax(native(x), axis));
}

/** The `k` largest values along the last axis, largest first, and their positions (`int32`). */
export function topK(x: Tensor, k: number): [values: Tensor, indices: Tensor] {
  const { values, indices } = tf.topk(native(x), k, true);
  return [ours(values), ours(indices)];
}

/* --------------------------------------------------------------------- shapes */

/** Gives the same values in another shape; one size may be -1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return ours(tf.reshape(native(x), [...shape]));
}

/** Reorders the axes. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  return ours(tf.transpose(native(x), [...order]));
}

/** Joins tensors along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 0) throw new ArgumentError("Cannot concat tensors: need at least one");
  return ours(tf.concat(parts.map((part) => native(part)), axis));
}

/** Takes `size` elements from `begin` along each axis; a size of -1 takes the rest. */
export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  return ours(tf.slice(native(x), [...begin], [...size]));
}

/** Takes every `strides[i]`-th element along each axis, from the first. */
export function stridedSlice(x: Tensor, strides: readonly number[]): Tensor {
  return ours(tf.stridedSlice(native(x), x.shape.map(() => 0), [...x.shape], [...strides]));
}

/** Surrounds a tensor with a constant: `[before, after]` for each axis. */
export function pad(x: Tensor, padding: readonly Pair[], value = 0): Tensor {
  return ours(tf.pad(native(x), padding.map(([before, after]) => [before, after]), value));
}

/**
 * Picks rows (slices along `axis`) by `int32` index. Indices that were computed on a GPU cannot be
 * looked at: there a row that does not exist is zeros.
 *
 * @throws {ArgumentError} If there is no such row.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const rows = x.shape[axis]!;
  inspect(indices, (values) => {
    const missing = values.find((row) => row < 0 || row >= rows);
    if (missing === undefined) return;
    throw new ArgumentError(`Cannot gather row ${missing}: need an index from 0 to ${rows - 1}`);
  });
  return ours(tf.gather(native(x), native(indices), axis));
}

/** Reverses the order along axes. */
export function reverse(x: Tensor, axes: Axes): Tensor {
  return ours(tf.reverse(native(x), typeof axes === "number" ? axes : [...axes]));
}

/* ------------------------------------------------------------- linear algebra */

/** Which operands of {@linkcode matMul} are transposed. */
export interface MatMulOptions {
  /** Transposes the last two axes of `a`. */
  readonly transposeA?: boolean;
  /** Transposes the last two axes of `b`. */
  readonly transposeB?: boolean;
}

/** The matrix product of the last two axes, with broadcasting over those before. */
export function matMul(a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const [left, right] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const simple = sizeOf(left) === 1 || sizeOf(right) === 1 || `${left}` === `${right}`;
  if (simple) return ours(tf.matMul(native(a), native(b), transposeA, transposeB));
  // The kernels repeat one matrix, not a part of them.
  const batch = tf.backend_util.assertAndGetBroadcastShape(left, right);
  const repeat = (x: Tensor) => tf.broadcastTo(native(x), [...batch, ...x.shape.slice(-2)]);
  return tidy(() => ours(tf.matMul(repeat(a), repeat(b), transposeA, transposeB)));
}

/** Geometry of a convolution: steps, padding, distance of taps, and groups of channels. */
export interface ConvGeometry {
  /** Steps between windows, for height and width. */
  readonly strides: Pair;
  /** Zeros before and after, for height and width. */
  readonly padding: Padding2d;
  /** Distance between the taps of the kernel, for height and width. */
  readonly dilations?: Pair;
  /** Number of groups that the channels are split into; equal to the channels it is depthwise. */
  readonly groups?: number;
}

const explicit = ([height, width]: Padding2d): [Pair, Pair, Pair, Pair] => [
  [0, 0],
  height,
  width,
  [0, 0],
];

/**
 * Convolves images `[batch, height, width, in]` with kernels `[height, width, in / groups, out]`.
 *
 * @throws {DTypeError} If an operand is not `float32`.
 * @throws {ShapeError} If the channels do not fit.
 */
export function conv2d(x: Tensor, kernel: Tensor, geometry: ConvGeometry): Tensor {
  const { strides, padding, dilations = [1, 1], groups = 1 } = geometry;
  const channels = x.shape[3]!;
  if (x.dtype !== "float32" || kernel.dtype !== "float32") {
    throw new DTypeError(`Cannot convolve ${x.dtype} with ${kernel.dtype}: need float32`);
  }
  if (x.shape.length !== 4 || channels !== kernel.shape[2]! * groups) {
    throw new ShapeError(
      `Cannot convolve shape ${showShape(x.shape)}: ` +
        `need [batch,height,width,${kernel.shape[2]! * groups}]`,
    );
  }
  const run = (kernel: "Conv2D" | "DepthwiseConv2dNative", filter: Tensor): Tensor => {
    const attributes = {
      strides: [...strides],
      dilations: [...dilations],
      pad: explicit(padding),
      dataFormat: "NHWC",
    };
    // tfjs's own functions refuse steps together with dilations, which the kernels can do.
    return ours(
      tf.engine().runKernel(
        kernel,
        { x: native(x), filter: native(filter) },
        attributes as unknown as tf.NamedAttrMap,
      ),
    );
  };
  if (groups === 1) return run("Conv2D", kernel);
  const [height, width, perGroup, out] = kernel.shape as [number, number, number, number];
  return tidy(() => {
    if (perGroup === 1) {
      return run("DepthwiseConv2dNative", reshape(kernel, [height, width, groups, out / groups]));
    }
    const parts = Array.from({ length: groups }, (_, g) =>
      conv2d(
        slice(x, [0, 0, 0, g * perGroup], [-1, -1, -1, perGroup]),
        slice(kernel, [0, 0, 0, g * out / groups], [-1, -1, -1, out / groups]),
        { strides, padding, dilations },
      ));
    return concat(parts, 3);
  });
}

/** Size, steps and padding of a pooling window. */
export interface PoolGeometry {
  /** Height and width of the window. */
  readonly size: Pair;
  /** Steps between windows, for height and width. */
  readonly strides: Pair;
  /** Border before and after, for height and width; it is never the maximum, nor counted. */
  readonly padding: Padding2d;
}

const pooling = (f: typeof tf.maxPool) => (x: Tensor, geometry: PoolGeometry): Tensor => {
  const { size, strides, padding } = geometry;
  return ours(f(
    native<tf.Tensor4D>(x),
    [...size] as [number, number],
    [...strides] as [number, number],
    explicit(padding) as unknown as number,
  ));
};

/** The largest value in each window, channel by channel. */
export const maxPool2d: (x: Tensor, geometry: PoolGeometry) => Tensor = pooling(tf.maxPool);

const wholeMeans = pooling(tf.avgPool);

/** The mean of each window, channel by channel, over the pixels that are inside the image. */
export function avgPool2d(x: Tensor, geometry: PoolGeometry): Tensor {
  const { size, strides, padding } = geometry;
  if (padding.flat().every((pixels) => pixels === 0)) return wholeMeans(x, geometry);
  // tfjs's gradient takes windows at the border for whole ones, so their means are made whole first.
  return tidy(() => {
    const bordered = pad(x, explicit(padding));
    const means = wholeMeans(bordered, { size, strides, padding: [[0, 0], [0, 0]] });
    const [rows, columns] = [0, 1].map((i) =>
      Array.from({ length: means.shape[i + 1]! }, (_, window) => {
        const start = window * strides[i]! - padding[i]![0];
        return size[i]! / (Math.min(start + size[i]!, x.shape[i + 1]!) - Math.max(start, 0));
      })
    ) as [number[], number[]];
    const shares = rows.flatMap((row) => columns.map((column) => row * column));
    return mul(means, tensor(shares, [rows.length, columns.length, 1]));
  });
}
