/**
 * Do two recordings of a step do the same? What differs was decided on the host, by a number or a
 * branch that is not a tensor, and a replay would repeat the first decision.
 *
 * @module
 */

import { MismatchError } from "../../errors.ts";
import type { Recording } from "./record.ts";
import { buffersOf, type Dispatch, StandIn } from "./record_stage.ts";

/**
 * Checks that a step does now what it did when it was recorded.
 *
 * @throws {MismatchError} If it does not; names the first operation that differs.
 */
export function assertSameStep(recorded: Recording, now: Recording): void {
  const same = pairing();
  recorded.inputs.forEach((buffer, i) => same(buffer, now.inputs[i]));
  const length = Math.max(recorded.dispatches.length, now.dispatches.length);
  for (let i = 0; i < length; i++) {
    const [before, after] = [recorded.dispatches[i], now.dispatches[i]];
    if (before === undefined || after === undefined || !sameWork(before, after)) {
      const [old, kernel] = [before?.kernel ?? "missing", after?.kernel ?? "missing"];
      refuse(
        `operation ${i} is ${kernel}, and when it was recorded it was ` +
          `${old}${old === kernel ? " of another kind" : ""}; ` +
          "what a step does may depend on shapes alone",
      );
    }
    const [was, is] = [buffersOf(before), buffersOf(after)];
    const at = was.findIndex((buffer, k) => !same(buffer, is[k]));
    if (at < 0) continue;
    const [then, value] = [numberIn(was[at]), numberIn(is[at])];
    const what = then === undefined || value === undefined
      ? "takes other values than when it was recorded"
      : `takes ${value}, and when it was recorded it took ${then}`;
    refuse(
      `operation ${i}, ${after.kernel}, ${what}; what changes has to be a tensor of the state, the ` +
        "batch or the knobs",
    );
  }
  const [was, is] = [recorded, now].map(({ results }) => results.map(({ buffer }) => buffer));
  if (was!.length === is!.length && was!.every((buffer, i) => same(buffer, is![i]))) return;
  refuse("it gives other tensors than when it was recorded");
}

function refuse(why: string): never {
  throw new MismatchError(`Cannot replay the step: ${why}`);
}

function sameWork(a: Dispatch, b: Dispatch): boolean {
  return a.pipeline === b.pipeline && `${a.groups}` === `${b.groups}`;
}

/** Tells whether buffers of two recordings play the same part, in the order of their first use. */
function pairing(): (a: object, b: object | undefined) => boolean {
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
function numberIn(buffer: object | undefined): number | undefined {
  if (!(buffer instanceof StandIn) || buffer.bytes?.byteLength !== 4) return;
  const { bytes, dtype } = buffer;
  return (dtype === "float32" ? new Float32Array(bytes) : new Int32Array(bytes))[0];
}
