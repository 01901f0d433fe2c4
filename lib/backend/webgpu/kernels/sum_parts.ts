/** The second half of a sum that many threads share: what they found, added up in its order. */

import { sizeOf } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { access, bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import { elementOf, operand } from "../unrolled.ts";

/** Gives `sums`, `count` times `size` floats or halves, from `parts`, as many of each. */
export const sumParts: (count: number, parts: number, size: number, half?: boolean) => Program =
  generator((count, parts, size, half = false) => {
    const halves = half ? ["sums"] : [];
    const [from, to] = [operand("parts", size), operand("sums", size)];
    const step = size / to.width;
    const body = `  var at = t / ${step} * ${parts * step} + t % ${step};
  var sum = parts[at];
  for (var i = 1; i < ${parts}; i++) {
    at += ${step};
    sum += parts[at];
  }
  ${access(elementOf(to), halves).write("sums", "t", "sum")}`;
    return {
      name: "sumParts",
      wgsl: bindings({ sums: elementOf(to) }, { parts: elementOf(from) }, halves) +
        entry(count * step, body),
      groups: groupsFor(count * step),
      rounds: parts,
    };
  });

/** Gives the sums `[count, …]` of `[count, parts, …]`, which is let go. */
export function addUp(
  backend: GuardedBackend,
  parts: tf.TensorInfo,
  half = false,
): tf.TensorInfo {
  const [count, each, ...rest] = parts.shape as [number, number, ...number[]];
  if (each === 1) return { ...parts, shape: [count, ...rest] };
  const sums = backend.makeTensorInfo([count, ...rest], "float32");
  dispatch(backend, sumParts(count, each, sizeOf(rest), half), [sums], [parts]);
  backend.disposeData(parts.dataId);
  return sums;
}
