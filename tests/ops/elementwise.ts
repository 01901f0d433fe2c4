/** The operations that take elements one by one, or in pairs. */

import { ops, type Tensor } from "@fplusx/nn";
import { at, broadcastShape, build, mapped, paired, range, sample } from "./reference.ts";
import { type Operation, type Table, toTensor } from "./table.ts";

/** Roundings of an operation that is approximated, such as the exponential. */
const APPROXIMATE = 100;
const SHAPES = [[], [5], [2, 3, 5], [4, 8], [1, 2, 1, 3, 2]];
const PAIRS: readonly [a: number[], b: number[]][] = [
  [[5], [5]],
  [[2, 3, 4], [4]],
  [[2, 3, 4], [3, 1]],
  [[4, 1, 3], [2, 1]],
  [[2, 3], []],
  [[], [2, 3]],
  [[2, 2, 4, 8], [8]],
];

/** Applies `f` to inputs of many shapes, with values from `low` to `high`. */
function unary(
  run: (x: Tensor) => Tensor,
  f: (x: number) => number,
  low = -1,
  high = 1,
): Operation {
  const is = mapped(f);
  return {
    cases: SHAPES.map((shape) => ({
      inputs: [sample(shape, 1, low, high)],
      run,
      is,
      terms: APPROXIMATE,
    })),
  };
}

type Two = (a: Tensor | number, b: Tensor | number) => Tensor;

/** Applies `f` to inputs of shapes that broadcast, and to numbers. */
function binary(run: Two, f: (a: number, b: number) => number, low = -1): Operation {
  const x = sample([7], 3, low, 2);
  const number = 0.75;
  return {
    cases: [
      ...PAIRS.map(([a, b]) => ({
        inputs: [sample(a, 1, low, 2), sample(b, 2, low, 2)],
        run,
        is: paired(f),
        terms: APPROXIMATE,
      })),
      { inputs: [x], run: (x) => run(x, number), is: mapped((x) => f(x, number)) },
      { inputs: [x], run: (x) => run(number, x), is: mapped((x) => f(number, x)) },
    ],
  };
}

/** Compares integers, so that some are equal. */
function comparison(run: Two, f: (a: number, b: number) => boolean): Operation {
  const integers = (shape: number[], seed: number) => mapped(Math.round)(sample(shape, seed));
  return {
    differentiable: false,
    cases: PAIRS.map(([a, b]) => ({
      inputs: [integers(a, 1), integers(b, 2)],
      run: (a, b) => ops.cast(run(a!, b!), "float32"),
      is: paired((a, b) => Number(f(a, b))),
    })),
  };
}

function choice([a, b]: readonly [number[], number[]]): Operation["cases"][number] {
  const mask = mapped((x) => Number(x > 0))(sample(b, 3));
  return {
    inputs: [sample(a, 1), sample(a, 2)],
    run: (x, y) => ops.where(ops.cast(toTensor(mask), "bool"), x!, y!),
    is: (x, y) => build(broadcastShape(a, b), (...i) => at(at(mask, i) ? x! : y!, i)),
  };
}

/** The error function, by its series. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (const n of range(60)) {
    term *= -x * x / (n + 1);
    sum += term / (2 * n + 3);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

const SELU = 1.0507009873554805;
const ALPHA = 1.6732632423543772;

/** The operations that take elements one by one, or in pairs. */
export const elementwise: Table = {
  clone: unary(ops.clone, (x) => x),
  neg: unary(ops.neg, (x) => -x),
  abs: unary(ops.abs, Math.abs),
  square: unary(ops.square, (x) => x * x),
  sqrt: unary(ops.sqrt, Math.sqrt, 0.1, 4),
  rsqrt: unary(ops.rsqrt, (x) => 1 / Math.sqrt(x), 0.1, 4),
  exp: unary(ops.exp, Math.exp, -3, 3),
  log: unary(ops.log, Math.log, 0.1, 9),
  relu: unary(ops.relu, (x) => Math.max(x, 0)),
  sigmoid: unary(ops.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -9, 9),
  tanh: unary(ops.tanh, Math.tanh, -4, 4),
  softplus: unary(ops.softplus, (x) => Math.log1p(Math.exp(x)), -9, 9),
  erf: unary(ops.erf, erf, -3, 3),
  elu: unary(ops.elu, (x) => x > 0 ? x : Math.expm1(x), -4, 4),
  selu: unary(ops.selu, (x) => SELU * (x > 0 ? x : ALPHA * Math.expm1(x)), -4, 4),
  clip: unary((x) => ops.clip(x, -0.3, 0.6), (x) => Math.min(Math.max(x, -0.3), 0.6)),
  sign: { ...unary(ops.sign, Math.sign), differentiable: false },
  add: binary(ops.add, (a, b) => a + b),
  sub: binary(ops.sub, (a, b) => a - b),
  mul: binary(ops.mul, (a, b) => a * b),
  div: binary(ops.div, (a, b) => a / b, 0.5),
  pow: binary(ops.pow, (a, b) => a ** b, 0.5),
  maximum: binary(ops.maximum, Math.max),
  minimum: binary(ops.minimum, Math.min),
  greater: comparison(ops.greater, (a, b) => a > b),
  greaterEqual: comparison(ops.greaterEqual, (a, b) => a >= b),
  equal: comparison(ops.equal, (a, b) => a === b),
  addScaled: {
    cases: PAIRS.slice(0, 6).map(([x, y]) => ({
      inputs: [sample(x, 1, -1, 2), sample(y, 2, -1, 2), sample([], 3, -1, 2)],
      run: ops.addScaled,
      is: (x, y, factor) => paired((a, b) => a + b)(x, paired((a, b) => a * b)(y, factor)),
      terms: 2,
    })),
  },
  where: { cases: PAIRS.slice(0, 4).map(choice) },
};
