/**
 * Compares a backend with another: the values of an operation and the gradients of a weighted sum of
 * them. A difference is measured against the largest expected value, and NaN and the infinities have
 * to be where they are expected.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { tf } from "../../lib/tfjs.ts";

/** An operation with the shapes of its inputs. */
export interface OpCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  // deno-lint-ignore no-explicit-any -- tfjs's operations want tensors of certain ranks
  readonly op: (...inputs: any[]) => tf.Tensor;
  /** Keeps the inputs above 0.2. */
  readonly positive?: boolean;
  /** Compares no gradients: there are none, or the reference has none. */
  readonly valuesOnly?: boolean;
}

/** What a backend makes of a case. */
export interface Outcome {
  readonly values: ArrayLike<number>;
  readonly gradients: readonly ArrayLike<number>[];
}

/** The largest difference, relative to the largest finite expected value; infinite where kinds differ. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let [worst, scale] = [0, 1e-6];
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Object.is(a, e) || a === e) {
      scale = Number.isFinite(e) ? Math.max(scale, Math.abs(e)) : scale;
    } else if (!Number.isFinite(a) || !Number.isFinite(e)) return Infinity;
    else {
      worst = Math.max(worst, Math.abs(a - e));
      scale = Math.max(scale, Math.abs(e));
    }
  }
  return worst / scale;
}

/** Evaluates a case on a backend, from inputs that are the same on each. */
export async function evaluate(
  backend: string,
  { shapes, op, ...options }: OpCase,
): Promise<Outcome> {
  await tf.setBackend(backend);
  const draw = normals(options.positive ?? false);
  const inputs = shapes.map((shape) => {
    const size = tf.util.sizeFromShape([...shape]);
    return tf.tensor(Float32Array.from({ length: size }, draw), [...shape]);
  });
  const y = tf.tidy(() => op(...inputs));
  const values = await y.data();
  const gradients: ArrayLike<number>[] = [];
  if (!options.valuesOnly) {
    const weights = tf.tensor(
      Float32Array.from({ length: y.size }, (_, i) => Math.sin(1.3 * i) + 0.3),
      y.shape,
    );
    const taken = tf.grads((...xs) => tf.sum(tf.mul(op(...xs), weights)))(inputs);
    for (const gradient of taken) gradients.push(await gradient.data());
    tf.dispose([weights, taken]);
  }
  tf.dispose([inputs, y]);
  return { values, gradients };
}

/** Asserts that a backend gives what the reference gives, values and gradients. */
export async function assertAgrees(backend: string, one: OpCase): Promise<void> {
  const expected = await evaluate("cpu", one);
  const actual = await evaluate(backend, one);
  const off = (error: number, limit: number) => error < limit ? "agrees" : `off by ${error}`;
  assertEquals(
    {
      values: off(difference(actual.values, expected.values), 1e-4),
      gradients: actual.gradients.map((g, i) => off(difference(g, expected.gradients[i]!), 2e-4)),
    },
    { values: "agrees", gradients: expected.gradients.map(() => "agrees") },
  );
}

/** Normally distributed numbers, from the same seed each time. */
function normals(positive: boolean): () => number {
  let state = 1;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return () => {
    const value = Math.sqrt(-2 * Math.log(uniform() + 1e-9)) * Math.cos(2 * Math.PI * uniform());
    return positive ? Math.abs(value) + 0.2 : value;
  };
}
