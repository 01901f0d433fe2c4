/**
 * The landscape of the loss around a trained network: a slice along two random directions, each filter
 * of which has the length of the filter it is added to, so that slices of different networks can be
 * compared.
 *
 * Li et al., [Visualizing the loss landscape of neural nets](https://arxiv.org/abs/1712.09913), 2018.
 *
 * @module
 */

import { fold, type Key, key } from "../key.ts";
import { trainMode, type Variables } from "../layer.ts";
import * as ops from "../ops.ts";
import { release } from "../ownership.ts";
import { normal } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { crossEntropy } from "../train/loss.ts";
import { map, type Tree, zip } from "../tree.ts";
import type { Bench } from "./bench.ts";
import { type Experiment, experiment } from "./experiment.ts";
import { heatMapsSvg } from "./heat_map.ts";
import { firstBatch } from "./measure.ts";
import { makeNet, netOfDepth } from "./nets.ts";
import { plotSvg } from "./plot.ts";
import { type BaseRecipe, FULL, QUICK, QUICK_DIFFERENCES } from "./recipes.ts";
import { sampleOf } from "./sample.ts";
import { type Run, trainAll, trainedVariables } from "./training.ts";

/** What {@linkcode landscape} runs. */
export type LandscapeSpec = {
  /** Depth of both networks. */
  readonly depth: number;
  /** Filters of the first stage. */
  readonly width: number;
  /** Points on a side of the slice; odd, so that the network itself is in the middle. */
  readonly side: number;
  /** Images that the loss is of. */
  readonly images: number;
  /** How both networks are trained. */
  readonly recipe: BaseRecipe;
};

/** A slice: the loss row by row, from -1 to 1 along both directions. */
type Slice = readonly (readonly number[])[];

/** The experiment on loss landscapes. */
export const landscape: Experiment<LandscapeSpec> = experiment<LandscapeSpec>({
  name: "landscape",
  title: "The landscape of the loss",
  claim:
    "The loss around a deep plain network is rough; around a residual network of the same depth " +
    "it is smooth and nearly convex (Li et al., 2018).",
  setUp:
    "The loss of trained networks on a square grid along two random directions, normalised filter " +
    "by filter, with the statistics of the batch.",
  refutedBy:
    "A slice around the plain network that is as near to convex as that around the residual one.",
  differences: `${QUICK_DIFFERENCES} One seed. The original uses 51 × 51 points.`,
  minutes: 2,
  specs: {
    quick: { depth: 44, width: 8, side: 15, images: 256, recipe: QUICK },
    full: { depth: 56, width: 16, side: 51, images: 2048, recipe: FULL },
  },
  async run(spec, bench) {
    const { depth, width, recipe } = spec;
    const runs = (["plain", "A"] as const).map((block): Run => ({
      recipe: { ...recipe, net: netOfDepth(block, depth, width) },
      seed: 0,
    }));
    await trainAll(runs, bench, [0, 0.4]);
    const slices: Slice[] = [];
    for (const [i, run] of runs.entries()) {
      slices.push(await sliceOf(run, spec, bench, [0.4 + 0.3 * i, 0.7 + 0.3 * i]));
    }
    const [plain, residual] = slices as [Slice, Slice];
    const names = [`plain-${depth}`, `residual-${depth}`] as const;
    const [rough, smooth] = [concavity(plain), concavity(residual)];
    const middle = (spec.side - 1) / 2;
    return {
      findings: [{
        claim: `The slice around ${names[0]} is farther from convex than that around ${names[1]}`,
        shown: rough > 1.5 * smooth,
        evidence: `downward share of all bending from point to point: ${rough.toFixed(2)} against ${
          smooth.toFixed(2)
        }; a convex slice has 0`,
      }, {
        claim: "Both networks lie in a valley: the loss is larger at every edge of the slice",
        shown: slices.every((slice) => Math.min(...edgeOf(slice)) > slice[middle]![middle]!),
        evidence: slices.map((slice, i) =>
          `${names[i]}: ${slice[middle]![middle]!.toFixed(3)} in the middle, at least ${
            Math.min(...edgeOf(slice)).toFixed(3)
          } at the edge`
        ).join("; "),
      }],
      tables: [],
      figures: [{
        name: "slices",
        caption:
          "Logarithm of the loss on a square around the trained network in its middle; along " +
          "both axes, from one filter length one way to one the other way.",
        svg: heatMapsSvg(
          "Loss around trained networks",
          slices.map((slice, i) => ({
            title: names[i]!,
            rows: slice.map((row) => row.map((loss) => Math.log10(Math.max(loss, 1e-3)))),
            x: "first direction, -1 to 1",
            y: "second direction",
          })),
          { columns: 2, show: (value) => `loss ${(10 ** value).toPrecision(2)}` },
        ),
      }, {
        name: "profiles",
        caption: "The loss along the first direction.",
        svg: plotSvg("Loss along a line", [{
          title: "",
          x: { label: "along the first direction" },
          y: { label: "loss", scale: "log" },
          series: slices.map((slice, i) => ({
            label: names[i]!,
            points: slice[middle]!.map((loss, j) => [j / middle - 1, loss] as const),
          })),
        }]),
      }],
      data: { slices, concavity: { plain: rough, residual: smooth } },
    };
  },
});

