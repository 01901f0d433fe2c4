/**
 * Shattered gradients: at the start of training, how alike are the gradients at neighbouring inputs?
 * Needs no data; measured on random networks R → R and beside the theory.
 *
 * Balduzzi et al., [The shattered gradients problem](https://arxiv.org/abs/1702.08591), 2017.
 *
 * @module
 */

import { type Experiment, experiment, type Result } from "./experiment.ts";
import { gateCorrelation } from "./random_gates.ts";
import {
  type Curves,
  GATES,
  type Gates,
  measured,
  NETS,
  type ShatteredSpec,
  simulated,
} from "./shattered_curves.ts";
import { shatteredFigures } from "./shattered_figures.ts";

/** Mean autocorrelations of an independent program, at these lags, by network and depth. */
const REFERENCE_LAGS = [1, 5, 15] as const;
const REFERENCE: readonly (readonly [net: string, depth: number, values: readonly number[]])[] = [
  ["plain", 2, [0.97, 0.86, 0.60]],
  ["plain", 10, [0.73, 0.17, -0.02]],
  ["plain", 24, [-0.005, -0.001, 0.009]],
  ["plain", 50, [-0.01, -0.003, 0.007]],
  ["residual, β = 1", 50, [0.73, 0.21, -0.07]],
  ["residual, β = 0.1", 50, [0.94, 0.73, 0.50]],
];
/** Seeds of the independent program. */
const REFERENCE_SEEDS = 20;

/** The experiment on shattered gradients. */
export const shatteredGradients: Experiment<ShatteredSpec> = experiment<ShatteredSpec>({
  name: "shattered-gradients",
  title: "Shattered gradients",
  claim: "At the start, the gradients of a deep plain network at neighbouring inputs are as " +
    "unrelated as white noise; shortcuts keep them related, the more the smaller the branches " +
    "(Balduzzi et al., 2017).",
  setUp:
    "Fully connected networks of rectifiers from one number to one number, at the start, on a " +
    "uniform grid from -2 to 2: df/dx at each input as a curve, its autocorrelation, and its " +
    "correlation between inputs. Beside it the model of the theorems, in which units are active " +
    "independently at different inputs, simulated and calculated.",
  refutedBy:
    "An autocorrelation of deep plain networks that is not that of white noise, or of deep " +
    "residual networks with β = 0.1 that is far from that of brown noise; or a simulated " +
    "correlation more than three standard errors from the calculated one.",
  differences:
    "The same size, grid, depths and number of networks as in the paper. Pre-activations " +
    "of plain networks are centred over the grid, statistics are held constant in df/dx, and first " +
    "biases are uniform in [-2, 2]; the paper does not say how. Networks of one seed share their " +
    "first layers.",
  minutes: 0.5,
  specs: {
    quick: {
      width: 200,
      points: 256,
      depths: [2, 4, 10, 24, 50],
      seeds: 20,
      lags: 15,
      gateRuns: 150,
    },
    full: {
      width: 200,
      points: 256,
      depths: [2, 4, 10, 24, 50],
      seeds: 200,
      lags: 15,
      gateRuns: 2000,
    },
  },
  async run(spec, bench) {
    const gates = await simulated(spec, bench);
    const curves = await measured(spec, bench);
    return resultOf(spec, gates, curves);
  },
});

function resultOf({ depths }: ShatteredSpec, gates: Gates, curves: Curves): Result {
  const deepest = depths.at(-1)!;
  const atLag = (net: string, depth: number, lag: number) => curves.acf[net]![depth]![lag]!;
  const white = atLag("plain", deepest, 1);
  const brown = curves.noise["brown noise"]!;
  const small = curves.acf["residual, β = 0.1"]![deepest]!;
  const deviations = Object.entries(GATES).flatMap(([name, [net]]) =>
    gates[name]!.map(({ layers, correlation, error }) =>
      Math.abs(correlation - gateCorrelation(net, layers)) / error
    )
  );
  const worst = Math.max(...deviations);
  const compared = REFERENCE.filter(([, depth]) => depths.includes(depth));
  const apart = compared.flatMap(([net, depth, values]) =>
    REFERENCE_LAGS.map((lag, i) => {
      const { mean, deviation, count } = atLag(net, depth, lag);
      return Math.abs(mean - values[i]!) / (deviation * Math.sqrt(1 / count + 1 / REFERENCE_SEEDS));
    })
  );
  const farthest = Math.max(...apart);
  const number = (value: number) => value.toFixed(3);
  return {
    findings: [
      {
        claim: "The simulated correlation is the calculated one: 1/2^L, (3/4)^L, the product",
        shown: worst < 3,
        evidence: `the farthest of ${deviations.length} is ${
          worst.toFixed(1)
        } standard errors away`,
      },
      {
        claim: `The gradient of ${deepest} plain layers is white noise`,
        shown: Math.abs(white.mean) < 0.1,
        evidence: `autocorrelation at lag 1: ${number(white.mean)}; white noise ${
          number(curves.noise["white noise"]![1]!.mean)
        }`,
      },
      {
        claim: `The gradient of ${deepest} residual blocks with β = 0.1 is near brown noise`,
        shown: small[1]!.mean > 0.85 && small[5]!.mean > 0.5,
        evidence: `at lags 1 and 5: ${number(small[1]!.mean)} and ${
          number(small[5]!.mean)
        }; brown noise ${number(brown[1]!.mean)} and ${number(brown[5]!.mean)}`,
      },
      {
        claim: "The autocorrelations are those of an independent program",
        shown: farthest < 3,
        evidence: `the farthest of ${apart.length} is ${farthest.toFixed(1)} standard errors away`,
      },
      {
        claim: `${deepest} plain layers that look linear have one gradient at all inputs`,
        shown: curves.looksLinear < 1e-4,
        evidence: `largest difference, as a share: ${curves.looksLinear.toExponential(1)}`,
      },
    ],
    tables: [{
      caption: "Autocorrelation of the gradient (mean of the seeds ± standard deviation)",
      columns: ["network", "layers", "lag 1", "lag 5", "lag 15"],
      rows: Object.keys(NETS).flatMap((net) =>
        depths.map((depth) => [
          net,
          `${depth}`,
          ...REFERENCE_LAGS.map((lag) => {
            const { mean, deviation } = atLag(net, depth, lag);
            return `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`;
          }),
        ])
      ),
    }],
    figures: shatteredFigures(gates, curves),
    data: { gates, ...curves },
  };
}
