/** Assertions about one value. @module */

import { AssertionError, reject } from "./assertion_error.ts";

/** What {@linkcode assertFalse} leaves. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Asserts that `actual` is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    reject(`Expected actual: "${actual}" to not be null or undefined`, msg);
  }
}

/** Asserts that `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends abstract new (...args: never[]) => unknown>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const kind = kindOf(actual);
  const but = kind === expectedType.name
    ? ""
    : kind === "function"
    ? " but was not an instanced object"
    : ` but was "${kind}"`;
  reject(`Expected object to be an instance of "${expectedType.name}"${but}`, msg);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? value.constructor?.name ?? "Object" : typeof value;
}

/** Fails. */
export function fail(msg?: string): never {
  reject("Failed assertion", msg);
}

/** Fails where the program cannot come. */
export function unreachable(msg?: string): never {
  reject("Unreachable", msg);
}
