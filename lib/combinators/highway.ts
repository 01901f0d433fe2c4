/**
 * The gated neighbour of the residual block: y = T(x)·H(x) + (1 - T(x))·x, where the gate T learns
 * how much to let through. Closed gates give the identity, and no gradient to H.
 *
 * Srivastava, Greff and Schmidhuber, [Highway networks](https://arxiv.org/abs/1505.00387), 2015.
 *
 * @module
 */

import { ShapeError, showShape } from "../errors.ts";
import { applyPart, initPart, type Layer, layer } from "../layer.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dense, type DenseParams } from "../layers/dense.ts";
import { constant } from "../layers/initializers.ts";
import { add, mul, sigmoid, sub } from "../ops.ts";
import type { Empty, Tree } from "../tree.ts";
import { composed } from "./composition.ts";
import { collectInits, nextState, variablesOf } from "./parts.ts";
import { withShape } from "./with_shape.ts";

/** Variables of {@linkcode highway}: those of H and of the gate. */
export type HighwayVariables<B extends Tree = Tree, G extends Tree = Tree> = {
  /** Of the body H. */
  readonly body: B;
  /** Of the gate T. */
  readonly gate: G;
};

/** Options of {@linkcode transformGate}. */
export interface TransformGateOptions {
  /** First value of the bias; -2 by default, as in the paper's nets of up to 50 layers on MNIST. */
  readonly bias?: number;
}

/**
 * The gate of a highway layer before its sigmoid: `dense` for features, a 3 × 3 `conv` for images, as
 * wide as what comes in.
 *
 * @example Starts nearly closed
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup, transformGate } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const { params } = transformGate().init(key(0), [1, 2]);
 * assertEquals([...await params.bias!.data()], [-2, -2]);
 * ```
 */
export function transformGate(
  options: TransformGateOptions = {},
): Layer<DenseParams | ConvParams, Empty> {
  const biasInit = constant(options.bias ?? -2);
  return withShape<DenseParams | ConvParams, Empty>((shape) => {
    const width = shape.at(-1)!;
    return shape.length === 4 ? conv(width, 3, { biasInit }) : dense(width, { biasInit });
  }, "transformGate");
}

/**
 * Mixes what `body` gives with its input, value by value, as the sigmoid of what `gate` gives says.
 *
 * @throws {ShapeError} If body and gate do not keep the shape; comes from `init`.
 *
 * @example A closed gate leaves the input as it is
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, evalMode, highway, key, setup, tensor, transformGate } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const layer = highway(dense(2), transformGate({ bias: -1e9 }));
 * const [y] = layer.apply(layer.init(key(0), [1, 2]), tensor([3, 4], [1, 2]), evalMode);
 * assertEquals([...await y.data()], [3, 4]);
 * ```
 */
export function highway<
  P extends Tree,
  S extends Tree,
  Q extends Tree = DenseParams | ConvParams,
  R extends Tree = Empty,
>(
  body: Layer<P, S>,
  // With the default, Q and R are those of the gate; the compiler does not see that.
  gate: Layer<Q, R> = transformGate() as unknown as Layer<Q, R>,
): Layer<HighwayVariables<P, Q>, HighwayVariables<S, R>> {
  const layers = { body, gate };
  const whole = layer<HighwayVariables<P, Q>, HighwayVariables<S, R>>({
    kind: "highway",
    init(key, shape) {
      const inits = [
        initPart("body", body, key, shape),
        initPart("gate", gate, key, shape),
      ] as const;
      const [inner, outer] = inits.map((init) => showShape(init.shape));
      if (inner !== showShape(shape) || outer !== inner) {
        throw new ShapeError(
          `Cannot mix highway branches: body gives ${inner} and gate gives ${outer} ` +
            `for the input ${showShape(shape)}`,
        );
      }
      return { ...collectInits(layers, inits), shape };
    },
    apply(variables, x, mode) {
      const [h, nextBody] = applyPart("body", body, variablesOf(variables, "body"), x, mode);
      const [logits, nextGate] = applyPart("gate", gate, variablesOf(variables, "gate"), x, mode);
      const y = add(x, mul(sigmoid(logits), sub(h, x)));
      return [y, nextState(layers, variables.state, [nextBody, nextGate])];
    },
  });
  return composed(whole, () => ({
    order: "branches",
    open: false,
    parts: layers,
    rebuild: (parts) => {
      const { body, gate } = parts as Readonly<Record<string, Layer>>;
      return highway(body!, gate!);
    },
  }));
}
