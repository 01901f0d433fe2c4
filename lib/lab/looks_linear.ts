/**
 * "Looks linear": with rectifiers that keep both signs, relu(x) beside relu(-x), and weights W over
 * -W, the layer computes W·x exactly, so a network of any depth is a product of matrices when it
 * starts, and its gradient is the same at every input.
 *
 * Balduzzi et al., [The shattered gradients problem](https://arxiv.org/abs/1702.08591), 2017, section 5.
 *
 * @module
 */

import { ShapeError, showShape } from "../errors.ts";
import { type Layer, stateless } from "../layer.ts";
import type { Initializer } from "../layers/initializers.ts";
import { orthogonal } from "../layers/orthogonal.ts";
import { concat, neg, relu, tidy } from "../ops.ts";
import { abstractTensor } from "../tensor.ts";
import { type Empty, empty } from "../tree.ts";

/**
 * Both signs of a rectifier: `[…, channels]` to `[…, 2 · channels]`, first `max(x, 0)`, then
 * `max(-x, 0)`.
 *
 * @example Nothing is lost
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, setup, tensor } from "@fplusx/nn";
 * import { concatenatedRelu } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const [y] = concatenatedRelu.apply({ params: [], state: [] }, tensor([3, -4], [1, 2]), evalMode);
 * assertEquals([...await y.data()], [3, 0, 0, 4]);
 * ```
 */
export const concatenatedRelu: Layer<Empty, Empty> = stateless<Empty>({
  kind: "concatenatedRelu",
  init: (_key, shape) => ({ params: empty, shape: [...shape.slice(0, -1), 2 * shape.at(-1)!] }),
  apply: (_params, x) => concat([relu(x), relu(neg(x))], x.shape.length - 1),
});

/** Options of {@linkcode mirrored}. */
export interface MirroredOptions {
  /** The upper half; `orthogonal()` by default, as in the paper. */
  readonly half?: Initializer;
}

/**
 * Gives an initialiser of matrices `[2n, units]` whose lower half is minus the upper one, for a layer
 * after {@linkcode concatenatedRelu}.
 *
 * @throws {ShapeError} When it is used for a shape that is not a matrix with an even number of rows.
 *
 * @example A layer that looks linear
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, evalMode, key, sequential, setup, tensor } from "@fplusx/nn";
 * import { concatenatedRelu, mirrored } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const layer = sequential(concatenatedRelu, dense(2, { weightInit: mirrored() }));
 * const variables = layer.init(key(0), [1, 2]);
 * const at = async (x: number) =>
 *   [...await layer.apply(variables, tensor([x, 0], [1, 2]), evalMode)[0].data()];
 * assertEquals(await at(-1), (await at(1)).map((y) => -y));
 * ```
 */
export function mirrored({ half = orthogonal() }: MirroredOptions = {}): Initializer {
  return (key, shape) => {
    const [rows, units] = shape;
    if (shape.length !== 2 || rows! % 2 !== 0) {
      throw new ShapeError(
        `Cannot mirror a weight of shape ${
          showShape(shape)
        }: need a matrix of an even number of rows`,
      );
    }
    // The abstract key gives a shape, and no values to mirror.
    if (key.seed === null) return abstractTensor(shape);
    return tidy(() => {
      const upper = half(key, [rows! / 2, units!]);
      return concat([upper, neg(upper)], 0);
    });
  };
}
