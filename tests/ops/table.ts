/** What a table of operations is made of: ways to call each, with what it gives in doubles. */

import { type ops, type Tensor, tensor } from "@fplusx/nn";
import type { Nd } from "./reference.ts";

/** One way to call an operation. */
export interface Case {
  /** What it is called with. */
  readonly inputs: readonly Nd[];
  /** The operation, on tensors. */
  readonly run: (...x: Tensor[]) => Tensor;
  /** Its definition, in doubles. */
  readonly is: (...x: Nd[]) => Nd;
  /** Number of roundings that can add up in an element of the value or the gradient; 1 by default. */
  readonly terms?: number;
}

/** All the ways to call one operation. */
export interface Operation {
  /** The ways to call it. */
  readonly cases: readonly Case[];
  /** Whether it has a gradient; it has by default. */
  readonly differentiable?: false;
}

/** Operations by name. */
export type Table = Readonly<Partial<Record<keyof typeof ops, Operation>>>;

/** Makes a tensor of an array of doubles that are floats. */
export function toTensor(x: Nd): Tensor {
  return tensor(Float32Array.from(x.values), x.shape);
}
