/**
 * Do backends agree? A layer is given the same key and input on each, and its output, next state and
 * gradients are compared with those of the first.
 *
 * @module
 */

import { activeBackend, type BackendName, setup } from "../backend/setup.ts";
import { ArgumentError, MismatchError } from "../errors.ts";
import { valueAndGrad } from "../grad.ts";
import type { Layer } from "../layer.ts";
import { release } from "../ownership.ts";
import type { Shape, Values } from "../tensor.ts";
import { entries, type Tree } from "../tree.ts";
import { makePoint, modeOf, type PointOptions, weightedSum } from "./point.ts";

/** Options of {@linkcode compareBackends}. */
export interface CompareBackendsOptions extends Omit<PointOptions, "mode"> {
  /** The reference and those that are compared with it; `["cpu", "wasm"]` by default. */
  readonly backends?: readonly BackendName[];
  /**
   * Largest difference, as a share of the largest value of the leaf or of 1, whichever is more;
   * 1e-4 by default, which is right for sums of up to a few thousand terms in `float32`.
   */
  readonly tolerance?: number;
}

/** The largest difference that {@linkcode compareBackends} found in one leaf. */
export type BackendDifference = {
  /** Backend that was compared with the reference. */
  readonly backend: BackendName;
  /** Path of the leaf: `train.y`, `eval.gradient.params.weight`, `train.next.mean`, … */
  readonly path: string;
  /** Largest difference. */
  readonly difference: number;
  /** How large it may be. */
  readonly allowed: number;
};

/**
 * Compares what a layer computes on several backends, in both modes, and gives the largest difference
 * in each leaf. The backend that was active before is active afterwards.
 *
 * @throws {ArgumentError} If fewer than two backends are named.
 * @throws {BackendError} If a backend is missing.
 * @throws {MismatchError} If a difference is too large; names the path of the leaf.
 *
 * @example In a test of your own layer
 * ```ts
 * import { compareBackends, dense, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "wasm" });
 * await compareBackends(dense(8), [4, 16]);
 * ```
 */
export async function compareBackends(
  layer: Layer,
  shape: Shape,
  options: CompareBackendsOptions = {},
): Promise<BackendDifference[]> {
  const { backends = ["cpu", "wasm"], tolerance = 1e-4 } = options;
  const [first, ...others] = backends;
  if (first === undefined || others.length === 0) {
    throw new ArgumentError(`Cannot compare backends: need at least two, got ${backends.length}`);
  }
  const before = activeBackend().name;
  const differences: BackendDifference[] = [];
  try {
    const reference = await observe(layer, shape, first, options);
    for (const backend of others) {
      for (const [path, values] of await observe(layer, shape, backend, options)) {
        const found = compare(reference.get(path)!, values, tolerance);
        const { difference, allowed } = found;
        differences.push({ backend, path, difference, allowed });
        assertClose(layer.kind, first, found, differences.at(-1)!);
      }
    }
  } finally {
    await setup({ backend: before });
  }
  return differences;
}

/** Reads all that a layer computes on one backend. */
async function observe(
  layer: Layer,
  shape: Shape,
  backend: BackendName,
  options: CompareBackendsOptions,
): Promise<Map<string, Values>> {
  await setup({ backend });
  const found = new Map<string, Values>();
  for (const mode of ["train", "eval"] as const) {
    const { at, state } = makePoint(layer, shape, options);
    const floats = entries(at).filter(([, { dtype }]) => dtype === "float32");
    const select = floats.map(([path]) => path);
    const weighted = weightedSum(layer, state, { ...options, mode });
    const [value, gradient] = valueAndGrad(weighted, { select })(at);
    const [y, next] = layer.apply({ params: at.params, state }, at.x, modeOf({ ...options, mode }));
    const seen: Tree = { y, next, gradient };
    try {
      for (const [path, leaf] of entries(seen)) found.set(`${mode}.${path}`, await leaf.data());
    } finally {
      release([at, state, value, seen]);
    }
  }
  return found;
}

/** Where two lists of values differ most. */
type Difference = {
  readonly at: number;
  readonly values: readonly [expected: number, actual: number];
  readonly difference: number;
  readonly allowed: number;
};

function compare(expected: Values, actual: Values, tolerance: number): Difference {
  let [at, difference, largest] = [0, 0, 1];
  for (let i = 0; i < expected.length; i++) {
    const [e, a] = [expected[i]!, actual[i]!];
    // Equal infinities, and NaN on both sides, do not differ; NaN on one side does infinitely.
    const apart = Object.is(e, a) ? 0 : Math.abs(e - a);
    const distance = Number.isNaN(apart) ? Infinity : apart;
    if (distance > difference) [at, difference] = [i, distance];
    if (Math.abs(e) > largest && Number.isFinite(e)) largest = Math.abs(e);
  }
  return {
    at,
    values: [expected[at]!, actual[at]!],
    difference,
    allowed: tolerance * largest,
  };
}

function assertClose(
  kind: string,
  reference: BackendName,
  { at, values: [expected, actual], difference, allowed }: Difference,
  { backend, path }: BackendDifference,
): void {
  if (difference <= allowed) return;
  throw new MismatchError(
    `Cannot rely on ${kind} on ${backend}: value ${at} is ${actual}, and on ${reference} it is ` +
      `${expected}`,
    path,
  );
}
