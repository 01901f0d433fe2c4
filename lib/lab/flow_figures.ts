/**
 * The figures of the experiment on gradient flow.
 *
 * @module
 */

import type { Figure } from "./experiment.ts";
import type { Lesions } from "./flow_arms.ts";
import { plotSvg } from "./plot.ts";
import { summarize } from "./statistics.ts";

/** What was found of one kind of network. */
export type Flow = {
  /** Norm of the gradient of each layer, mean of the seeds, by step. */
  readonly norms: { readonly [step: string]: readonly number[] };
  /** Errors after lesions, for each seed. */
  readonly lesions: readonly Lesions[];
};

/** Mean error of a network without one block, over the blocks. */
export function meanWithout({ without }: Lesions): number {
  return summarize(without.map(({ error }) => error)).mean;
}

/** Draws the norms of gradients over the layers. */
export function normsFigure(plain: Flow, residual: Flow): Figure {
  const twins = { plain, residual };
  return {
    name: "gradient-norms",
    caption: "Norm of the gradient of each convolution, from the first layer to the last.",
    svg: plotSvg(
      "Norms of gradients",
      Object.entries(twins).map(([title, { norms }]) => ({
        title,
        x: { label: "layer" },
        y: { label: "norm", scale: "log" },
        series: Object.entries(norms).map(([step, layers]) => ({
          label: `after ${step} steps`,
          points: layers.map((norm, i) => [i + 1, norm] as const),
        })),
      })),
    ),
  };
}

/** Draws the share of the gradient over the lengths of paths. */
export function pathsFigure(share: readonly number[]): Figure {
  return {
    name: "path-lengths",
    caption: "Share of the gradient along all paths of a length, beside the share of paths.",
    svg: plotSvg("Lengths of paths", [{
      title: "",
      x: { label: "bodies on the path" },
      y: { label: "share", scale: "from0" },
      series: [
        { label: "gradient", points: share.map((part, length) => [length, part] as const) },
        {
          label: "paths",
          line: "dashed",
          marks: false,
          points: binomial(share.length - 1).map((part, length) => [length, part] as const),
        },
      ],
    }]),
  };
}

function binomial(blocks: number): number[] {
  let part = 2 ** -blocks;
  return Array.from({ length: blocks + 1 }, (_, k) => {
    const share = part;
    part *= (blocks - k) / (k + 1);
    return share;
  });
}

/** Draws the errors of networks that were changed. */
export function lesionFigure(plain: Flow, residual: Flow): Figure {
  const twins = Object.entries({ plain, residual });
  const y = { label: "test error, %", range: [0, 100], clip: true } as const;
  const point = (x: number, flow: Flow, of: (lesions: Lesions) => number) => {
    const { mean, deviation } = summarize(flow.lesions.map((lesions) => 100 * of(lesions)));
    return [x, mean, deviation] as const;
  };
  return {
    name: "lesions",
    caption:
      "Test error without one block, by the number of the block; without several that were " +
      "drawn; and after swaps of neighbours. Bands are the standard deviation of the seeds.",
    svg: plotSvg("Lesions", [
      {
        title: "one block left out",
        x: { label: "block" },
        y,
        series: twins.map(([label, flow]) => ({
          label,
          points: flow.lesions[0]!.without.map((_, i) =>
            point(i + 1, flow, ({ without }) => without[i]!.error)
          ),
        })),
      },
      {
        title: "blocks left out",
        x: { label: "number of blocks" },
        y,
        series: twins.map(([label, flow]) => ({
          label,
          points: [
            point(0, flow, ({ whole }) => whole),
            point(1, flow, meanWithout),
            ...flow.lesions[0]!.withoutMany.map(({ count }, i) =>
              point(count, flow, ({ withoutMany }) => withoutMany[i]!.error)
            ),
          ],
        })),
      },
      {
        title: "blocks swapped",
        x: { label: "swaps of neighbours" },
        y,
        series: twins.map(([label, flow]) => ({
          label,
          points: [
            point(0, flow, ({ whole }) => whole),
            ...flow.lesions[0]!.swapped.map(({ swaps }, i) =>
              point(swaps, flow, ({ swapped }) => swapped[i]!.error)
            ),
          ],
        })),
      },
    ], { columns: 2 }),
  };
}
