/** Assertions that one value holds another: a text a part, an array members, an object a shape. @module */

import { AssertionError, reject } from "./assertion_error.ts";
import { format } from "./diff.ts";
import { equal } from "./equal.ts";
import { assertEquals } from "./equals.ts";

/** Anything with a length and members, but a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Asserts that `actual` contains the text `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    reject(`Expected actual: "${actual}" to contain: "${expected}"`, msg);
  }
}

/** Asserts that `actual` matches the pattern `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) {
    reject(`Expected actual: "${actual}" to match: "${expected}"`, msg);
  }
}

/** Asserts that every member of `expected` deeply equals some member of `actual`. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const members = Array.from(actual);
  const missing = Array.from(expected).filter((item) => !members.some((it) => equal(it, item)));
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: "${format(actual)}" to include: "${format(expected)}"` +
      `${msg ? `: ${msg}` : "."}\nmissing: ${format(missing)}`,
  );
}

/** Asserts that what `actual` has of the properties of `expected`, however deep, equals them. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- an interface has no index signature, and only any forgives that
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(project(actual, expected), project(expected, expected), msg);
}

type Projections = Map<unknown, { shape: unknown; part: unknown }>;

/** The part of `value` that `shape` speaks of; instances become plain objects on both sides. */
function project(value: unknown, shape: unknown, seen: Projections = new Map()): unknown {
  if (!isTree(value) || !isTree(shape)) return value;
  if (value instanceof Set && shape instanceof Set) return value.intersection(shape);
  if (value instanceof Map && shape instanceof Map) {
    const common = [...value].filter(([key]) => shape.has(key));
    return new Map(common.map(([key, item]) => [key, project(item, shape.get(key), seen)]));
  }
  const known = seen.get(value);
  if (known?.shape === shape) return known.part;
  const part = Array.isArray(value) && Array.isArray(shape) ? [] : {};
  seen.set(value, { shape, part });
  for (const key of Reflect.ownKeys(shape)) {
    if (!Object.hasOwn(value, key) || (Array.isArray(part) && key === "length")) continue;
    Reflect.set(part, key, project(Reflect.get(value, key), Reflect.get(shape, key), seen));
  }
  return part;
}

function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null &&
    !(value instanceof RegExp) && !(value instanceof Date);
}
