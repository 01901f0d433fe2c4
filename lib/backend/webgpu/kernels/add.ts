/** `Add` of two tensors alike that are kept in halves, as gradients of one tensor are: so is their sum. */

import { sameShape, sizeOf } from "../../../tensor.ts";
import type { Kernel } from "../kernels.ts";
import { dispatch } from "../dispatch.ts";
import { halvesAmong } from "../halves.ts";
import { access, bindings, entry, generator, groupsFor, type Program } from "../program.ts";

/** Gives `sum` from `a` and `b`, in halves as they are. */
export const sumOfHalves: (size: number) => Program = generator((size) => {
  const type = size % 4 === 0 ? "vec4f" : "f32";
  const threads = type === "vec4f" ? size / 4 : size;
  const halves = ["sum", "a", "b"];
  const { read, write } = access(type, halves);
  return {
    name: "sumOfHalves",
    wgsl: bindings({ sum: type }, { a: type, b: type }, halves) +
      entry(threads, `  ${write("sum", "t", `${read("a", "t")} + ${read("b", "t")}`)}`),
    groups: groupsFor(threads),
  };
});

/** `Add`. */
export const add: Kernel = (backend, { a, b }) => {
  if (halvesAmong(backend, { a, b }).length < 2 || !sameShape(a.shape, b.shape)) return;
  const sum = backend.makeTensorInfo(a.shape, "float32");
  dispatch(backend, sumOfHalves(sizeOf(a.shape)), [sum], [a, b]);
  return sum;
};
