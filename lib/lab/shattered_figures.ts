/**
 * The figures of the experiment on shattered gradients.
 *
 * @module
 */

import type { Figure } from "./experiment.ts";
import { heatMapsSvg } from "./heat_map.ts";
import { plotSvg, type Series } from "./plot.ts";
import { gateCorrelation } from "./random_gates.ts";
import { type Curves, GATES, type Gates } from "./shattered_curves.ts";
import type { Summary } from "./statistics.ts";

/** Draws what was measured. */
export function shatteredFigures(gates: Gates, curves: Curves): Figure[] {
  return [
    curvesFigure(curves),
    correlationsFigure(curves),
    acfFigure(curves),
    gatesFigure(gates),
  ];
}

function curvesFigure({ examples }: Curves): Figure {
  const panels = Object.entries(examples).map(([title, values]) => ({
    title,
    x: { label: "input x" },
    y: { label: title.endsWith("noise") ? "value" : "df/dx" },
    series: [{
      label: "one network, or noise",
      points: values.map((y, i) => [4 * i / (values.length - 1) - 2, y] as const),
      marks: false,
    }],
  }));
  return {
    name: "gradient-curves",
    caption: "The gradient at each input, for one network of each kind, beside noise.",
    svg: plotSvg("The gradient as a curve", panels, { columns: 3, height: 110 }),
  };
}

function correlationsFigure({ correlations }: Curves): Figure {
  const maps = Object.entries(correlations).map(([title, rows]) => ({
    title,
    rows,
    x: "input x, -2 to 2",
    y: "input x",
  }));
  return {
    name: "gradient-correlations",
    caption:
      "Correlation between the gradients at two inputs. Along the diagonal it is 1; how fast " +
      "it falls beside it is how shattered the gradient is.",
    svg: heatMapsSvg("Correlation between gradients", maps, { range: [-0.2, 1], columns: 2 }),
  };
}

function acfFigure({ acf, noise }: Curves): Figure {
  const axes = { x: { label: "lag" }, y: { label: "autocorrelation", range: [-0.2, 1] } } as const;
  const points = (lags: readonly Summary[]) =>
    lags.map(({ mean, deviation, count }, lag) =>
      [lag, mean, deviation / Math.sqrt(count)] as const
    );
  return {
    name: "autocorrelation",
    caption: "Autocorrelation of the gradient, mean of the seeds with its standard error.",
    svg: plotSvg("Autocorrelation of the gradient", [
      ...Object.entries(acf).map(([title, depths]) => ({
        title,
        ...axes,
        series: Object.entries(depths).map(([depth, lags]) => ({
          label: `${depth} layers`,
          points: points(lags),
        })),
      })),
      {
        title: "noise",
        ...axes,
        series: Object.entries(noise).map(([label, lags]) => ({ label, points: points(lags) })),
      },
    ]),
  };
}

function gatesFigure(gates: Gates): Figure {
  const series = Object.entries(GATES).flatMap(([label, [net]]): Series[] => [
    {
      label,
      line: "dashed",
      marks: false,
      points: gates[label]!.map(({ layers }) => [layers, gateCorrelation(net, layers)]),
    },
    {
      label,
      line: "none",
      points: gates[label]!.map(({ layers, correlation }) => [layers, correlation]),
    },
  ]);
  return {
    name: "random-gates",
    caption:
      "Correlation between the gradients at two inputs when units are active independently: " +
      "marks are simulated, lines calculated.",
    svg: plotSvg("Correlation of gradients over depth", [{
      title: "",
      x: { label: "layers L", scale: "log" },
      y: { label: "correlation", scale: "log" },
      series,
    }]),
  };
}
