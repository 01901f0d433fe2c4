/**
 * A tensor put into a larger one, at a place and in steps along each axis: padding, and the gradients
 * of slices. Axes along which nothing changes are one, so any number of them will do.
 *
 * @module
 */

import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import type { Kernel } from "../kernels.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";

/** Where the elements along an axis of `count` go: to `first`, `first + step`, … of `size`. */
export interface Placing {
  readonly count: number;
  readonly size: number;
  readonly first: number;
  readonly step: number;
}

/** Gives `y` from `x`, and `value` where nothing is put. */
export const spreading: (
  axes: readonly Placing[],
  dtype: "float32" | "int32",
  value: number,
) => Program = generator((all, dtype, value) => {
  const axes = merged(all);
  const inner = isWhole(axes.at(-1)!) ? axes.pop()!.size : 1;
  const width = inner % 4 === 0 ? 4 : 1;
  const strips = inner / width;
  const element = dtype === "float32" ? "f32" : "i32";
  const type = width === 4 ? `vec4${element[0] as "f" | "i"}` as const : element;
  const threads = strips * axes.reduce((all, { size }) => all * size, 1);
  let [sizes, counts] = [strips, strips];
  const places = axes.toReversed().map((axis) => {
    const { count, size, first, step } = axis;
    const from = step === 1 ? "place" : `place / ${step}`;
    const conditions = [
      ...first === 0 ? [] : ["place >= 0"],
      ...step === 1 ? [] : [`place % ${step} == 0`],
      ...isWhole(axis) ? [] : [`${from} < ${count}`],
    ];
    const lines = [
      `  place = t / ${sizes} % ${size}${first === 0 ? "" : ` - ${first}`};`,
      ...conditions.length === 0 ? [] : [`  taken = taken && ${conditions.join(" && ")};`],
      `  at += ${from} * ${counts};`,
    ];
    [sizes, counts] = [sizes * size, counts * count];
    return lines.join("\n");
  });
  const body = `  var at = t % ${strips};
  var place = 0;
  var taken = true;
${places.join("\n")}
  y[t] = ${type}(${element}(${value}));
  if (taken) { y[t] = x[at]; }`;
  return {
    name: "spread",
    wgsl: bindings({ y: type }, { x: type }) + entry(threads, body),
    groups: groupsFor(threads),
  };
});

const isWhole = ({ count, size, step }: Placing) => count === size && step === 1;

/** Makes neighbours along which nothing changes one axis. */
function merged(axes: readonly Placing[]): Placing[] {
  const all: Placing[] = [];
  for (const axis of axes) {
    const last = all.at(-1);
    if (last !== undefined && isWhole(last) && isWhole(axis)) {
      const size = last.size * axis.size;
      all[all.length - 1] = { count: size, size, first: 0, step: 1 };
    } else all.push(axis);
  }
  return all;
}

/** `PadV2`. */
export const pad: Kernel = (backend, { x }, { paddings, constantValue }) => {
  const pairs: readonly (readonly [number, number])[] = paddings;
  const known = x.dtype === "float32" || x.dtype === "int32";
  if (!known || !Number.isFinite(constantValue) || x.shape.includes(0)) return;
  if (pairs.flat().every((pixels) => pixels === 0)) return;
  const axes = pairs.map(([before, after], axis) => {
    const count = x.shape[axis]!;
    return { count, size: before + count + after, first: before, step: 1 };
  });
  return put(backend, x, axes, constantValue);
};

/** `FplusxSpread`. */
export function spread(
  backend: GuardedBackend,
  { x }: Readonly<Record<"x", tf.TensorInfo>>,
  { shape, begin, strides }: Readonly<Record<"shape" | "begin" | "strides", readonly number[]>>,
): tf.TensorInfo {
  const axes = shape.map((size, axis) => {
    return { count: x.shape[axis]!, size, first: begin[axis]!, step: strides[axis]! };
  });
  return put(backend, x, axes, 0);
}

function put(
  backend: GuardedBackend,
  x: tf.TensorInfo,
  axes: readonly Placing[],
  value: number,
): tf.TensorInfo {
  const y = backend.makeTensorInfo(axes.map(({ size }) => size), x.dtype);
  dispatch(backend, spreading(axes, x.dtype as "float32" | "int32", value), [y], [x]);
  return y;
}
