/**
 * Whether a step is being recorded now, to be replayed later without its code. What the code of a
 * step decides by looking at host values would be decided once and for all, so while one is recorded
 * random numbers are drawn on the device, checks of host values are kept for the replays, and
 * reading is refused.
 *
 * @module
 */

import { RecordingError, showShape } from "./errors.ts";
import { knownValues, type Tensor, type Values } from "./tensor.ts";

/** A look at host values, which throws if they will not do. */
export type Check = (values: Values) => void;

let recording = false;
let checks: [x: Tensor, check: Check][] = [];
let reading = true;

/** Tells whether a step is being recorded. */
export function isRecording(): boolean {
  return recording;
}

/** Runs `f` as a step that is recorded; gives what it gives, and the checks that it made. */
export function whileRecording<T>(f: () => T): [result: T, checks: [x: Tensor, check: Check][]] {
  const made: [x: Tensor, check: Check][] = [];
  [recording, checks] = [true, made];
  try {
    return [withoutReading(f), made];
  } finally {
    [recording, checks] = [false, []];
  }
}

/**
 * Lets `check` look at the host values of `x`, where some are known: now, or when a step is being
 * recorded, whenever it is replayed.
 */
export function inspect(x: Tensor, check: Check): void {
  const values = knownValues(x);
  if (values !== undefined) check(values);
  else if (recording) checks.push([x, check]);
}

/** Runs `f`, in which no tensor may be read. */
export function withoutReading<T>(f: () => T): T {
  const before = reading;
  reading = false;
  try {
    return f();
  } finally {
    reading = before;
  }
}

/**
 * Checks that a tensor may be read now.
 *
 * @throws {RecordingError} If a compiled step is running: a replay would not read again.
 */
export function assertReadable(x: Tensor): void {
  if (reading) return;
  throw new RecordingError(
    `Cannot read a ${x.dtype} tensor of shape ${showShape(x.shape)} inside a compiled step: ` +
      "return it, and read it after the step",
  );
}
