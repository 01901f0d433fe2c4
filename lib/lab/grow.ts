/**
 * The existence proof as a function: a deeper network made of a shallower one whose new blocks are the
 * identity. A residual block is it when its last normalisation gives zero. A plain block is it when its
 * convolutions pass each channel through and its normalisations change nothing, which in eval mode takes
 * a running variance of 1 - ε; in train mode no normalisation changes nothing.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { fold, type Key } from "../key.ts";
import type { Variables } from "../layer.ts";
import { ones, tensor, zeros } from "../ops.ts";
import { retain } from "../ownership.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { entries, map, type Tree } from "../tree.ts";
import { makeNet, type Net } from "./nets.ts";

/** ε of `batchNorm`. */
const EPSILON = 1e-5;

/**
 * Gives variables of `deep` that make it the same function as `shallow` with `variables`: its first
 * blocks of each stage are those of `shallow`, the others the identity. The caller owns them.
 *
 * @param of Draws what an identity block leaves open, to be trained on.
 * @throws {ArgumentError} If `deep` is not `shallow` with more blocks, or of blocks that cannot be the
 * identity.
 *
 * @example Twelve layers more, and the same scores
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evalMode, key, normal, setup } from "@fplusx/nn";
 * import { growVariables, makeNet, netOfDepth } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const [shallow, deep] = [netOfDepth("A", 8, 4), netOfDepth("A", 20, 4)];
 * const x = normal(key(1), [1, 8, 8, 3]);
 * const variables = makeNet(shallow).init(key(0), x.shape);
 * const grown = growVariables(variables, shallow, deep, key(2), x.shape);
 * const [y] = makeNet(shallow).apply(variables, x, evalMode);
 * const [z] = makeNet(deep).apply(grown, x, evalMode);
 * assertEquals(await z.data(), await y.data());
 * ```
 */
export function growVariables(
  variables: Variables,
  shallow: Net,
  deep: Net,
  of: Key,
  shape: Shape,
): Variables {
  const { block } = deep;
  const isPlain = block === "plain";
  const fits = block === shallow.block && deep.width === shallow.width &&
    deep.blocks.every((count, stage) => count >= shallow.blocks[stage]!);
  if (!fits || !(isPlain || block === "A" || block === "B")) {
    throw new ArgumentError(
      `Cannot grow ${show(shallow)} to ${
        show(deep)
      }: need as wide a network of as many blocks or ` +
        "more, of plain blocks or those with shortcut A or B",
    );
  }
  const { params, state } = variables;
  const known = new Map(entries(retain({ params, state })));
  const fresh = makeNet(deep).init(fold(of, "grow"), shape);
  const grown = map((leaf, path) => {
    const there = known.get(path);
    if (there) return leaf.dispose(), there;
    const value = isPlain ? plainIdentity(path, leaf) : residualIdentity(path, leaf);
    if (value !== leaf) leaf.dispose();
    return value;
  }, { params: fresh.params, state: fresh.state } as Tree) as unknown as Variables;
  return grown;
}

const show = ({ block, blocks, width }: Net) =>
  `a network of ${blocks.join(" + ")} blocks "${block}" of width ${width}`;

/** The last normalisation gives zero; the rest may be anything. */
function residualIdentity(path: string, leaf: Tensor): Tensor {
  return path.endsWith("bn2.weight") ? zeros(leaf.shape) : leaf;
}

/** Convolutions pass channels through, normalisations are exactly the identity in eval mode. */
function plainIdentity(path: string, leaf: Tensor): Tensor {
  if (leaf.shape.length === 4) return delta(leaf.shape);
  if (path.endsWith("variance")) return tensor(variances(sizeOf(leaf.shape)), leaf.shape);
  return path.endsWith("weight") ? ones(leaf.shape) : zeros(leaf.shape);
}

/** Values that are exactly 1 in `float32` when ε is added. */
const variances = (count: number) => new Float32Array(count).fill(1 - EPSILON);

/** A kernel `[3, 3, channels, channels]` that is 1 in the middle, from each channel to itself. */
function delta(shape: Shape): Tensor {
  const [height, width, channels] = shape as [number, number, number, number];
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  const values = new Float32Array(sizeOf(shape));
  for (let c = 0; c < channels; c++) values[(middle * channels + c) * channels + c] = 1;
  return tensor(values, shape);
}
