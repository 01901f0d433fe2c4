/** `--tune` from the command line: what is timed once is kept, used again, and the same when it goes on. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { activeBackend, ops, setup } from "@fplusx/nn";
import { openWeights } from "@fplusx/nn/deno";
import { activeGpu } from "../../lib/backend/setup.ts";
import { plansFor } from "../../lib/backend/webgpu/plan.ts";
import { tuned } from "../../lib/cli/tuned.ts";
import { webgpuSkipped } from "../backends.ts";
import { withFiles } from "../deno/temporary_folder.ts";
import { testWebgpu } from "../backend/webgpu/program.ts";
import { lastJson, run, stripes } from "./stripes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const read = async (path: string) => JSON.parse(await Deno.readTextFile(path));

const TOLD =
  /^tuned {4}(\d+) of (\d+) convolutions and products go another way; each once takes [\d.]+ ms instead of [\d.]+; (\d+) were timed now, all are kept in (.*)$/m;

/** Tunes a product of a size; gives the numbers that are told, and the lines before. */
async function tuneProduct(path: string, size: number): Promise<[timed: number, before: string[]]> {
  const lines: string[] = [];
  const take = () => {
    using a = ops.ones([1, 36, size]);
    using b = ops.ones([1, size, 12]);
    ops.matMul(a, b).dispose();
  };
  await tuned(path, take, (line) => lines.push(line));
  const [, , all, timed, where] = TOLD.exec(lines.pop()!)!;
  assertEquals([all, where], ["1", path]);
  return [Number(timed), lines];
}

testWebgpu("Work is timed once for each adapter, and kept in a file", () => {
  const other = { adapter: "Voodoo 2", choices: [] };
  const text = JSON.stringify({ version: 1, tunings: [other] });
  return withFiles({ "tuning.json": bytes(text) }, async (folder) => {
    const path = `${folder}/tuning.json`;
    assertEquals(await tuneProduct(path, 20), [1, []]);
    const kept = await read(path);
    assertEquals(kept.tunings[0], other);
    assertEquals(kept.tunings[1].adapter, activeBackend().adapter);
    assertEquals(kept.tunings[1].choices.length, 1);
    assertEquals(await tuneProduct(path, 20), [0, []]);
    assertEquals(await read(path), kept);
    assertEquals(await tuneProduct(path, 24), [1, []]);
    const [first, ...more] = (await read(path)).tunings[1].choices;
    assertEquals([first, more.length], [kept.tunings[1].choices[0], 1]);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

testWebgpu(
  "A tuning that is damaged or of another version is passed over, and replaced",
  async () => {
    const texts = [
      "",
      "{",
      "[]",
      '{"version":2,"tunings":[]}',
      '{"version":1,"tunings":[{"adapter":"a","choices":[{"work":"w"}]}]}',
    ];
    for (const text of texts) {
      await withFiles({ "tuning.json": bytes(text) }, async (folder) => {
        const path = `${folder}/tuning.json`;
        const passedOver = `Passed over ${path}: it holds no tuning of this version`;
        assertEquals(await tuneProduct(path, 20), [1, [passedOver]]);
        assertEquals(await tuneProduct(path, 20), [0, []]);
      });
    }
  },
);

Deno.test({
  name: "train --tune goes by what is known, and on as it was tuned when it is resumed [webgpu]",
  ignore: webgpuSkipped !== undefined,
  fn: () =>
    withFiles({}, async (folder) => {
      await stripes(`${folder}/data`, 20);
      const place = ["--folder", `${folder}/data`, "--backend", "webgpu"];
      const train = [
        ...["train", "--recipe", "quick-mnist", "--limit", "10", "--epochs", "2", "--batch", "5"],
        ...["--set", 'model={"name":"resnet8","width":4}', ...place],
      ];
      const [file, out] = [`${folder}/tuning.json`, `${folder}/out`];
      await setup({ backend: "webgpu" });
      const { adapter } = activeBackend();
      const asked = await plansFor(adapter).askedIn(() => run(...train, "--out", `${out}-plain`));
      const choices = [...asked].map(([work, { plans }]) => ({
        work,
        plan: plans(activeGpu()!.software).at(-1)!,
        milliseconds: 1,
        guessed: 2,
      }));
      const text = JSON.stringify({ version: 1, tunings: [{ adapter, choices }] });
      await Deno.writeTextFile(file, text);

      const whole = await run(...train, "--tune", file, "--out", out);
      assertEquals(whole.code, 0, whole.err);
      assertEquals(await Deno.readTextFile(file), text);
      const digest = (await read(`${out}/run.json`)).end.weightsSha256;

      // It goes on as it was tuned, without being told and without the file.
      await Deno.remove(file);
      const last = `${out}/checkpoints/step-00000004.safetensors`;
      await Deno.remove(last);
      const resumed = await run("train", "--resume", "--out", out, ...place);
      assertEquals(resumed.code, 0, resumed.err);
      assertEquals((await read(`${out}/run.json`)).end.weightsSha256, digest);
      using checkpoint = await openWeights(last);
      const { config } = JSON.parse(checkpoint.metadata.get("checkpoint")!);
      const known = new Map(choices.map((choice) => [choice.work, choice]));
      const tuning = JSON.parse(config.tuning);
      assertEquals(tuning.adapter, adapter);
      assert(tuning.choices.length > 10, `${tuning.choices.length} choices`);
      for (const choice of tuning.choices) assertEquals(choice, known.get(choice.work));
    }),
});

Deno.test("--tune says so where there is nothing to tune, and writes nothing", () =>
  withFiles({}, async (folder) => {
    const bench = [
      ...["bench", "--model", "mnist-resnet", "--batch", "2", "--seconds", "0"],
      ...["--backend", "wasm", "--tune"],
    ];
    const path = `${folder}/tuning.json`;
    const { code, out, err } = await run(...bench, path, "--json");
    assertEquals([code, lastJson(out).backend], [0, "wasm"], err);
    const lines: string[] = [];
    await tuned(path, () => {}, (line) => lines.push(line));
    assertEquals(lines, ["tuned    nothing: wasm does its work in one way only"]);
    assertEquals([...Deno.readDirSync(folder)], []);
    assertMatch(
      (await run("bench", "--help")).out,
      /--tune \[FILE\] .* \(default runs\/tuning.json\)/,
    );
  }));
