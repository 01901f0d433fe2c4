/**
 * What layers check before they compute: options when a layer is made, shapes in `init`. Each check
 * says what is and what is needed, so `apply` can be arithmetic and nothing else.
 *
 * @module
 */

import { ArgumentError, DTypeError, ShapeError, showShape } from "../errors.ts";
import type { DType, Shape, Tensor } from "../tensor.ts";

/** Axes of a batch of vectors. */
export const VECTORS = "[batch,features]";
/** Axes of a batch of sequences. */
export const SEQUENCES = "[batch,time,features]";
/** Axes of a batch of images. */
export const IMAGES = "[batch,height,width,channels]";
/** Axes of a batch of anything that has channels. */
export const CHANNELS = "[batch,…,channels]";
/** Axes of a batch of anything. */
export const ANYTHING = "[batch,…]";

/** Checks that `shape` has the axes that one of the lists names, and something along each. */
export function checkAxes(kind: string, shape: Shape, ...lists: readonly string[]): void {
  const fits = (list: string) => {
    const named = list.split(",").filter((axis) => !axis.startsWith("…"));
    return list.includes("…") ? shape.length >= named.length : shape.length === named.length;
  };
  if (!lists.some(fits)) failShape(kind, shape, lists.join(" or "));
  if (shape.every((size) => Number.isInteger(size) && size > 0)) return;
  failShape(kind, shape, "sizes of at least 1");
}

/** Throws the error of a layer that cannot take a shape. */
export function failShape(kind: string, shape: Shape, needed: string): never {
  throw new ShapeError(`Cannot apply ${kind} to shape ${showShape(shape)}: need ${needed}`);
}

/** Throws the error of an option that is out of its range. */
export function failOption(kind: string, option: string, value: unknown, needed: string): never {
  throw new ArgumentError(`Cannot make ${kind} with ${option} ${value}: need ${needed}`);
}

/** Checks that an option is an integer that is large enough. */
export function checkInteger(kind: string, option: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  failOption(kind, option, value, `an integer of at least ${least}`);
}

/** Checks that an option is a positive number. */
export function checkPositive(kind: string, option: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  failOption(kind, option, value, "a positive number");
}

/** Checks that an option is neither infinite nor NaN. */
export function checkFinite(kind: string, option: string, value: number): void {
  if (!Number.isFinite(value)) failOption(kind, option, value, "a finite number");
}

/** Checks that an option is a number from 0 up to, but not including, 1. */
export function checkFraction(kind: string, option: string, value: number): void {
  if (value >= 0 && value < 1) return;
  failOption(kind, option, value, "a number of at least 0 and less than 1");
}

/** Checks the element type of an input: nothing is ever cast silently. */
export function checkType(kind: string, x: Tensor, dtype: DType): void {
  if (x.dtype === dtype) return;
  throw new DTypeError(`Cannot apply ${kind} to ${x.dtype} values: need ${dtype}`);
}
