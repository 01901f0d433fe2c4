/**
 * The summary of a model: one row a layer, and combinators only where they hide what is deeper, so
 * that the numbers of the rows add up. It prints as a table, is
 * JSON when asked to be, and is HTML in a notebook or a page.
 *
 * @module
 */

import { ArgumentError, showShape } from "../errors.ts";
import type { Layer } from "../layer.ts";
import type { Shape } from "../tensor.ts";
import { type Cost, cost, type CostOptions } from "./cost.ts";
import { bytes, type Row, type Shown, shown } from "./table.ts";

/** A summary; `String(summary)` and `console.log` give the table. */
export interface Summary extends Shown {
  /** What it shows. */
  readonly cost: Cost;
  /** Gives what it shows. */
  toJSON(): Cost;
}

/** How much of a model {@linkcode summary} shows. */
export interface SummaryOptions extends CostOptions {
  /** How many names deep; what lies below is one row. All by default. */
  readonly depth?: number;
}

/**
 * Summarises a model for inputs of `shape`, without touching a device.
 *
 * @throws {ShapeError} If the model cannot take `shape`.
 * @throws {ArgumentError} If `depth` is not an integer above 0.
 *
 * @example A table
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dense, relu, sequential } from "@fplusx/nn";
 * import { summary } from "@fplusx/nn/inspect";
 *
 * const { text } = summary(sequential(dense(100), relu, dense(10)), [32, 784]);
 * assertEquals(text.split("\n").slice(0, 5), [
 *   "layer  kind   output    parameters  multiply-adds",
 *   "-------------------------------------------------",
 *   "0      dense  [32,100]      78,500         78,400",
 *   "1      relu   [32,100]           0              0",
 *   "2      dense  [32,10]        1,010          1,000",
 * ]);
 * ```
 */
export function summary(model: Layer, shape: Shape, options: SummaryOptions = {}): Summary {
  const { depth = Infinity } = options;
  if (!(depth >= 1 && (Number.isInteger(depth) || depth === Infinity))) {
    throw new ArgumentError(`Cannot summarise to depth ${depth}: need an integer above 0`);
  }
  const all = cost(model, shape, options);
  const rows = all.layers
    .filter((layer) => layer.composed ? layer.depth === depth : layer.depth <= depth)
    .map(({ path, kind, output, parameters, multiplyAdds }) =>
      rowOf(path, kind, output, parameters, multiplyAdds)
    );
  const total = rowOf("total", "", all.output, all.parameters, all.multiplyAdds);
  return shown({ cost: all, toJSON: () => all }, {
    headings: ["layer", "kind", "output", "parameters", "multiply-adds"],
    texts: 3,
    rows,
    total,
    notes: notesOf(all),
  });
}

function rowOf(
  path: string,
  kind: string,
  output: Shape,
  parameters: number,
  multiplyAdds: number,
): Row {
  return [path, kind, showShape(output), count(parameters), count(multiplyAdds)];
}

const count = (value: number): string => value.toLocaleString("en-US");

function notesOf({ input, buffers, training }: Cost): readonly string[] {
  return [
    `input ${showShape(input)}, ${count(buffers)} values of state, multiply-adds for one example`,
    `training needs at least ${bytes(training.total)}: ${
      bytes(training.activations)
    } for activations, ` +
    `${bytes(training.total - training.activations)} for parameters, gradients and the optimizer`,
  ];
}
