/** Assertions that two values are equal by value, or are one and the same. @module */

import { AssertionError, reject } from "./assertion_error.ts";
import { diff, format } from "./diff.ts";
import { equal } from "./equal.ts";

/** Asserts that `actual` and `expected` are deeply equal; the message shows where they differ. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(`Values are not equal${suffix(msg)}\n${diff(actual, expected)}`);
}

/** Asserts that `actual` and `expected` are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  reject(`Expected actual: ${format(actual)} not to be: ${format(expected)}`, msg);
}

/** Asserts that `actual` and `expected` are one and the same, as `Object.is` has it. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const text = format(actual);
  throw new AssertionError(
    text === format(expected)
      ? `Values have the same structure but are not reference-equal${suffix(msg)}\n\n${
        text.replace(/^/gm, "    ")
      }\n`
      : `Values are not strictly equal${suffix(msg)}\n${diff(actual, expected)}`,
  );
}

/** Asserts that `actual` and `expected` are not one and the same. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!Object.is(actual, expected)) return;
  const text = `Expected "actual" to not be strictly equal to: ${format(actual)}`;
  throw new AssertionError(`${text}${suffix(msg)}\n`);
}

function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
