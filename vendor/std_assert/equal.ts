/**
 * Deep equality by value. `node:util`'s `isDeepStrictEqual` is close, but tells 0 from -0 and an object
 * without a prototype from a plain one, which `@std/assert` does not; so containers are walked here and
 * only the other built-in objects (errors, dates, patterns, …) are left to it.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";

/** Tells whether two values are deeply equal: 0 equals -0, `NaN` itself, functions by reference. */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** `seen` holds the pairs found or assumed equal, so that a cycle ends. */
function compare(a: unknown, b: unknown, seen: Map<object, object>): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || prototype(a) !== prototype(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  const result = compareObjects(a, b, (x, y) => compare(x, y, seen));
  if (!result) seen.delete(a);
  return result;
}

/** Compares two objects of one prototype, their parts with `same`. */
function compareObjects(a: object, b: object, same: Same<unknown>): boolean {
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`Cannot compare ${a.constructor.name} instances`);
  }
  if (a instanceof URL || a instanceof URLSearchParams) return String(a) === String(b);
  if (a instanceof ArrayBuffer || a instanceof SharedArrayBuffer) {
    return same(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  }
  if (a instanceof DataView) return isDeepStrictEqual(a, b);
  if (ArrayBuffer.isView(a)) return sameElements(a as Uint8Array, b as Uint8Array);
  if (a instanceof Set) return matchAll([...a], [...b as Set<unknown>], same);
  if (a instanceof Map) {
    const pairs = ([k, v]: Entry, [l, w]: Entry) => same(k, l) && same(v, w);
    return matchAll([...a], [...b as Map<unknown, unknown>], pairs);
  }
  return isBuiltIn(a) ? isDeepStrictEqual(a, b) : sameProperties(a, b, same);
}

type Entry = [unknown, unknown];
type Same<T> = (x: T, y: T) => boolean;

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function prototype(value: object): unknown {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function isBuiltIn(value: object): boolean {
  return value instanceof Error ||
    !["[object Object]", "[object Array]"].includes(Object.prototype.toString.call(value));
}

function sameElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !Object.is(a[i], b[i])) return false;
  }
  return true;
}

/** Each member of `a` finds an equal one in `b`, wherever it stands, that no other has taken. */
function matchAll<T>(a: T[], b: T[], same: Same<T>): boolean {
  if (a.length !== b.length) return false;
  const free = new Set(b);
  return a.every((x) => {
    for (const y of free) if (same(x, y)) return free.delete(y);
    return false;
  });
}

function sameProperties(a: object, b: object, same: Same<unknown>): boolean {
  const keys = enumerableKeys(a);
  return keys.length === enumerableKeys(b).length &&
    (!Array.isArray(a) || a.length === (b as unknown[]).length) &&
    keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key)));
}

function enumerableKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key)
  );
}
