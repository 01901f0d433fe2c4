/**
 * A tensor as the rest of fplusx sees it: a shape, an element type, an asynchronous read and a way
 * to let go. It is deliberately narrow: what can be done *with* tensors is in `ops.ts`. A tensor
 * made from host values remembers them weakly, so that labels can be checked and seeds drawn from
 * without reading a device; an abstract tensor has a shape and no values at all.
 *
 * @module
 */

import { DisposedError, showShape } from "./errors.ts";

/** The element types: 32-bit floats, 32-bit integers and booleans (a byte each). */
export type DType = "float32" | "int32" | "bool";

/** Sizes of the axes, outermost first; images are `[batch, height, width, channels]`. */
export type Shape = readonly number[];

/** The host arrays that hold the values of a tensor. */
export type Values = Float32Array | Int32Array | Uint8Array;

/**
 * An n-dimensional array that lives on the backend and is never changed in place.
 *
 * @example Reading values, and letting go at the end of the block
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { setup, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * using x = tensor([1, 2, 3, 4], [2, 2]);
 * assertEquals(x.shape, [2, 2]);
 * assertEquals([...await x.data()], [1, 2, 3, 4]);
 * ```
 */
export interface Tensor extends Disposable {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Type of the elements. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** Whether the tensor was let go. */
  readonly isDisposed: boolean;
  /** Reads the values, row by row. */
  data(): Promise<Values>;
  /** Lets go of the memory; a second call does nothing. */
  dispose(): void;
}

/** A tensor of rank 0: a loss, a learning rate, a seed. */
export type Scalar = Tensor;

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Tells whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Tells whether a value is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "dtype" in value &&
    typeof (value as Tensor).dispose === "function";
}

/** Gives back `x`, or throws a {@linkcode DisposedError} when it was disposed or never had values. */
export function alive(x: Tensor): Tensor {
  if (x instanceof AbstractTensor) {
    throw new DisposedError(
      `Cannot use an abstract tensor of shape ${showShape(x.shape)}: it has no values`,
    );
  }
  if (!x.isDisposed) return x;
  throw new DisposedError(
    `Cannot use a ${x.dtype} tensor of shape ${showShape(x.shape)}: it was ` +
      (donated.has(x) ? "donated to a compiled step, which gave the next one" : "disposed"),
  );
}

const donated = new WeakSet<Tensor>();

/** Lets go of a tensor that a compiled step has taken over. */
export function donate(x: Tensor): void {
  donated.add(x);
  x.dispose();
}

const hostValues = new WeakMap<Tensor, Values>();

/**
 * Remembers, as long as the tensor lives, the host values it was made from: those that are looked at
 * again, which are labels, indices, seeds and rates.
 */
export function rememberValues(x: Tensor, values: Values): void {
  if (x.dtype === "int32" || x.size === 1) hostValues.set(x, values);
}

/** Gives the host values of integers or of a single number that were made from some. */
export function knownValues(x: Tensor): Values | undefined {
  return hostValues.get(x);
}

class AbstractTensor implements Tensor {
  readonly isDisposed = false;
  readonly size: number;
  constructor(readonly shape: Shape, readonly dtype: DType) {
    this.size = sizeOf(shape);
  }
  data(): Promise<Values> {
    return Promise.reject(
      new DisposedError(`Cannot read an abstract tensor of shape ${showShape(this.shape)}`),
    );
  }
  dispose(): void {}
  [Symbol.dispose](): void {}
}

/** Makes a tensor that has a shape and no values, for counting without touching a device. */
export function abstractTensor(shape: Shape, dtype: DType = "float32"): Tensor {
  return new AbstractTensor(shape, dtype);
}
