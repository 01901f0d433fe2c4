/** `--precision` from the command line: where it is kept, what it changes, and what is said about it. */

import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { activeBackend, type Backend, BackendError, setup } from "@fplusx/nn";
import { openWeights } from "@fplusx/nn/deno";
import { override, recipes } from "@fplusx/nn/recipes";
import { sayPrecision } from "../../lib/cli/precision.ts";
import { webgpuSkipped } from "../backends.ts";
import { withFiles } from "../deno/temporary_folder.ts";
import { run, stripes } from "./stripes.ts";

const small = [
  ...["train", "--recipe", "quick-mnist", "--set", 'model={"name":"resnet8","width":4}'],
  ...["--limit", "10", "--epochs", "2", "--batch", "5"],
];

/** Trains, and gives the kernel that the images come to first. */
async function trained(out: string, ...args: string[]): Promise<unknown[]> {
  const { code, err } = await run(...args, "--out", out, "--json");
  assertEquals(code, 0, err);
  using weights = await openWeights(`${out}/weights.safetensors`);
  const name = "params.conv1.weight";
  return [...(await weights.read([name])).get(name)!.data];
}

Deno.test({
  name: "train --precision mixed goes on as it was when it is resumed, and in no other [webgpu]",
  ignore: webgpuSkipped !== undefined,
  fn: () =>
    withFiles({}, async (folder) => {
      await stripes(`${folder}/data`, 20);
      const place = ["--folder", `${folder}/data`, "--backend", "webgpu"];
      const out = `${folder}/out`;
      const begin = [...small, ...place];
      const mixed = await trained(out, ...begin, "--precision", "mixed");
      assertNotEquals(await trained(`${out}-single`, ...begin), mixed);
      const eager = ["--set", "precision=mixed", "--eager"];
      assertEquals(await trained(`${out}-eager`, ...begin, ...eager), mixed);
      const { recipe } = JSON.parse(await Deno.readTextFile(`${out}/run.json`));
      assertEquals(recipe.precision, "mixed");

      await Deno.remove(`${out}/checkpoints/step-00000004.safetensors`);
      const resume = ["train", "--resume", "--out", out, ...place];
      const other = await run(...resume, "--precision", "single");
      assertEquals([other.code, other.err], [
        2,
        `Error: Cannot resume "${out}" with another recipe: precision was "mixed" and is "single"`,
      ]);
      assertEquals(await trained(out, "train", "--resume", ...place), mixed);
    }),
});

Deno.test({
  name: "a loss that is not finite in halves names the layer, and how to do without [webgpu]",
  ignore: webgpuSkipped !== undefined,
  fn: () =>
    withFiles({}, async (folder) => {
      await stripes(`${folder}/data`, 20);
      // A step so long that the next convolution makes what no half can hold; normalised, floats go on.
      const far = ["--set", 'schedule={"kind":"constant","peak":1e7}'];
      const place = ["--folder", `${folder}/data`, "--backend", "webgpu", "--json"];
      const train = [...small, "--epochs", "1", ...far, ...place, "--out", `${folder}/out`];
      const { code, err } = await run(...train, "--precision", "mixed");
      assertEquals([code, err.split("\n").at(-1)], [
        1,
        "Error: Cannot go on training: the loss of step 1 is NaN, and the first value that is not " +
        'finite comes from "conv1"; the state before step 0 is kept; halves end at 65,504, ' +
        "--precision single does not",
      ]);
      assertEquals((await run(...train)).code, 0);
    }),
});

const backend = (more: Partial<Backend>): Backend => ({ ...activeBackend(), ...more });

Deno.test("what mixed precision is here is said before anything is loaded", async () => {
  await setup({ backend: "cpu" });
  const [single, mixed] = ["single", "mixed"].map((precision) =>
    override(recipes["quick-mnist"]!, `precision=${precision}`)
  );
  const said = (recipe = mixed!, more: Partial<Backend> = {}) => {
    const lines: string[] = [];
    sayPrecision(recipe, backend(more), (line) => lines.push(line));
    return lines;
  };
  assertEquals(said(single), []);
  assertEquals(said(), ["mixed    nothing: cpu computes in floats only"]);
  const gpu = { name: "webgpu", adapter: "Voodoo 2" } as const;
  assertEquals(said(single, gpu), []);
  assertEquals(said(mixed, { ...gpu, features: ["shader-f16"] }), [
    "mixed    halves between layers, floats elsewhere",
  ]);
  assertThrows(
    () => said(mixed, gpu),
    BackendError,
    'Cannot train in mixed precision on "Voodoo 2": the device has no shader-f16; ' +
      "--precision single does without",
  );
});

Deno.test("mixed precision on a backend without halves comes to the same weights", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 20);
    const place = ["--folder", `${folder}/data`, "--backend", "wasm"];
    const train = (precision: string) =>
      trained(`${folder}/${precision}`, ...small, ...place, "--precision", precision);
    assertEquals(await train("mixed"), await train("single"));
  }));

Deno.test("a precision that there is not is refused, and help names those that there are", async () => {
  const { code, err } = await run(...small, "--precision", "half");
  assertEquals([code, err], [2, 'Error: Cannot use --precision "half": need one of single, mixed']);
  const { out } = await run("train", "--help");
  assertStringIncludes(out, "--precision single|mixed");
});
