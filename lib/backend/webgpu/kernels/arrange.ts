/**
 * Pictures cut out, moved, mirrored and normalised in one gather: see `lib/data/arrange.ts`. A thread
 * does one pixel of the result.
 */

import type { Shape } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import { resident } from "../resident.ts";

/** The program for a result `[batch, height, width, channels]` from pictures `[height, width, channels]`. */
export const arrangeProgram: (shape: Shape, from: Shape, values: number) => Program = generator(
  (shape, from, values) => {
    const [batch, height, width, channels] = shape as [number, number, number, number];
    const [rows, columns] = from as [number, number];
    const pixels = batch * height * width;
    return {
      name: "arrange",
      wgsl: bindings({ y: "f32" }, { bytes: "u32", places: "i32", table: "f32" }) + `
fn within(i: i32, j: i32, edges: i32) -> bool {
  return i >= places[edges] && j >= places[edges + 1] && i < places[edges + 2] && j < places[edges + 3];
}
` +
        entry(
          pixels,
          `  let n = t / ${height * width};
  let place = n * 11;
  let i = places[place] + t / ${width} % ${height};
  let j = places[place + 1] + places[place + 2] * (t % ${width});
  let is_seen = within(i, j, place + 3);
  let is_zero = !within(i, j, place + 7);
  let first = (i * ${columns} + j) * ${channels};
  for (var c = 0; c < ${channels}; c++) {
    var byte = 0u;
    if (is_seen) {
      let at = n * ${rows * columns * channels} + first + c;
      byte = bytes[at / 4] >> u32(at % 4 * 8) & 255u;
    }
    var value = 0.0;
    if (!is_zero) { value = table[(${values === channels ? "c" : "first + c"}) * 256 + i32(byte)]; }
    y[t * ${channels} + c] = value;
  }`,
        ),
      groups: groupsFor(pixels),
    };
  },
);

/** Gives the pictures. */
export function arrange(
  backend: GuardedBackend,
  { bytes, places }: Readonly<Record<"bytes" | "places", tf.TensorInfo>>,
  { shape, from, table }: {
    readonly shape: Shape;
    readonly from: Shape;
    readonly table: Float32Array;
  },
): tf.TensorInfo {
  const y = backend.makeTensorInfo([...shape], "float32");
  const program = arrangeProgram(shape, from, table.length / 256);
  dispatch(backend, program, [y], [bytes, places, resident(backend, table)]);
  return y;
}
