/** The second half of a sum that many threads share: what they found, added up in its order. */

import { sizeOf } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { access, bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import { elementOf, inputOf, operand, readers, readOne } from "../unrolled.ts";

/** Gives `sums`, `count` times `size` floats or halves, from `parts`, as many of each. */
export const sumParts: (
  count: number,
  parts: number,
  size: number,
  sampled: boolean,
  half?: boolean,
) => Program = generator((count, parts, size, sampled, half = false) => {
  const halves = half ? ["sums"] : [];
  const [from, to] = [operand("parts", size, sampled), operand("sums", size)];
  const step = size / to.width;
  const value = readOne(from, "at");
  const body = `  var at = t / ${step} * ${parts * step} + t % ${step};
  var sum = ${value};
  for (var i = 1; i < ${parts}; i++) {
    at += ${step};
    sum += ${value};
  }
  ${access(elementOf(to), halves).write("sums", "t", "sum")}`;
  return {
    name: "sumParts",
    wgsl: bindings({ sums: elementOf(to) }, { parts: inputOf(from) }, halves) +
      readers(from, [from.width]) + entry(count * step, body),
    groups: groupsFor(count * step),
    rounds: parts,
    ...sampled && { textures: { 1: from.width } },
  };
});

/** Gives the sums `[count, …]` of `[count, parts, …]`, which is let go. */
export function addUp(
  backend: GuardedBackend,
  parts: tf.TensorInfo,
  sampled: boolean,
  half = false,
): tf.TensorInfo {
  const [count, each, ...rest] = parts.shape as [number, number, ...number[]];
  if (each === 1) return { ...parts, shape: [count, ...rest] };
  const sums = backend.makeTensorInfo([count, ...rest], "float32");
  dispatch(backend, sumParts(count, each, sizeOf(rest), sampled, half), [sums], [parts]);
  backend.disposeData(parts.dataId);
  return sums;
}
