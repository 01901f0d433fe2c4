/**
 * What a model has made of its input along the way: the outputs of inner parts, by path, as other
 * models use them.
 *
 * @module
 */

import { ArgumentError } from "./errors.ts";
import { describe, evalMode, type Layer, type Part, type Variables } from "./layer.ts";
import { clone, keep, tidy } from "./ops.ts";
import type { Tensor } from "./tensor.ts";
import type { Tree } from "./tree.ts";

/**
 * Applies a model in eval mode and gives the outputs of the parts at `paths`, by path; the empty path
 * is the model itself. They are the caller's.
 *
 * @throws {ArgumentError} If there is no part at a path; says which there are near it.
 * @throws {ShapeError} If the model cannot take `x`.
 *
 * @example What goes into the head
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv, dense, features, globalAveragePool, key, named, ones, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const model = named({ conv1: conv(16, 3), avgpool: globalAveragePool, fc: dense(10) });
 * const x = ones([2, 8, 8, 3]);
 * const found = features(model, model.init(key(0), x.shape), x, ["conv1", "avgpool"]);
 * assertEquals(found.get("conv1")!.shape, [2, 8, 8, 16]);
 * assertEquals(found.get("avgpool")!.shape, [2, 16]);
 * ```
 */
export function features<P extends Tree, S extends Tree>(
  model: Layer<P, S>,
  variables: Variables<P, S>,
  x: Tensor,
  paths: readonly string[],
): Map<string, Tensor> {
  const whole = describe(model, x.shape);
  for (const path of paths) checkPath(whole, path);
  const seen = new Map<string, Tensor>();
  // Layers let go of what they make but do not return, so what is seen inside has to be kept.
  const visit = (path: string, y: Tensor) => {
    if (paths.includes(path)) seen.set(path, keep(clone(y)));
  };
  try {
    tidy(() => {
      const [y] = model.apply(variables, x, { ...evalMode, tap: { path: "", visit } });
      visit("", y);
    });
  } catch (error) {
    for (const kept of seen.values()) kept.dispose();
    throw error;
  }
  return new Map(paths.map((path) => [path, owned(seen.get(path)!)]));
}

/** Gives a kept tensor to whoever owns what is made now. */
function owned(kept: Tensor): Tensor {
  const handle = clone(kept);
  kept.dispose();
  return handle;
}

function checkPath(whole: Part, path: string): void {
  if (path === "") return;
  const names = path.split(".");
  let part = whole;
  for (const [i, name] of names.entries()) {
    const inner = part.parts.find((inner) => inner.name === name);
    if (inner === undefined) {
      const place = i === 0 ? "the model" : `"${names.slice(0, i).join(".")}"`;
      const near = part.parts.map(({ name }) => [...names.slice(0, i), name].join("."));
      throw new ArgumentError(
        `Cannot take features at "${path}": ${place} has ` +
          (near.length === 0 ? "no parts" : near.map((path) => `"${path}"`).join(", ")),
      );
    }
    part = inner;
  }
}
