/**
 * The moments of a whole batch from those of its chunks, and if asked what running averages of them
 * become.
 *
 * Chan et al., [Updating formulae for computing sample variances](https://doi.org/10.1007/978-3-642-51461-6_3), 1982.
 *
 * @module
 */

import type { Columns } from "../../columns.ts";
import { access, bindings, generator, type Program } from "../../program.ts";
import { teamEntry, teamGroups, together } from "../../team.ts";

/**
 * Gives `mean` and biased `variance` from the parts of {@linkcode momentParts} and from `x`; with a decay
 * also the next running averages from the old ones, that of the variance being of the unbiased one.
 */
export const mergedMoments: (
  columns: Columns,
  decay?: number,
  halves?: readonly string[],
) => Program = generator(
  (columns, decay, halves = []) => {
    const { rows, strips, type, chunk, chunks, lanes } = columns;
    const eachPart = (body: string) => `
  for (var part = lane; part < ${chunks}; part += ${lanes}) {
    let count = f32(min(${chunk}, ${rows} - part * ${chunk}));
    let at = 2 * (part * ${strips} + item);
    ${body}
  }`;
    const average = (next: string, old: string, now: string) =>
      `\n    ${next}[item] = ${decay}f * ${old}[item] + ${1 - decay!}f * ${now};`;
    const unbiased = `(spread * ${rows / Math.max(rows - 1, 1)}f)`;
    const averages = (next: string) =>
      average(`${next}Mean`, "oldMean", "mean[item]") +
      average(`${next}Variance`, "oldVariance", unbiased);
    const running = (name: string) => ({ [`${name}Mean`]: type, [`${name}Variance`]: type });
    const own = { mean: type, variance: type };
    const read = { parts: type, x: type };
    const body = (averages: string) =>
      `  var shift = ${type}();${eachPart("shift += count * parts[at];")}
  let center = together(lane, shift) / ${rows}.0;
  var squares = ${type}();${
        eachPart(`let distance = parts[at] - center;
    squares += parts[at + 1] + count * distance * distance;`)
      }
  let spread = together(lane, squares) / ${rows}.0;
  if (lane == 0) {
    mean[item] = ${access(type, halves).read("x", "item")} + center;
    variance[item] = spread;${averages}
  }`;
    const program = (bound: string, averages: string): Program => ({
      name: "mergedMoments",
      wgsl: bound + together("together", type, lanes, "a + b") +
        teamEntry(strips, lanes, body(averages)),
      groups: teamGroups(strips, lanes),
    });
    if (decay === undefined) return program(bindings(own, read, halves), "");
    return {
      ...program(
        bindings({ ...own, ...running("next") }, { ...read, ...running("old") }, halves),
        averages("next"),
      ),
      inPlace: {
        program: program(bindings({ ...own, ...running("old") }, read, halves), averages("old")),
        over: [undefined, undefined, 2, 3],
      },
    };
  },
);
