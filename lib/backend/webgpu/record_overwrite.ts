/**
 * What a recorded step may write over its inputs: a result whose place that is, if nothing looks at
 * the input any more when it is written; and what a shader can compute in place. The latter would be
 * wrong while a step runs by itself, since its caller still has the input; in a recording the input is
 * a copy, or was donated.
 *
 * @module
 */

import { programOf } from "./dispatch.ts";
import type { Program } from "./program.ts";
import type { Recording } from "./record.ts";
import type { Need } from "./record_plan.ts";
import { type Buffer, buffersOf, type Dispatch, StandIn } from "./record_stage.ts";

/** The inputs that are the state of a step, each with the result that succeeds it, by numbers. */
export type Succession = ReadonlyMap<number, number | undefined>;

/** What is written over inputs. */
export interface Overwrites {
  /** The results that have to be where an input was, by numbers; they may be copied there at the end. */
  readonly heirs: ReadonlyMap<number, number>;
  /** The buffers that are written where an input was, with its number. */
  readonly over: ReadonlyMap<StandIn, number>;
  /** The shaders that are replaced by one that works in place. */
  readonly inPlace: ReadonlyMap<Dispatch, Program>;
}

/** Finds out what may be written over inputs; if the state is donated, its successor has to be. */
export function findOverwrites(
  recording: Recording,
  succession: Succession,
  donates: boolean,
  needs: ReadonlyMap<StandIn, Need>,
): Overwrites {
  const { dispatches, inputs, results } = recording;
  const heirs = new Map<number, number>();
  const over = new Map<StandIn, number>();
  const inPlace = new Map<Dispatch, Program>();
  const lastLook = (input: number) => needs.get(inputs[input]!)?.last ?? -1;

  for (const [input, result] of succession) {
    const { buffer, of } = results[result ?? -1] ?? {};
    if (!(buffer instanceof StandIn) || of !== undefined) continue;
    if (donates) heirs.set(result!, input);
    const isComputed = buffer.bytes === undefined;
    if (isComputed && needs.get(buffer)!.first > lastLook(input)) over.set(buffer, input);
  }

  const isHeir = (buffer: StandIn, input: number) =>
    [...heirs].some(([result, at]) => at === input && results[result]!.buffer === buffer);
  const inherited = new Set(heirs.values());
  const mayTake = (output: Buffer, input: Buffer, at: number): boolean => {
    if (!(output instanceof StandIn) || !(input instanceof StandIn)) return false;
    const number = inputs.indexOf(input);
    return number >= 0 && lastLook(number) === at && needs.get(output)!.first === at &&
      (!inherited.has(number) || isHeir(output, number));
  };
  dispatches.forEach((dispatch, at) => {
    const { program, over: taken } = programOf(dispatch.pipeline)?.inPlace ?? {};
    if (program === undefined || taken === undefined) return;
    const bindings = buffersOf(dispatch);
    const pairs = taken.flatMap((input, i) =>
      input === undefined ? [] : [[bindings[i]!, bindings[taken.length + input]!] as const]
    );
    const isOnce = (buffer: Buffer) => bindings.indexOf(buffer) === bindings.lastIndexOf(buffer);
    if (!pairs.every(([to, from]) => isOnce(from) && mayTake(to, from, at))) return;
    inPlace.set(dispatch, program);
    for (const [to, from] of pairs) over.set(to as StandIn, inputs.indexOf(from as StandIn));
  });
  return { heirs, over, inPlace };
}

/** What a dispatch that works in place is bound to: outputs, and inputs that none is written over. */
export function bindingsInPlace({ pipeline, bindings }: Dispatch): Dispatch["bindings"] {
  const { over } = programOf(pipeline)!.inPlace!;
  return bindings.filter((_, i) => i < over.length || !over.includes(i - over.length));
}
