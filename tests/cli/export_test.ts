/** Exporting: what a training has learned comes back the same from every format. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { override, type Recipe, recipes } from "@fplusx/nn/recipes";
import { openWeights } from "@fplusx/nn/deno";
import { withFiles } from "../deno/temporary_folder.ts";
import { lastJson, run, stripes } from "./stripes.ts";

/** Trains on stripes in `folder`, for ten steps. */
async function trained(folder: string, ...changes: string[]): Promise<string> {
  await stripes(`${folder}/data`, 100);
  const out = `${folder}/out`;
  const { code, err } = await run(
    ...["train", "--recipe", "quick-mnist", "--epochs", "1", "--batch", "10", "--out", out],
    ...changes.flatMap((change) => ["--set", change]),
    ...["--folder", `${folder}/data`, "--backend", "wasm", "--json"],
  );
  assertEquals(code, 0, err);
  return out;
}

/** What the model in a file finds in a test image. */
async function seen(folder: string, weights: string, ...args: string[]): Promise<unknown> {
  const place = ["--data", "mnist", "--folder", `${folder}/data`, "--backend", "wasm", "--json"];
  const { out, err } = await run("predict", "--weights", weights, ...place, ...args);
  return lastJson(out || err).top;
}

for (const format of ["safetensors", "torchvision", "akamaster"]) {
  Deno.test(`weights come back the same from the format ${format}`, () =>
    withFiles({}, async (folder) => {
      const weights = `${await trained(folder)}/weights.safetensors`;
      const to = `${folder}/exported.safetensors`;
      const args = ["export", "--weights", weights, "--format", format, "--to", to, "--json"];
      const exported = await run(...args);
      assertEquals(exported.code, 0, exported.err);
      const { size, sha256, model } = lastJson(exported.out);
      const bytes = await Deno.readFile(to);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      assertEquals([model, size, sha256], ["mnist-resnet", bytes.length, digest]);
      using file = await openWeights(to);
      const names = {
        safetensors: "params.fc.bias",
        torchvision: "fc.bias",
        akamaster: "linear.bias",
      };
      assertEquals(file.tensors.has(names[format as keyof typeof names]), true);
      if (format !== "akamaster") assertEquals(await seen(folder, to), await seen(folder, weights));
      assertStringIncludes((await run(...args.slice(0, -1))).out, `mnist-resnet is in ${to}, `);
    }));
}

Deno.test("a checkpoint is exported too, with the average where one is kept", () =>
  withFiles({}, async (folder) => {
    const out = await trained(folder, "ema=0.5", "accumulate=2");
    const checkpoint = `${out}/checkpoints/step-00000010.safetensors`;
    const to = `${folder}/exported.safetensors`;
    const { code, err } = await run("export", "--weights", checkpoint, "--to", to);
    assertEquals(code, 0, err);
    const expected = await seen(folder, `${out}/weights.safetensors`);
    assertEquals(await seen(folder, to), expected);
    assertEquals(await seen(folder, checkpoint), expected);
  }));

Deno.test("a checkpoint with a flipped bit is not exported", () =>
  withFiles({}, async (folder) => {
    const checkpoint = `${await trained(folder)}/checkpoints/step-00000010.safetensors`;
    const bytes = await Deno.readFile(checkpoint);
    bytes[bytes.length - 100]! ^= 1;
    await Deno.writeFile(checkpoint, bytes);
    const { code, err } = await run("export", "--weights", checkpoint, "--to", `${folder}/none`);
    assertEquals(code, 1);
    assertStringIncludes(err, "Error: Cannot trust the file: its digest is ");
  }));

Deno.test("a summary says what the model is and how it was trained", () =>
  withFiles({}, async (folder) => {
    const out = await trained(folder, "seed=3");
    const to = `${folder}/summary.json`;
    const args = ["--weights", `${out}/weights.safetensors`, "--format", "summary", "--to", to];
    assertEquals((await run("export", ...args)).code, 0);
    const { model, parameters, recipe, tensors, input } = JSON.parse(await Deno.readTextFile(to));
    assertEquals([model, parameters, input], ["mnist-resnet", 77_754, [28, 28, 1]]);
    const followed: Recipe = ["batch=10", "length.count=1", "seed=3"]
      .reduce(override, recipes["quick-mnist"]!);
    assertEquals(recipe, followed);
    assertEquals(tensors.at(-1).path.startsWith("state."), true);
  }));

Deno.test("export says what is missing", async () => {
  const refuse = async (args: string[], message: string) => {
    const { code, err } = await run("export", ...args);
    assertEquals([code, err], [2, `Error: ${message}`]);
  };
  await refuse(["--to", "x"], "Cannot go on without --weights: need a value for it");
  await refuse(["--weights", "x"], "Cannot go on without --to: need a value for it");
  await refuse(
    ["--format", "onnx"],
    'Cannot use --format "onnx": need one of safetensors, torchvision, akamaster, summary',
  );
});
