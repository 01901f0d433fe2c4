import "../double_cpu.ts";
import { assertGradient } from "../directional.ts";
import { key, trainMode } from "../../mod.ts";
import { resnetCifar } from "../../lib/models/mod.ts";
import { release } from "../../lib/ownership.ts";
import { inputOf, lossOf, shaken } from "../laws.ts";

for (const order of [1, 2] as const) {
  Deno.test(`ResNet-8 has the gradient of differences, of order ${order}`, async () => {
    const subject = { name: "ResNet-8", layer: resnetCifar(8), shape: [2, 8, 8, 3] };
    const { params, state } = shaken(subject.layer, subject.shape);
    const x = inputOf(subject);
    const f = lossOf(subject.layer, state, trainMode(key(3)));
    // So short that no direction meets a kink of relu.
    await assertGradient({ f, point: { params, x }, step: 1e-7 }, order);
    release([params, state, x]);
  });
}
