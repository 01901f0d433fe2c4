/**
 * Who lets go of what, in one sentence: functions borrow what they take and own what they return;
 * only the loop disposes. `release` is that disposal, `retain` a second handle, `scoped` makes a
 * tree fit for `using`, and `assertNoLeaks` proves that nothing was forgotten.
 *
 * @module
 */

import { LeakError, showShape } from "./errors.ts";
import { clone } from "./ops.ts";
import { isTensor, type Tensor } from "./tensor.ts";
import { tf } from "./tfjs.ts";
import { map, type Tree } from "./tree.ts";

/** Collects the tensors in a tree, or in an object that holds trees among other things. */
function tensorsIn(value: unknown, found: Set<Tensor> = new Set()): Set<Tensor> {
  if (isTensor(value)) found.add(value);
  else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) tensorsIn(part, found);
  }
  return found;
}

/**
 * Lets go of the tensors of `old`, except those that are also in `next`.
 *
 * @example One turn of a loop
 * ```ts
 * import { assert } from "@std/assert";
 * import { ones, release, setup, zeros } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const kept = ones([2]);
 * const old = { a: zeros([2]), b: kept };
 * const next = { a: ones([2]), b: kept };
 * release(old, next);
 * assert(old.a.isDisposed && !kept.isDisposed);
 * release(next);
 * ```
 */
export function release(old: object, next: object = {}): void {
  const alive = tensorsIn(next);
  for (const tensor of tensorsIn(old)) if (!alive.has(tensor)) tensor.dispose();
}

/** Gives a tree of new handles on the same values, to be released by itself. */
export function retain<T extends Tree>(tree: T): T {
  return map((leaf) => clone(leaf), tree);
}

/**
 * Makes an object that holds tensors disposable, so that `using` releases it at the end of a block.
 *
 * @example Variables that end with the block
 * ```ts
 * import { assert } from "@std/assert";
 * import { dense, key, scoped, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * const seen = (() => {
 *   using variables = scoped(dense(3).init(key(0), [1, 2]));
 *   return variables.params;
 * })();
 * assert(seen.weight.isDisposed);
 * ```
 */
export function scoped<T extends object>(holder: T): T & Disposable {
  const copy = Array.isArray(holder) ? [...holder] : { ...holder };
  Object.defineProperty(copy, Symbol.dispose, { value: () => release(holder) });
  return copy as T & Disposable;
}

/** Number of tensors that are alive now. */
export function liveTensors(): number {
  return tf.memory().numTensors;
}

/**
 * Runs `f`, releases what it returns, and checks that the same tensors are alive as before.
 *
 * @throws {LeakError} If there are more, with shape and origin of each; or if there are fewer.
 *
 * @example In a test of your own layer
 * ```ts
 * import { assertNoLeaks, dense, evalMode, key, ones, release, setup } from "@fplusx/nn";
 *
 * await setup({ backend: "cpu" });
 * await assertNoLeaks(() => {
 *   const layer = dense(3);
 *   const variables = layer.init(key(0), [1, 2]);
 *   const x = ones([1, 2]);
 *   const [y] = layer.apply(variables, x, evalMode);
 *   release([variables, x, y]);
 * });
 * ```
 */
export async function assertNoLeaks(f: () => unknown): Promise<void> {
  const before = liveTensors();
  // The text of a stack takes far longer than a small operation: it is written for what leaks alone.
  const made = new Map<Tensor, Error>();
  const engine = tf.engine() as unknown as { trackTensor(x: Tensor, backend: unknown): void };
  const track = engine.trackTensor;
  engine.trackTensor = function (x, backend) {
    made.set(x, new Error());
    track.call(this, x, backend);
  };
  try {
    const result = await f();
    if (typeof result === "object" && result !== null) release(result);
  } finally {
    engine.trackTensor = track;
  }
  const left = [...made].filter(([x]) => !x.isDisposed);
  // Counted apart, so that what was left cannot hide behind what was taken.
  const taken = before + left.length - liveTensors();
  const origins = left.map(([x, { stack = "" }]) =>
    `${x.dtype} ${showShape(x.shape)} made ${originIn(stack)}`
  );
  const faults = [
    ...left.length > 0 ? [`Leaked ${left.length} tensors: ${origins.join("; ")}`] : [],
    ...taken > 0 ? [`Disposed ${taken} tensors that were only borrowed`] : [],
  ];
  if (faults.length > 0) throw new LeakError(faults.join("; "));
}

/** The first line of a stack that is outside tfjs and this library's seam. */
function originIn(stack: string): string {
  const line = stack.split("\n").slice(2)
    .find((line) => !/tfjs|tf-core|lib\/(ops\/\w+|ownership)\.ts/.test(line));
  return line?.trim() ?? "at an unknown place";
}
