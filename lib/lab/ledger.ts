/**
 * The ledger: what was run, so that it can be found and run again. An arm of an experiment is known by
 * the SHA-256 of everything its result depends on: code, backend, data, configuration and seed. What
 * has the same hash has the same result, so a finished arm need never be run twice.
 *
 * @module
 */

import type { Dataset } from "../data/mod.ts";

/** What JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Everything that the result of an arm depends on. */
export type Arm = {
  /** What is done, for example `train`. */
  readonly task: string;
  /** Version of the code. */
  readonly version: string;
  /** Backend that computes; another one rounds differently. */
  readonly backend: string;
  /** Name and fingerprint of the data; empty where there are none. */
  readonly data: string;
  /** How it is done. */
  readonly configuration: Json;
  /** Seed of all that is drawn. */
  readonly seed: number;
};

/** One line of the ledger: an arm, how long it took, and what came out. */
export type LedgerLine = Arm & {
  /** The hash of the arm. */
  readonly hash: string;
  /** The hash of its result. */
  readonly result: string;
  /** Seconds that it took when it was run. */
  readonly seconds: number;
};

/**
 * Gives the SHA-256 of a value, as 64 hexadecimal digits; the order of names does not matter.
 *
 * @example Names in another order
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { digest } from "@fplusx/nn/lab";
 *
 * assertEquals(await digest({ a: 1, b: [2] }), await digest({ b: [2], a: 1 }));
 * ```
 */
export async function digest(value: Json): Promise<string> {
  const sorted = JSON.stringify(
    value,
    (_name, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
  return await sha256(new TextEncoder().encode(sorted));
}

/** Gives the SHA-256 of the images and labels of data sets, as 64 hexadecimal digits. */
export async function fingerprint(...sets: readonly Dataset[]): Promise<string> {
  const parts: Json[] = [];
  for (const { images, labels, shape, classes } of sets) {
    parts.push([await sha256(images), await sha256(labels), shape, classes]);
  }
  return await digest(parts);
}

/** Gives the SHA-256 of the bytes of an array, as 64 hexadecimal digits. */
export async function sha256(values: ArrayBufferView): Promise<string> {
  // A copy, since what is hashed may be a view of a shared buffer.
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
