/**
 * The gradients by weight and bias of normalised rows, from sums over chunks of rows.
 *
 * @module
 */

import type { Columns } from "../../columns.ts";
import { bindings, generator, type Program } from "../../program.ts";
import { teamEntry, teamGroups, together } from "../../team.ts";

/** Gives `dWeight` and `dBias` from what {@linkcode affineParts} gives. */
export const affineSums: (columns: Columns) => Program = generator(
  ({ strips, type, chunks, lanes }) => {
    const body = `  var along = ${type}();
  var sum = ${type}();
  for (var part = lane; part < ${chunks}; part += ${lanes}) {
    along += weights[part * ${strips} + item];
    sum += biases[part * ${strips} + item];
  }
  along = together(lane, along);
  sum = together(lane, sum);
  if (lane == 0) {
    dWeight[item] = along;
    dBias[item] = sum;
  }`;
    return {
      name: "affineSums",
      wgsl: bindings({ dWeight: type, dBias: type }, { weights: type, biases: type }) +
        together("together", type, lanes, "a + b") + teamEntry(strips, lanes, body),
      groups: teamGroups(strips, lanes),
    };
  },
);
