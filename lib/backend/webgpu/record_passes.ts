/**
 * The passes of a recorded step. Textures are filled between passes, which takes the host as long as
 * many dispatches; so a pass begins with all the copies that its dispatches read, and ends only before
 * one that reads what the pass itself may have written. Small textures are filled once for as long as
 * their buffers stay as they are: so weights and many activations are copied once for a step forwards
 * and back.
 *
 * @module
 */

import type { Need } from "./record_plan.ts";
import type { Buffer, Dispatch } from "./record_stage.ts";
import { Texels } from "./textures.ts";

/** A texture that is filled before a pass; it is needed from that pass to the last that reads it. */
export interface Filling extends Need {
  /** What it is filled with. */
  readonly texels: Texels<Buffer>;
}

/** Dispatches one after the other. */
export interface Pass {
  /** What is filled before. */
  readonly fillings: readonly Filling[];
  /** The dispatches. */
  readonly dispatches: readonly Dispatch[];
}

/** Most rows of a texture that is kept beyond its pass: 2 MiB of four floats each. */
const SMALL = 32;

/** Splits the dispatches of a step into passes, and gives the filling for each binding of texels. */
export function passesOf(
  dispatches: readonly Dispatch[],
): [passes: Pass[], fillings: ReadonlyMap<Texels<Buffer>, Filling>] {
  const passes: { fillings: Filling[]; dispatches: Dispatch[] }[] = [];
  const fillings = new Map<Texels<Buffer>, Filling>();
  /** Those that hold what their buffers do. */
  let filled: Filling[] = [];
  /** What the last pass may have written. */
  const bound = new Set<Buffer>();
  for (const dispatch of dispatches) {
    const sampled = dispatch.bindings.filter((binding) => binding instanceof Texels);
    if (passes.length === 0 || sampled.some(({ buffer }) => bound.has(buffer))) {
      passes.push({ fillings: [], dispatches: [] });
      filled = filled.filter(({ size }) => size <= SMALL);
      bound.clear();
    }
    const [pass, at] = [passes.at(-1)!, passes.length - 1];
    for (const texels of sampled) {
      let filling = filled.find((other) => other.texels.isLike(texels));
      if (filling === undefined) {
        filling = { texels, size: texels.rows, first: at, last: at };
        filled.push(filling);
        pass.fillings.push(filling);
      }
      filling.last = at;
      fillings.set(texels, filling);
    }
    pass.dispatches.push(dispatch);
    for (const binding of dispatch.bindings) if (!(binding instanceof Texels)) bound.add(binding);
    filled = filled.filter(({ texels }) => !bound.has(texels.buffer));
  }
  return [passes, fillings];
}
