import "../double_cpu.ts";
import { assertGradient } from "../directional.ts";
import { ops, type Tensor } from "../../mod.ts";
import { release } from "../../lib/ownership.ts";
import { OPERATIONS } from "./all.ts";
import { sample } from "./reference.ts";
import { type Case, toTensor } from "./table.ts";

/** Checks the derivative of the sum of squares of what is given, which is curved where it is not. */
async function assertGradients({ inputs, run, is }: Case, order: 1 | 2): Promise<void> {
  const [point, weights] = [inputs.map(toTensor), toTensor(sample(is(...inputs).shape, 9))];
  const f = (x: Tensor[]) => ops.tidy(() => ops.sum(ops.mul(ops.square(run(...x)), weights)));
  await assertGradient({ f, point }, order);
  release([point, weights]);
}

for (const [name, { cases, differentiable = true }] of Object.entries(OPERATIONS)) {
  if (!differentiable) continue;
  for (const order of [1, 2] as const) {
    Deno.test(`${name} has the gradient of differences, of order ${order}`, async () => {
      for (const one of cases) await assertGradients(one, order);
    });
  }
}
