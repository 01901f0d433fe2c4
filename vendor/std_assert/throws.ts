/** Assertions that a function throws, or a promise is rejected, and with what. @module */

import { stripVTControlCharacters } from "node:util";
import { AssertionError, reject } from "./assertion_error.ts";

/** The class of an error, whatever its constructor takes. */
type ClassOf<E extends Error> = abstract new (...args: never[]) => E;

/** Asserts that `fn` throws, and gives what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Asserts that `fn` throws an `ErrorClass` whose message includes `msgIncludes`, and gives it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(fn: () => unknown, ...expectation: Expectation): unknown {
  const { ErrorClass, msgIncludes, msg } = read(expectation);
  try {
    fn();
  } catch (error) {
    if (ErrorClass) check(error, ErrorClass, "thrown", msgIncludes, msg);
    return error;
  }
  return reject("Expected function to throw", msg);
}

/** Asserts that the promise of `fn` is rejected, and gives what with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Asserts that the promise of `fn` is rejected with such an `ErrorClass`, and gives it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...expectation: Expectation
): Promise<unknown> {
  const { ErrorClass, msgIncludes, msg } = read(expectation);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
    if (typeof promise?.then !== "function") throw new TypeError("Expected a promise");
  } catch (cause) {
    throw new AssertionError(
      `Function throws when expected to reject${msg ? `: ${msg}` : "."}`,
      { cause },
    );
  }
  try {
    await promise;
  } catch (error) {
    if (ErrorClass) check(error, ErrorClass, "rejected", msgIncludes, msg);
    return error;
  }
  return reject("Expected function to reject", msg);
}

type Expectation = [
  classOrMsg?: ClassOf<Error> | string,
  msgIncludes?: string,
  msg?: string,
];

function read([classOrMsg, msgIncludes, msg]: Expectation): {
  ErrorClass?: ClassOf<Error> | undefined;
  msgIncludes?: string | undefined;
  msg?: string | undefined;
} {
  return typeof classOrMsg === "string"
    ? { msg: classOrMsg }
    : { ErrorClass: classOrMsg, msgIncludes, msg };
}

function check(
  error: unknown,
  ErrorClass: ClassOf<Error>,
  verb: "thrown" | "rejected",
  msgIncludes: string | undefined,
  msg: string | undefined,
): void {
  if (!(error instanceof Error)) return reject(`A non-Error object was ${verb}`, msg);
  const { constructor, message } = error;
  if (!(error instanceof ErrorClass)) {
    reject(
      `Expected error to be instance of "${ErrorClass.name}", but was "${constructor.name}"`,
      msg,
    );
  }
  const plain = stripVTControlCharacters;
  if (msgIncludes && !plain(message).includes(plain(msgIncludes))) {
    reject(
      `Expected error message to include ${JSON.stringify(msgIncludes)}, ` +
        `but got ${JSON.stringify(message)}`,
      msg,
    );
  }
}
