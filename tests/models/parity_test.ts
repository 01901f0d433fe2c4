/**
 * The smaller networks of tests/models/parity.ts agree with PyTorch; `deno task parity` compares them
 * all.
 */

import { assert } from "@std/assert";
import { testEach } from "../backends.ts";
import { BOUND, compareWithTorch } from "./parity.ts";

for (
  const [net, backends] of [
    ["resnetCifar8B", ["wasm", "webgpu"]],
    ["resnetCifar20A", ["wasm"]],
    ["resnetCifar20B", ["wasm"]],
    ["resnet18", ["wasm"]],
  ] as const
) {
  testEach(`${net} agrees with PyTorch, forward, backward and after three steps`, async () => {
    for (const [what, away] of await compareWithTorch(net)) {
      assert(away <= BOUND, `${what}: ${away} times the noise of float32`);
    }
  }, backends);
}
