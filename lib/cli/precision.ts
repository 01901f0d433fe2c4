/**
 * `--precision mixed`: what comes of it on the backend at hand is said before anything is loaded, and what
 * to do about it with a loss that is not finite, since halves end where floats go on.
 *
 * @module
 */

import type { Backend } from "../backend/setup.ts";
import { BackendError, NonFiniteError } from "../errors.ts";
import type { Recipe } from "../recipes/mod.ts";

/**
 * Says what mixed precision is here, where a recipe asks for it.
 *
 * @throws {BackendError} If it needs a feature that the GPU does not have.
 */
export function sayPrecision(
  { precision }: Recipe,
  { name, adapter, features }: Backend,
  log: (line: string) => void,
): void {
  if (precision === "single") return;
  if (name !== "webgpu") return log(`mixed    nothing: ${name} computes in floats only`);
  if (features.includes("shader-f16")) {
    return log("mixed    halves between layers, floats elsewhere");
  }
  throw new BackendError(
    `Cannot train in mixed precision on "${adapter}": the device has no shader-f16; ` +
      "--precision single does without",
  );
}

/** Says where a loss that is not finite may come from, and how to do without, if halves were kept. */
export function advisedOnHalves(
  error: NonFiniteError,
  { precision }: Recipe,
  { name }: Backend,
): NonFiniteError {
  if (precision === "single" || name !== "webgpu") return error;
  const { message, step } = error;
  return new NonFiniteError(`${message}; halves end at 65,504, --precision single does not`, step);
}
