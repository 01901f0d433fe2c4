/** What every failed assertion throws. @module */

/** Says which expectation did not hold. */
export class AssertionError extends Error {
  /** Constructs an error with a message and, as for any error, an optional cause. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Throws an {@linkcode AssertionError}: `what`, then the caller's own message or a full stop. */
export function reject(what: string, msg: string | undefined): never {
  throw new AssertionError(`${what}${msg ? `: ${msg}` : "."}`);
}
