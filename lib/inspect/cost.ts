/**
 * What a model costs, exactly and without touching a device: its own code runs with shapes in place
 * of values, so there is no second description of it that could be wrong.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { describe, type Layer, type Part } from "../layer.ts";
import { type Shape, sizeOf } from "../tensor.ts";
import { joinPath } from "../path.ts";

/** What a layer costs, its parts included. */
export type LayerCost = {
  /** Where in the model. */
  readonly path: string;
  /** Which layer it is, for example `conv`. */
  readonly kind: string;
  /** How many names the path has. */
  readonly depth: number;
  /** Whether it is made of layers, which follow it. */
  readonly composed: boolean;
  /** Shape that comes out. */
  readonly output: Shape;
  /** Number of parameters. */
  readonly parameters: number;
  /** Number of values in its state, for example running averages. */
  readonly buffers: number;
  /** Multiply-adds for one example; padding counts as if it were data, all else than products as 0. */
  readonly multiplyAdds: number;
  /** Bytes of the outputs of the whole batch that a backward pass needs. */
  readonly activationBytes: number;
};

/** Bytes that a training step has to hold at once, by what they are for; see {@linkcode cost}. */
export type TrainingMemory = {
  /** The parameters. */
  readonly parameters: number;
  /** As many gradients. */
  readonly gradients: number;
  /** What the optimizer remembers. */
  readonly optimizer: number;
  /** The state of the model. */
  readonly buffers: number;
  /** The input, and the outputs of all layers, kept for the backward pass. */
  readonly activations: number;
  /** The sum of all of these. */
  readonly total: number;
};

/** What a model costs, as a whole and layer by layer. */
export type Cost = Omit<LayerCost, "path" | "depth" | "composed"> & {
  /** Shape that goes in. */
  readonly input: Shape;
  /** Every layer inside, each combinator before its parts; a model without parts is its only layer. */
  readonly layers: readonly LayerCost[];
  /** What training it needs. */
  readonly training: TrainingMemory;
};

/** How {@linkcode cost} counts the memory of training. */
export interface CostOptions {
  /** Values that the optimizer keeps for each parameter: 1 for momentum (the default), 2 for Adam. */
  readonly optimizerValues?: number;
}

/** Bytes of a 32-bit float. */
const BYTES = 4;

/** Combinators whose output is that of their last part. */
const SERIES: ReadonlySet<string> = new Set([
  "sequential",
  "named",
  "repeat",
  "shortcut",
  "withShape",
]);
/** Layers whose output has the memory of their input when it is of the same size. */
const VIEWS: ReadonlySet<string> = new Set(["identity", "shortcut", "flatten", "reshape"]);

/**
 * Counts what a model costs for inputs of `shape` (`[batch, …]`), without touching a device.
 *
 * Parameters and multiply-adds are exact. The memory of training is what any way to train needs: one
 * copy of parameters and state, as many gradients, what the optimizer keeps, the input, and the output
 * of every layer once, but for layers that only rename or reshape. The gradient tape takes more: at
 * its peak 3.4 to 3.6 times the activations (ResNet-20 and Network in Network, batch 32, on wasm), and
 * a step holds the old and the new parameters and optimizer state at once.
 *
 * @throws {ShapeError} If the model cannot take `shape`.
 *
 * @example A dense layer
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, relu, sequential } from "@fplusx/nn";
 * import { cost } from "@fplusx/nn/inspect";
 *
 * const { parameters, multiplyAdds, layers } = cost(sequential(dense(10), relu), [32, 784]);
 * assertEquals(parameters, 784 * 10 + 10);
 * assertEquals(multiplyAdds, 784 * 10);
 * assertEquals(layers.map(({ path, kind }) => `${path} ${kind}`), ["0 dense", "1 relu"]);
 * ```
 */
export function cost(model: Layer, shape: Shape, options: CostOptions = {}): Cost {
  const { optimizerValues = 1 } = options;
  if (!(optimizerValues >= 0 && optimizerValues < Infinity)) {
    throw new ArgumentError(
      `Cannot count with ${optimizerValues} optimizer values: need a number from 0`,
    );
  }
  const root = describe(model, shape);
  const layers = root.parts.length === 0
    ? [layerCost(root, [])]
    : root.parts.flatMap((part) => layerCosts(part, [part.name]));
  const { kind, output, parameters, buffers, multiplyAdds } = root;
  const activationBytes = bytesOf(root);
  const memory = {
    parameters: BYTES * parameters,
    gradients: BYTES * parameters,
    optimizer: BYTES * parameters * optimizerValues,
    buffers: BYTES * buffers,
    activations: BYTES * sizeOf(shape) + activationBytes,
  };
  const total = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);
  return {
    kind,
    input: shape,
    output,
    parameters,
    buffers,
    multiplyAdds,
    activationBytes,
    layers,
    training: { ...memory, total },
  };
}

function layerCosts(part: Part, names: readonly string[]): LayerCost[] {
  return [
    layerCost(part, names),
    ...part.parts.flatMap((inner) => layerCosts(inner, [...names, inner.name])),
  ];
}

function layerCost(part: Part, names: readonly string[]): LayerCost {
  const { kind, output, parameters, buffers, multiplyAdds, parts } = part;
  return {
    path: joinPath(names),
    kind,
    depth: names.length,
    composed: parts.length > 0,
    output,
    parameters,
    buffers,
    multiplyAdds,
    activationBytes: bytesOf(part),
  };
}

function bytesOf({ kind, input, output, parts }: Part): number {
  const inside = parts.reduce((sum, part) => sum + bytesOf(part), 0);
  const shared = parts.length > 0
    ? SERIES.has(kind)
    : VIEWS.has(kind) && sizeOf(input) === sizeOf(output);
  return inside + (shared ? 0 : BYTES * sizeOf(output));
}

/** What {@linkcode forecast} is told. */
export interface ForecastOptions {
  /** Number of steps. */
  readonly steps: number;
  /** Multiply-adds in a second, as measured on the machine. */
  readonly multiplyAddsPerSecond: number;
}

/** What a training will need. */
export type Forecast = {
  /** Multiply-adds of one step: the forward pass of the batch and, twice as much, the backward pass. */
  readonly multiplyAddsPerStep: number;
  /** Time for all steps. */
  readonly seconds: number;
  /** Memory that a step has to hold at once. */
  readonly bytes: number;
};

/**
 * Forecasts a training at a measured rate.
 *
 * @throws {ArgumentError} If an option is not a number above 0.
 *
 * @example A thousand steps
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense } from "@fplusx/nn";
 * import { cost, forecast } from "@fplusx/nn/inspect";
 *
 * const { seconds } = forecast(cost(dense(10), [100, 1000]), {
 *   steps: 1000,
 *   multiplyAddsPerSecond: 1e9,
 * });
 * assertEquals(seconds, 3);
 * ```
 */
export function forecast(of: Cost, options: ForecastOptions): Forecast {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0 && value < Infinity)) {
      throw new ArgumentError(`Cannot forecast with ${name} ${value}: need a number above 0`);
    }
  }
  const { steps, multiplyAddsPerSecond } = options;
  const multiplyAddsPerStep = 3 * of.multiplyAdds * (of.input[0] ?? 1);
  return {
    multiplyAddsPerStep,
    seconds: steps * multiplyAddsPerStep / multiplyAddsPerSecond,
    bytes: of.training.total,
  };
}
