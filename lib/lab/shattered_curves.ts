/**
 * What is measured for the experiment on shattered gradients: two arms, the random gates of the theory
 * and the curves of random networks.
 *
 * @module
 */

import { fold, key } from "../key.ts";
import type { Bench } from "./bench.ts";
import {
  autocorrelation,
  brownNoise,
  type CurveNet,
  gradientCovariance,
  readGradient,
  slopesByDepth,
  whiteNoise,
} from "./gradient_curves.ts";
import { type GateNet, simulateGates } from "./random_gates.ts";
import { summarize, type Summary } from "./statistics.ts";

/** What the experiment on shattered gradients runs. */
export type ShatteredSpec = {
  /** Units of a hidden layer. */
  readonly width: number;
  /** Inputs on the grid. */
  readonly points: number;
  /** Numbers of hidden layers, growing. */
  readonly depths: readonly number[];
  /** Number of networks. */
  readonly seeds: number;
  /** Lags of the autocorrelation. */
  readonly lags: number;
  /** Number of networks of random gates. */
  readonly gateRuns: number;
};

/** The networks, by the name they have in figures. */
export const NETS: Readonly<Record<string, CurveNet>> = {
  plain: { kind: "plain" },
  "residual, β = 1": { kind: "residual", beta: 1 },
  "residual, β = 0.1": { kind: "residual", beta: 0.1 },
};

/** The networks of random gates and their numbers of layers, by the name they have in figures. */
export const GATES: Readonly<Record<string, readonly [net: GateNet, layers: readonly number[]]>> = {
  "plain: 1/2^L": [{ kind: "plain" }, [1, 2, 4, 6]],
  "residual: (3/4)^L": [{ kind: "residual" }, [1, 2, 4, 8, 12]],
  "normalised, β = 1: exact product": [{ kind: "normalized", beta: 1 }, [1, 2, 4, 8, 16, 32, 64]],
  "normalised, β = 0.1: exact product": [{ kind: "normalized", beta: 0.1 }, [
    1,
    2,
    4,
    8,
    16,
    32,
    64,
  ]],
};

/** What is kept of the random networks. */
export type Curves = {
  /** Autocorrelation by net, depth and lag. */
  readonly acf: { readonly [net: string]: { readonly [depth: string]: readonly Summary[] } };
  /** Autocorrelation of noise by lag. */
  readonly noise: { readonly [name: string]: readonly Summary[] };
  /** The gradient of one network, or noise, by name. */
  readonly examples: { readonly [name: string]: readonly number[] };
  /** Correlation between the gradients at the inputs, coarsened. */
  readonly correlations: { readonly [name: string]: readonly (readonly number[])[] };
  /** Largest relative difference between gradients of the deepest net that looks linear. */
  readonly looksLinear: number;
};

/** Correlations that were simulated, by network. */
export type Gates = {
  readonly [net: string]: readonly {
    readonly layers: number;
    readonly correlation: number;
    readonly error: number;
  }[];
};

/** Simulates the random gates. */
export function simulated({ width, gateRuns }: ShatteredSpec, bench: Bench): Promise<Gates> {
  const configuration = { width, gateRuns };
  return bench.arm(
    { task: "random gates", configuration, seed: 0, usesData: false },
    () =>
      Promise.resolve(Object.fromEntries(
        Object.entries(GATES).map(([name, [net, layers]]) => [
          name,
          simulateGates(fold(key(0), name), net, layers, gateRuns, width),
        ]),
      )),
  );
}

/** Measures the random networks. */
export function measured(spec: ShatteredSpec, bench: Bench): Promise<Curves> {
  const { depths, lags, points, seeds, width } = spec;
  const configuration = { depths, lags, points, seeds, width };
  const options = { task: "gradient curves", configuration, seed: 0, usesData: false };
  return bench.arm(options, () => measureCurves(spec, bench));
}

async function measureCurves(spec: ShatteredSpec, bench: Bench): Promise<Curves> {
  const { depths, lags, points, seeds } = spec;
  const deepest = depths.at(-1)!;
  const acfs = new Map<string, number[][]>();
  const noises = new Map<string, number[][]>();
  const put = (into: Map<string, number[][]>, name: string, values: number[]) =>
    into.set(name, [...into.get(name) ?? [], values]);
  const examples: Record<string, number[]> = {};
  const correlations: Record<string, number[][]> = {};
  for (let seed = 0; seed < seeds; seed++) {
    bench.signal.throwIfAborted();
    bench.progress(seed / seeds, `network ${seed + 1} of ${seeds}`);
    for (const [name, net] of Object.entries(NETS)) {
      const of = key(seed);
      for (const [depth, slopes] of slopesByDepth(of, net, depths, spec)) {
        const gradient = await readGradient(fold(fold(of, "readout"), depth), slopes);
        put(acfs, `${name} ${depth}`, autocorrelation(gradient, lags));
        const title = `${name}, ${depth} layers`;
        if (seed === 0 && isShown(name, depth, deepest)) {
          examples[title] = rounded(gradient);
          using covariance = gradientCovariance(slopes);
          correlations[title] = coarsened(await covariance.data() as Float32Array, points);
        }
        slopes.dispose();
      }
    }
    for (
      const [name, make] of [["white noise", whiteNoise], ["brown noise", brownNoise]] as const
    ) {
      const curve = make(fold(key(seed), name), points);
      put(noises, name, autocorrelation(curve, lags));
      if (seed === 0) examples[name] = rounded(curve);
    }
  }
  const linear = slopesByDepth(key(0), { kind: "looksLinear" }, [deepest], spec).get(deepest)!;
  const gradient = await readGradient(fold(key(0), "readout"), linear);
  linear.dispose();
  const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const overLags = (runs: number[][]) =>
    runs[0]!.map((_, lag) => summarize(runs.map((values) => values[lag]!)));
  const byDepth = (name: string) =>
    Object.fromEntries(depths.map((depth) => [depth, overLags(acfs.get(`${name} ${depth}`)!)]));
  return {
    acf: Object.fromEntries(Object.keys(NETS).map((name) => [name, byDepth(name)])),
    noise: Object.fromEntries([...noises].map(([name, runs]) => [name, overLags(runs)])),
    examples: { ...examples, [`looks linear, ${deepest} layers`]: rounded(gradient) },
    correlations,
    looksLinear: gradient.reduce((d, value) => Math.max(d, Math.abs(value - gradient[0]!)), 0) /
      largest,
  };
}

/** The curves that are drawn: a shallow plain network, deep ones of each kind. */
function isShown(name: string, depth: number, deepest: number): boolean {
  return name === "plain" ? depth === 2 || depth === 24 : depth === deepest;
}

const rounded = (curve: Float32Array): number[] =>
  Array.from(curve, (value) => Number(value.toPrecision(4)));

/** Makes correlations of covariances, and means of neighbours, 64 to a side at most. */
function coarsened(covariance: Float32Array, points: number): number[][] {
  const size = Math.ceil(points / 64);
  const deviation = Array.from(
    { length: points },
    (_, i) => Math.sqrt(covariance[i * points + i]!),
  );
  const cells = Math.floor(points / size);
  return Array.from({ length: cells }, (_, row) =>
    Array.from({ length: cells }, (_, column) => {
      let sum = 0;
      for (let i = row * size; i < (row + 1) * size; i++) {
        for (let j = column * size; j < (column + 1) * size; j++) {
          sum += covariance[i * points + j]! / (deviation[i]! * deviation[j]!);
        }
      }
      return Number((sum / size ** 2).toFixed(3));
    }));
}
