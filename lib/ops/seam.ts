/**
 * What every operation is made with: the casts between our tensors and those of tfjs, and the
 * lifetimes of tensors.
 *
 * @module
 */

import { alive, isTensor, type Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";

/** A tensor, or a number that stands for a scalar. */
export type Operand = Tensor | number;
/** Two numbers: for height and width, or before and after. */
export type Pair = readonly [number, number];
/** A tensor of tfjs. */
export type Native = tf.Tensor;

/** Gives the tensor of tfjs, if it is alive: ours *are* tensors of tfjs, with a narrower type. */
export function native<T extends Native = Native>(x: Tensor): T {
  return alive(x) as unknown as T;
}
/** Gives our tensor. */
export const ours = (x: Native): Tensor => x as unknown as Tensor;
/** Gives a tensor of tfjs for a number as well. */
export const operand = (x: Operand): Native => isTensor(x) ? native(x) : tf.scalar(x);

/** Makes an operation on one tensor. */
export const unary = (f: (x: Native) => Native) => (x: Tensor): Tensor => ours(f(native(x)));
/** Makes an operation on two tensors, or numbers. */
export const binary = (f: (a: Native, b: Native) => Native) => (a: Operand, b: Operand): Tensor =>
  isTensor(a) && isTensor(b)
    ? ours(f(native(a), native(b)))
    : tidy(() => ours(f(operand(a), operand(b))));

/** An operation on one tensor. */
export type Unary = (x: Tensor) => Tensor;
/** An operation on two tensors, with broadcasting. */
export type Binary = (a: Operand, b: Operand) => Tensor;

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
