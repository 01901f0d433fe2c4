/**
 * Which plans work is done by: the guess, or the one that was found to be fastest.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  activeBackend,
  ArgumentError,
  ops,
  setup,
  type Tensor,
  tune,
  type Tuning,
  useTuning,
} from "@fplusx/nn";
import { requestAdapter } from "../../../lib/backend/webgpu/device.ts";
import { keyOf, Plans, type Work } from "../../../lib/backend/webgpu/plan.ts";
import { assertClose } from "../../compare.ts";
import { testEach, webgpuSkipped } from "../../backends.ts";
import { testWebgpu } from "./program.ts";

type Plan = { readonly way: number };

/** Work that is never done. */
const idle: Work<Plan> = {
  name: "idle",
  sizes: { n: 1 },
  inputs: [],
  plans: (software) => (software ? [1, 2, 3] : [3, 2, 1]).map((way) => ({ way })),
  run: () => ({ dataId: {}, dtype: "float32", shape: [] }),
};

Deno.test("Work is done by the guess, unless another plan is wanted that there still is", () => {
  const plans = new Plans();
  assertEquals(plans.of(idle, true), { way: 1 });
  assertEquals(new Plans().of(idle, false), { way: 3 });
  plans.want(keyOf(idle), { way: 2 });
  assertEquals(plans.of(idle, true), { way: 2 });
  assertEquals(plans.of({ ...idle, sizes: { n: 2 } }, true), { way: 1 });
  plans.want(keyOf(idle), { way: 4 });
  assertEquals(plans.of(idle, true), { way: 1 });
});

Deno.test("Work is asked for where a plan for it is looked up meanwhile", async () => {
  const plans = new Plans();
  const other = { ...idle, name: "other" };
  plans.of(idle, true);
  const asked = await plans.askedIn(() => {
    plans.of(other, true);
    plans.of(other, true);
  });
  plans.of(idle, true);
  assertEquals([...asked.keys()], [keyOf(other)]);
});

function product(): Tensor {
  using a = ops.ones([1, 36, 20]);
  using b = ops.ones([1, 20, 12]);
  return ops.matMul(a, b);
}

/** Tunes a product, and checks what comes of it. */
async function tuneProduct(): Promise<Tuning> {
  const shares: number[] = [];
  const tuning = await tune(() => product().dispose(), undefined, (share) => shares.push(share));
  assertEquals(shares, [0, 1]);
  assertEquals(tuning.adapter, activeBackend().adapter);
  assertEquals(tuning.choices.map(({ work }) => work.split(" ")[0]), ["matMul"]);
  const [choice] = tuning.choices;
  const { milliseconds, guessed } = choice!;
  // A guess is given up for what is clearly faster alone.
  assert(milliseconds > 0 && (milliseconds === guessed || milliseconds < 0.95 * guessed));
  using after = product();
  await assertClose(after, { shape: [1, 36, 12], values: new Float32Array(432).fill(20) });
  return tuning;
}

testWebgpu("Tuning finds the fastest plan, and is plain data", async () => {
  const tuning: Tuning = JSON.parse(JSON.stringify(await tuneProduct()));
  useTuning(tuning);
  useTuning({ ...tuning, choices: [{ ...tuning.choices[0]!, plan: { kind: "unheard of" } }] });
  using y = product();
  await assertClose(y, { shape: [1, 36, 12], values: new Float32Array(432).fill(20) });
});

testWebgpu("A tuning is for one adapter", () => {
  const { message } = assertThrows(
    () => useTuning({ adapter: "Voodoo 2", choices: [] }),
    ArgumentError,
  );
  assertEquals(
    message,
    `Cannot use a tuning for "Voodoo 2" on "${activeBackend().adapter}": need one of the same adapter`,
  );
});

Deno.test({
  name: "A device without timestamps is tuned by the clock [webgpu]",
  ignore: webgpuSkipped !== undefined,
  async fn() {
    const device = await (await requestAdapter())!.requestDevice();
    await setup({ device });
    await tuneProduct();
  },
});

testEach("There is nothing to tune elsewhere", async (backend) => {
  let ran = false;
  const tuning = await tune(() => ran = true);
  assert(ran);
  assertEquals(tuning, { adapter: activeBackend().adapter, choices: [] });
  if (backend === "cpu") useTuning({ adapter: "Voodoo 2", choices: [] });
}, ["cpu", "wasm"]);
