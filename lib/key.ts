/**
 * Random keys: a seed (what changes from step to step) and a path (where in the model). Folding a
 * name or number into a key changes only the path, so what one layer draws does not depend on what
 * comes after it. The words of a key are the counter-based generator Threefry-4x32 with 20 rounds:
 * word `i` depends on nothing but (seed, path, i), so every backend and every order gives the same.
 *
 * Salmon et al., *Parallel random numbers: as easy as 1, 2, 3* (SC 2011).
 *
 * @module
 */

import { ArgumentError, BackendError, RecordingError } from "./errors.ts";
import { isRecording } from "./recording.ts";
import { knownValues, type Scalar } from "./tensor.ts";

/** A splittable random key; make one with {@linkcode key}, derive others with {@linkcode fold}. */
export type Key = {
  /** The seed: an integer of 32 bits, or a scalar tensor in a compiled step; `null` is abstract. */
  readonly seed: number | Scalar | null;
  /** Two words of 32 bits that stand for the place in the model. */
  readonly path: readonly [number, number];
};

/** Four words of 32 bits. */
export type Words = readonly [number, number, number, number];

/** The key with which `init` gives shapes and no values, without touching a device. */
export const abstractKey: Key = Object.freeze({ seed: null, path: [0, 0] as const });

/**
 * Makes a key from a seed.
 *
 * @param seed An integer from 0 to 2³²-1, or an `int32` scalar tensor.
 * @throws {ArgumentError} If `seed` is another number.
 *
 * @example The same key gives the same draws
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * import { fold, key, randomBits } from "@fplusx/nn";
 *
 * assertEquals(randomBits(key(7), 4), randomBits(key(7), 4));
 * assertNotEquals(randomBits(fold(key(7), "weight"), 4), randomBits(fold(key(7), "bias"), 4));
 * ```
 */
export function key(seed: number | Scalar): Key {
  if (typeof seed === "number" && (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)) {
    throw new ArgumentError(
      `Cannot make a key from seed ${seed}: need an integer from 0 to 4294967295`,
    );
  }
  return { seed, path: [0, 0] };
}

/** Gives the key for a part of what `parent` stands for, by name or number. */
export function fold(parent: Key, part: string | number): Key {
  let path = parent.path;
  for (const words of wordsOf(part)) {
    const [a, b] = threefry(words, [path[0], path[1], 0, 0]);
    path = [a, b];
  }
  return { seed: parent.seed, path };
}

/** Gives `count` independent keys. */
export function split(parent: Key, count: number): Key[] {
  return Array.from({ length: count }, (_, i) => fold(parent, i));
}

/** Gives the first `count` words (32 bits each, uniform) of a key. */
export function randomBits(of: Key, count: number): Uint32Array {
  const keyWords: Words = [seedOf(of), of.path[0], of.path[1], 1];
  const bits = new Uint32Array(Math.ceil(count / 4) * 4);
  for (let block = 0; block * 4 < count; block++) {
    bits.set(threefry([block, 0, 0, 0], keyWords), block * 4);
  }
  return bits.subarray(0, count);
}

/** Gives the integers from 0 to `n - 1` in a random order (Fisher-Yates). */
export function permutation(of: Key, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const bits = randomBits(of, n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(bits[i]! / 2 ** 32 * (i + 1));
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}

function seedOf({ seed }: Key): number {
  if (typeof seed === "number") return seed;
  const known = seed === null ? undefined : knownValues(seed)?.[0];
  if (known !== undefined) return known >>> 0;
  const Refusal = isRecording() ? RecordingError : BackendError;
  throw new Refusal(
    "Cannot draw on the host from this key: its seed is abstract or lives on a device only",
  );
}

/** Numbers and strings never share words: the last word tells the kind, and the length of a string. */
function* wordsOf(part: string | number): Iterable<Words> {
  if (typeof part === "number") return yield [part >>> 0, Math.floor(part / 2 ** 32) >>> 0, 0, 1];
  for (let i = 0; i === 0 || i < part.length; i += 6) {
    const unit = (k: number) => i + k < part.length ? part.charCodeAt(i + k) : 0;
    const pair = (k: number) => unit(k) | unit(k + 1) << 16;
    yield [pair(0), pair(2), pair(4), part.length << 1];
  }
}

/** What the words of a key and their parity make together. */
export const THREEFRY_PARITY = 0x1bd11bda;
/** By how many bits the two halves are turned in each round; they repeat after eight. */
export const ROTATIONS = [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [
  18,
  20,
]] as readonly (readonly [number, number])[];

/** The Threefry-4x32 bijection with 20 rounds. */
export function threefry(counter: Words, key: Words): Words {
  const [k0, k1, k2, k3] = key;
  const schedule = [k0, k1, k2, k3, THREEFRY_PARITY ^ k0 ^ k1 ^ k2 ^ k3] as const;
  let x0 = counter[0] + k0 | 0, x1 = counter[1] + k1 | 0;
  let x2 = counter[2] + k2 | 0, x3 = counter[3] + k3 | 0;
  for (let round = 0; round < 20; round++) {
    const [r, s] = ROTATIONS[round & 7]!;
    if ((round & 1) === 0) {
      x0 = x0 + x1 | 0;
      x1 = (x1 << r | x1 >>> 32 - r) ^ x0;
      x2 = x2 + x3 | 0;
      x3 = (x3 << s | x3 >>> 32 - s) ^ x2;
    } else {
      x0 = x0 + x3 | 0;
      x3 = (x3 << r | x3 >>> 32 - r) ^ x0;
      x2 = x2 + x1 | 0;
      x1 = (x1 << s | x1 >>> 32 - s) ^ x2;
    }
    if ((round & 3) === 3) {
      const d = round + 1 >>> 2;
      x0 = x0 + schedule[d % 5]! | 0;
      x1 = x1 + schedule[(d + 1) % 5]! | 0;
      x2 = x2 + schedule[(d + 2) % 5]! | 0;
      x3 = x3 + schedule[(d + 3) % 5]! + d | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0, x2 >>> 0, x3 >>> 0];
}
