/**
 * Sums and maxima along the middle axis of `[outer, length, inner]`: a thread goes along a chunk of it,
 * and what the chunks give is folded again until one is left. The order is fixed, so the result is the
 * same each time. Where nothing lies inside, four neighbours are loaded at once and, on a GPU, a team
 * of threads reads side by side.
 *
 * @module
 */

import { LARGER } from "../larger.ts";
import { bindings, generator, type Program } from "../program.ts";
import { teamEntry, teamGroups, together } from "../team.ts";

/** What two values become. */
export type Folding = "sum" | "max";

/** How a fold is shared out among threads. */
export interface Fold {
  readonly outer: number;
  /** Strips along the axis. */
  readonly length: number;
  /** Strips side by side. */
  readonly strips: number;
  readonly type: "f32" | "vec4f";
  /** Whether the four elements of a strip are folded as well. */
  readonly across: boolean;
  /** Strips along the axis that a team folds. */
  readonly chunk: number;
  readonly chunks: number;
  readonly lanes: number;
}

/** More than these in a row would round worse. */
const MOST_IN_ROW = 256;

/** Shares out a fold. */
export function foldOf(outer: number, length: number, inner: number, software: boolean): Fold {
  const across = inner === 1 && length % 4 === 0;
  const type = across || inner % 4 === 0 ? "vec4f" : "f32";
  const strips = type === "vec4f" && !across ? inner / 4 : inner;
  const along = across ? length / 4 : length;
  const lanes = software || inner > 1 ? 1 : 64;
  const most = MOST_IN_ROW * lanes;
  const wanted = Math.ceil((software ? 256 : 4096) / (outer * strips));
  const chunk = along <= most ? along : Math.min(most, Math.max(32, Math.ceil(along / wanted)));
  return {
    outer,
    length: along,
    strips,
    type,
    across,
    chunk,
    chunks: Math.ceil(along / chunk),
    lanes,
  };
}

/** Gives `y`, `[outer, chunks, inner]`, from `x`; divided by a number. */
export const folded: (fold: Fold, folding: Folding, divisor: number) => Program = generator(
  ({ outer, length, strips, type, across, chunk, chunks, lanes }, folding, divisor) => {
    const items = outer * chunks * strips;
    const element = across ? "f32" : type;
    const both = (type: string) => folding === "sum" ? "a + b" : `larger_${type}(a, b)`;
    const start = folding === "sum" ? `${type}()` : "x[base]";
    const body = `  let strip = item % ${strips};
  let part = item / ${strips} % ${chunks};
  let first = part * ${chunk};
  let end = min(first + ${chunk}, ${length});
  let base = (item / ${strips * chunks} * ${length} + first) * ${strips} + strip;
  var a = ${start};
  for (var i = lane; i < end - first; i += ${lanes}) {
    let b = x[base + i * ${strips}];
    a = ${both(type)};
  }
  let all = together(lane, ${across ? "across(a)" : "a"});
  if (lane == 0) { y[item] = all${divisor === 1 ? "" : ` / ${divisor}.0`}; }`;
    return {
      name: folding,
      wgsl: bindings({ y: element }, { x: type }) +
        (folding === "max" ? LARGER : "") +
        (across ? ACROSS[folding] : "") +
        together("together", element, lanes, both(element)) + teamEntry(items, lanes, body),
      groups: teamGroups(items, lanes),
    };
  },
);

const ACROSS: Readonly<Record<Folding, string>> = {
  sum: "fn across(a: vec4f) -> f32 { return (a.x + a.y) + (a.z + a.w); }\n",
  max: `fn across(a: vec4f) -> f32 {
  return larger_f32(larger_f32(a.x, a.y), larger_f32(a.z, a.w));
}
`,
};
