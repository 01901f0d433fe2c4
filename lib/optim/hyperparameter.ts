/**
 * Hyper-parameters that may change from step to step. Each is a number, or a function of the context
 * of the step that gives a scalar: a knob that a schedule turns, or something of the learning rate.
 * The value enters the step as a tensor, so a recorded step replays with the value of each turn.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { scalar, sub } from "../ops.ts";
import { inspect } from "../recording.ts";
import type { Scalar } from "../tensor.ts";
import { check, need, type Range } from "./range.ts";
import type { UpdateContext } from "./transform.ts";

/** A number, or what the context of each step makes of it; see {@linkcode knob}. */
export type Hyperparameter = number | ((context: UpdateContext) => Scalar);

/**
 * Gives the hyper-parameter that the step is told by name. In training it follows the schedule of
 * that name.
 *
 * @throws {ArgumentError} From `update`, if the step is not told.
 *
 * @example Momentum that grows while the learning rate falls
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyGradient, knob, scalar, setup, sgd, tensor } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const optimizer = sgd({ momentum: knob("momentum") });
 * let params = { w: tensor([8]) };
 * let state = optimizer.init(params);
 * for (const momentum of [0, 0.5]) {
 *   [params, state] = applyGradient(optimizer, { w: tensor([2]) }, state, {
 *     params,
 *     learningRate: scalar(1),
 *     knobs: { momentum: scalar(momentum) },
 *   });
 * }
 * assertEquals([...await params.w.data()], [3]);
 * ```
 */
export function knob(name: string): (context: UpdateContext) => Scalar {
  return ({ knobs = {} }) => {
    const value = knobs[name];
    if (value !== undefined) return value;
    const given = Object.keys(knobs).map((other) => `"${other}"`).join(", ") || "none";
    throw new ArgumentError(`Cannot take a step without the knob "${name}": got ${given}`);
  };
}

/** Reads a hyper-parameter in a step. */
export type Reader = (context: UpdateContext) => Scalar;

/**
 * Checks one hyper-parameter, by name, and gives the function that reads it. One that changes is
 * checked in every step whose value the host knows.
 *
 * @throws {ArgumentError} If it is out of its range; names maker, option and value.
 */
export function setting(
  maker: string,
  range: Range,
  option: Readonly<Record<string, Hyperparameter>>,
): Reader {
  return reading(maker, range, option, (value) => value, (value) => value);
}

/**
 * As {@linkcode setting}, but reads what is missing to 1: the share of the new in a running average.
 * Of a number that is subtracted in doubles, since 1 - 0.999 in floats is off by 1e-5.
 *
 * @throws {ArgumentError} If the hyper-parameter is out of its range.
 */
export function complement(
  maker: string,
  range: Range,
  option: Readonly<Record<string, Hyperparameter>>,
): Reader {
  return reading(maker, range, option, (value) => 1 - value, (value) => sub(1, value));
}

function reading(
  maker: string,
  range: Range,
  option: Readonly<Record<string, Hyperparameter>>,
  ofNumber: (value: number) => number,
  ofTensor: (value: Scalar) => Scalar,
): Reader {
  const [[name, value]] = Object.entries(option) as [[string, Hyperparameter]];
  if (typeof value === "number") {
    check(maker, range, { [name]: value });
    return () => scalar(ofNumber(value));
  }
  return (context) => {
    const now = value(context);
    inspect(now, ([known]) => {
      const wanted = need(range, known!);
      if (wanted === undefined) return;
      throw new ArgumentError(
        `Cannot take a step of ${maker} with ${name} ${known}: need ${wanted}`,
      );
    });
    return ofTensor(now);
  };
}
