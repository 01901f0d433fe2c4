/**
 * The gradients of a batch normalisation that are sums over the batch, and what its input's gradient
 * is made with: that is linear in the gradient of the output and in the input, channel by channel.
 *
 * @module
 */

import type { Columns } from "../../columns.ts";
import { bindings, generator, type Program } from "../../program.ts";
import { teamEntry, teamGroups, together } from "../../team.ts";

/**
 * Gives the gradients `dWeight` and `dBias`, and `coefficients`, four strips for each strip: of the
 * gradient, of the centred input, of one, and the mean.
 */
export const gradientCoefficients: (columns: Columns, epsilon: number) => Program = generator(
  ({ rows, strips, type, chunks, lanes }, epsilon) => {
    const body = `  var sum = ${type}();
  var along = ${type}();
  for (var part = lane; part < ${chunks}; part += ${lanes}) {
    let at = 2 * (part * ${strips} + item);
    sum += parts[at];
    along += parts[at + 1];
  }
  sum = together(lane, sum);
  along = together(lane, along);
  if (lane == 0) {
    let inverse = inverseSqrt(variance[item] + ${epsilon}f);
    let scale = weight[item] * inverse;
    dWeight[item] = along * inverse;
    dBias[item] = sum;
    coefficients[4 * item] = scale;
    coefficients[4 * item + 1] = -scale * inverse * inverse * along / ${rows}.0;
    coefficients[4 * item + 2] = -scale * sum / ${rows}.0;
    coefficients[4 * item + 3] = mean[item];
  }`;
    return {
      name: "gradientCoefficients",
      wgsl: bindings(
        { dWeight: type, dBias: type, coefficients: type },
        { parts: type, mean: type, variance: type, weight: type },
      ) + together("together", type, lanes, "a + b") + teamEntry(strips, lanes, body),
      groups: teamGroups(strips, lanes),
    };
  },
);
