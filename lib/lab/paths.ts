/**
 * The gradient of a residual network as a sum over paths: each block is passed through its body or
 * through its shortcut, so n blocks make 2ⁿ paths. Of each length the gradient of some is measured,
 * while what is computed forwards stays the same.
 *
 * Veit, Wilber and Belongie, [Residual networks behave like ensembles of relatively shallow
 * networks](https://arxiv.org/abs/1605.06431), 2016, section 5.
 *
 * @module
 */

import { basicBody } from "../combinators/blocks.ts";
import { residual } from "../combinators/residual.ts";
import { shortcut } from "../combinators/shortcut.ts";
import { stopGradient } from "../grad.ts";
import { type Layer, layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import type { Tree } from "../tree.ts";
import { makeNet, type Net, type NetOptions } from "./nets.ts";

/**
 * Makes a network of blocks "A" through which the gradient takes one path: through the bodies of the
 * blocks with these numbers, from 1, and through the shortcuts of the others.
 */
export function pathNet(
  net: Net,
  bodies: ReadonlySet<number>,
  options: Pick<NetOptions, "classes"> = {},
): Layer {
  return makeNet(net, {
    ...options,
    makeBlock({ filters, stride, number }) {
      const body = basicBody(filters, { stride });
      const around = shortcut("A", filters, stride);
      return bodies.has(number)
        ? residual(body, stopped(around), { activation: relu })
        : residual(stopped(body), around, { activation: relu });
    },
  });
}

/** The same layer, through which no gradient flows. */
function stopped<P extends Tree, S extends Tree>(inner: Layer<P, S>): Layer<P, S> {
  return layer<P, S>({
    kind: inner.kind,
    init: (key, shape) => inner.init(key, shape),
    apply(variables, x, mode) {
      const [y, next] = inner.apply(variables, x, mode);
      return [stopGradient(y), next];
    },
  });
}

/** Gives the number of paths of a length: n over k. */
export function pathsOfLength(blocks: number, length: number): number {
  let paths = 1;
  for (let i = 1; i <= length; i++) paths *= (blocks - length + i) / i;
  return Math.round(paths);
}