function sliceOf(
  run: Run,
  { side, images }: LandscapeSpec,
  bench: Bench,
  [from, to]: readonly [number, number],
): Promise<Slice> {
  const configuration = { recipe: run.recipe, side, images };
  const options = { task: "slice", configuration, seed: run.seed, usesData: true };
  return bench.arm(options, async () => {
    const { train } = sampleOf(await bench.data(), run.recipe.sample);
    const model = makeNet(run.recipe.net, train);
    const variables = await trainedVariables(run, bench);
    const directions = ["first", "second"].map((name) =>
      filterDirection(fold(key(run.seed), name), variables.params)
    );
    using batch = firstBatch(train, images);
    const rows: number[][] = [];
    for (let i = 0; i < side; i++) {
      bench.signal.throwIfAborted();
      bench.progress(from + (to - from) * i / side, `slice of ${run.recipe.net.block}`);
      const row: number[] = [];
      for (let j = 0; j < side; j++) {
        const at = (k: number) => 2 * k / (side - 1) - 1;
        using loss = ops.tidy(() => {
          const params = movedBy(variables.params, directions, [at(j), at(i)]);
          const moved: Variables = { params, state: variables.state };
          return crossEntropy(model.apply(moved, batch.x, trainMode(key(0)))[0], batch.y);
        });
        // Far out the loss may not be finite, which JSON cannot hold.
        row.push(Math.min((await loss.data())[0]!, 1e6));
      }
      rows.push(row);
    }
    release([variables, directions]);
    return rows;
  });
}

/**
 * Draws a direction in which each filter has the length of that of the parameters, and nothing is done
 * to biases and normalisations; owned by the caller.
 *
 * @example Each filter is as long as the one it is added to
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, setup, tensor } from "@fplusx/nn";
 * import { filterDirection } from "@fplusx/nn/lab";
 *
 * await setup({ backend: "cpu" });
 * const weight = tensor([3, 0, 4, 1], [2, 2]); // filters [3, 4] and [0, 1]
 * const { weight: direction } = filterDirection(key(0), { weight });
 * const [a, b, c, d] = await direction.data();
 * assertAlmostEquals(Math.hypot(a!, c!), 5, 1e-5);
 * assertAlmostEquals(Math.hypot(b!, d!), 1, 1e-5);
 * ```
 */
export function filterDirection<T extends Tree>(of: Key, params: T): T {
  return map((leaf, path) => {
    if (leaf.shape.length < 2) return ops.zerosLike(leaf);
    return ops.tidy(() => {
      const drawn = normal(fold(of, path), leaf.shape);
      const axes = leaf.shape.slice(0, -1).map((_, axis) => axis);
      const lengths = (x: Tensor) => ops.sqrt(ops.sum(ops.square(x), axes)); // [filters]
      return ops.mul(drawn, ops.div(lengths(leaf), lengths(drawn)));
    });
  }, params);
}

function movedBy(
  params: Tree,
  [first, second]: readonly Tree[],
  [a, b]: readonly [number, number],
): Tree {
  return zip(
    ([leaf, one, two]) => ops.add(leaf!, ops.add(ops.mul(one!, a), ops.mul(two!, b))),
    params,
    first!,
    second!,
  );
}

/**
 * The share of bending along rows and columns that is downwards: 0 of a convex slice, and about a half
 * where the loss goes up and down at random.
 */
function concavity(slice: Slice): number {
  const bends = slice.flatMap((row, i) =>
    row.flatMap((loss, j) => [
      ...j > 0 && j < row.length - 1 ? [row[j - 1]! - 2 * loss + row[j + 1]!] : [],
      ...i > 0 && i < slice.length - 1 ? [slice[i - 1]![j]! - 2 * loss + slice[i + 1]![j]!] : [],
    ])
  );
  const sum = (values: readonly number[]) => values.reduce((sum, bend) => sum + Math.abs(bend), 0);
  return sum(bends.filter((bend) => bend < 0)) / sum(bends);
}

function edgeOf(slice: Slice): number[] {
  return slice.flatMap((row, i) =>
    row.filter((_, j) => i === 0 || j === 0 || i === slice.length - 1 || j === row.length - 1)
  );
}
