/**
 * Do two recordings of a step do the same? What differs was decided on the host, by a number or a
 * branch that is not a tensor, and a replay would repeat the first decision.
 *
 * @module
 */

import { MismatchError } from "../../errors.ts";
import type { Recording } from "./record.ts";
import { StandIn } from "./record_stage.ts";

type Buffer = StandIn | GPUBuffer | undefined;

/**
 * Checks that a step does now what it did when it was recorded.
 *
 * @throws {MismatchError} If it does not; names the first operation that differs.
 */
export function assertSameStep(recorded: Recording, now: Recording): void {
  const same = pairing();
  recorded.inputs.forEach((buffer, i) => same(buffer, now.inputs[i]));
  const length = Math.max(recorded.operations.length, now.operations.length);
  for (let i = 0; i < length; i++) {
    const [before, after] = [recorded.operations[i], now.operations[i]];
    const alike = before?.pipeline === after?.pipeline &&
      `${before?.groups}` === `${after?.groups}`;
    if (before === undefined || after === undefined || !alike) {
      refuse(
        `operation ${i} is ${after?.kernel ?? "missing"}, and when it was recorded it was ` +
          `${before?.kernel ?? "missing"}${
            before?.kernel === after?.kernel ? " of another kind" : ""
          }; ` +
          "what a step does may depend on shapes alone",
      );
    }
    const at = before.bindings.findIndex((buffer, k) => !same(buffer, after.bindings[k]));
    if (at < 0) continue;
    const [then, value] = [before, after].map(({ bindings }) => numberIn(bindings[at]));
    const what = then === undefined || value === undefined
      ? "takes other values than when it was recorded"
      : `takes ${value}, and when it was recorded it took ${then}`;
    refuse(
      `operation ${i}, ${after.kernel}, ${what}; what changes has to be a tensor of the state, the ` +
        "batch or the knobs",
    );
  }
  const results = [recorded, now].map(({ results }) => results.map(({ buffer }) => buffer));
  const [given, gives] = results as [Buffer[], Buffer[]];
  if (given.length === gives.length && given.every((buffer, i) => same(buffer, gives[i]))) return;
  refuse("it gives other tensors than when it was recorded");
}

function refuse(why: string): never {
  throw new MismatchError(`Cannot replay the step: ${why}`);
}

/** Tells whether buffers of two recordings play the same part, in the order of their first use. */
function pairing(): (a: Buffer, b: Buffer) => boolean {
  const partners = new Map<StandIn, StandIn>();
  const taken = new Set<StandIn>();
  return (a, b) => {
    if (!(a instanceof StandIn) || !(b instanceof StandIn)) return a === b;
    if (partners.has(a) || taken.has(b)) return partners.get(a) === b;
    if (a.size !== b.size || !sameBytes(a.bytes, b.bytes)) return false;
    partners.set(a, b);
    taken.add(b);
    return true;
  };
}

function sameBytes(a: ArrayBuffer | undefined, b: ArrayBuffer | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [left, right] = [new Uint32Array(a), new Uint32Array(b)];
  return left.every((word, i) => word === right[i]);
}

/** The one number that the host put into a buffer. */
function numberIn(buffer: Buffer): number | undefined {
  if (!(buffer instanceof StandIn) || buffer.bytes?.byteLength !== 4) return;
  return (buffer.dtype === "float32"
    ? new Float32Array(buffer.bytes)
    : new Int32Array(buffer.bytes))[0];
}
