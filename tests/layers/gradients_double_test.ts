import "../double_cpu.ts";
import { assertGradient } from "../directional.ts";
import { assertEquals } from "@std/assert";
import { evalMode, key, ops, tensor, trainMode } from "../../mod.ts";
import type { Mode } from "../../lib/layer.ts";
import { release } from "../../lib/ownership.ts";
import { differentiable, inputOf, lossOf, shaken, type Subject } from "../laws.ts";
import { LAYERS } from "./table.ts";

async function assertGradients(subject: Subject, mode: Mode, order: 1 | 2): Promise<void> {
  const { params, state } = shaken(subject.layer, subject.shape);
  const x = inputOf(subject);
  const f = lossOf(subject.layer, state, mode);
  await assertGradient({ f, point: { params, x }, select: differentiable(x) }, order);
  release([params, state, x]);
}

Deno.test("The reference backend computes in double precision here", async () => {
  using x = tensor([1]);
  using y = ops.add(x, 1e-12);
  const values = await y.data();
  assertEquals(values.constructor.name, "Float64Array");
  assertEquals(values[0], 1 + 1e-12);
});

for (const subject of LAYERS) {
  for (const mode of [evalMode, trainMode(key(3))]) {
    Deno.test(
      `${subject.name} has the gradient of differences in ${mode.kind} mode`,
      () => assertGradients(subject, mode, 1),
    );
  }
  Deno.test(
    `${subject.name} has the second gradient of differences in train mode`,
    () => assertGradients(subject, trainMode(key(3)), 2),
  );
}
