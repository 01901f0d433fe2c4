/**
 * The deepest networks of the paper, forward: time, and memory of the process beside what the weights
 * alone need. `deno run --allow-read=. tests/bench/deep_forward.ts [BACKEND]`
 *
 * @module
 */

import { type BackendName, setup } from "../../lib/backend/setup.ts";
import { key } from "../../lib/key.ts";
import { describe, evalMode, type Layer } from "../../lib/layer.ts";
import { resnet } from "../../lib/models/resnet.ts";
import { resnetCifar } from "../../lib/models/resnet_cifar.ts";
import { ones } from "../../lib/ops.ts";
import { liveTensors, release } from "../../lib/ownership.ts";
import type { Shape } from "../../lib/tensor.ts";

const CASES: readonly [name: string, model: Layer, shape: Shape][] = [
  ["resnet(152)", resnet(152), [1, 224, 224, 3]],
  ["resnetCifar(1202)", resnetCifar(1202), [1, 32, 32, 3]],
  ["resnetCifar(1202)", resnetCifar(1202), [32, 32, 32, 3]],
];

const RUNS = 3;
const MEGABYTE = 2 ** 20;
const resident = () => Deno.memoryUsage().rss / MEGABYTE;

async function timed<T>(f: () => T | Promise<T>): Promise<[result: T, seconds: number]> {
  const start = performance.now();
  const result = await f();
  return [result, (performance.now() - start) / 1000];
}

const { name: backend } = await setup({ backend: (Deno.args[0] ?? "wasm") as BackendName });
console.log(`${backend}; ${Math.round(resident())} MB before any model`);
for (const [name, model, shape] of CASES) {
  const { parameters, multiplyAdds } = describe(model, shape);
  const [variables, making] = await timed(() => model.init(key(0), shape));
  const x = ones(shape);
  const before = liveTensors();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const [y, seconds] = await timed(async () => {
      const [y] = model.apply(variables, x, evalMode);
      await y.data();
      return y;
    });
    times.push(seconds);
    y.dispose();
  }
  const best = Math.min(...times);
  console.log(
    `${name} on [${shape}]: ${Math.round(parameters * 4 / MEGABYTE)} MB of weights, ` +
      `made in ${making.toFixed(1)} s; forward ${
        times.map((time) => time.toFixed(2)).join(", ")
      } s, ` +
      `${(shape[0]! * multiplyAdds / best / 1e9).toFixed(2)} G multiply-adds a second; ` +
      `${Math.round(resident())} MB; ${liveTensors() - before} tensors left`,
  );
  release([variables, x]);
}
