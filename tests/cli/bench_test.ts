/** Measuring from the command line: what is told is consistent, whatever the machine does. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { lastJson, run } from "./stripes.ts";

const quick = ["--batch", "2", "--seconds", "0", "--backend", "wasm"];

Deno.test("bench tells how fast a model predicts and trains, and the memory that takes", async () => {
  const { code, out, err } = await run("bench", "--model", "mnist-resnet", ...quick);
  assertEquals(code, 0, err);
  assertMatch(out, /^mnist-resnet on wasm \(WebAssembly SIMD\), batches of 2 × 28 × 28 × 1$/m);
  for (const what of ["predict", "train"]) {
    assertMatch(out, new RegExp(`^${what} +\\d+ +[\\d.]+ ms +[\\d.]+ ms – [\\d.]+ ms +5 `, "m"));
  }
  const told = lastJson((await run("bench", "--model", "mnist-resnet", ...quick, "--json")).out);
  assertEquals([told.batch, told.input, told.backend], [2, [28, 28, 1], "wasm"]);
  for (
    const { first, median, quartiles: [low, high], runs, imagesPerSecond } of [
      told.predict,
      told.train,
    ]
  ) {
    assertEquals(runs, 5);
    assert(first > 0 && low > 0 && low <= median && median <= high);
    assertEquals(imagesPerSecond, 2 / median * 1000);
  }
  // 77,754 parameters and 672 running averages, of 4 bytes.
  assertEquals(told.parametersMB, (77_754 + 672) * 4 / 1e6);
  assert(told.processMB > told.parametersMB);
});

Deno.test("bench takes model, optimizer and batch from a recipe, and changes to it", async () => {
  const args = ["bench", "--recipe", "cifar-30min", "--set", "model.name=resnet8"];
  const { out, err } = await run(...args, "--set", "model.width=2", ...quick, "--json");
  const { model, batch, input } = lastJson(out || err);
  assertEquals([model, batch, input], ["resnet8", 2, [32, 32, 3]]);
});

Deno.test("bench needs to know what to measure", async () => {
  const { code, err } = await run("bench");
  assertEquals(code, 2);
  assertMatch(err, /^Error: Cannot find a model without its name: need one of mnist-resnet, /);
});
