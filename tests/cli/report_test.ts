/** Watching a training: its report, its event files, and the page that shows it live. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withFiles } from "../deno/temporary_folder.ts";
import { lastJson, run, stripes } from "./stripes.ts";

/** The arguments of a training on stripes that takes 20 steps. */
const training = (folder: string, out: string) => [
  ...["train", "--model", "mnist-resnet", "--data", "mnist", "--folder", folder],
  ...["--backend", "wasm", "--epochs", "2", "--batch", "10", "--json", "--out", out],
];

const read = (path: string) => Deno.readTextFile(path);

Deno.test("a training leaves a report, which the verb report writes again", () =>
  withFiles({}, async (folder) => {
    await stripes(folder, 100);
    const out = `${folder}/out`;
    const trained = await run(...training(folder, out));
    assertEquals(trained.code, 0, trained.err);
    const { top1, weightsSha256 } = lastJson(trained.out);
    const { end, environment, parameters } = JSON.parse(await read(`${out}/run.json`));
    assertEquals([end.outcome, end.steps, end.top1, end.weightsSha256], [
      "finished",
      20,
      top1,
      weightsSha256,
    ]);
    assertEquals([parameters, environment.backend], [77_754, "wasm"]);
    const { confusion, mistakes } = JSON.parse(await read(`${out}/examination.json`));
    assertEquals([confusion.examples, confusion.accuracy], [100, top1]);
    const wrong = Math.round(100 * (1 - top1));
    assertEquals(mistakes.length, Math.min(24, wrong));

    const html = await read(`${out}/report.html`);
    for (const part of ["mnist-resnet on mnist", "77,754", weightsSha256, "<svg"]) {
      assertStringIncludes(html, part);
    }
    assertEquals(html.match(/src="data:image\/png;base64,/g)?.length ?? 0, mistakes.length);
    await Deno.remove(`${out}/report.html`);
    const again = await run("report", "--out", out, "--json");
    assertEquals(lastJson(again.out), { report: `${out}/report.html`, examined: true });
    assertEquals(await read(`${out}/report.html`), html);
  }));

Deno.test("report examines the newest checkpoint of a training that has not ended", () =>
  withFiles({}, async (folder) => {
    await stripes(folder, 100);
    const out = `${folder}/out`;
    await run(...training(folder, out), "--checkpoint-every", "5");
    const { end: _end, ...record } = JSON.parse(await read(`${out}/run.json`));
    await Deno.writeTextFile(`${out}/run.json`, JSON.stringify(record));
    await Deno.remove(`${out}/weights.safetensors`);
    // Of an earlier training, and so not to be believed.
    await Deno.writeTextFile(`${out}/examination.json`, "none");
    assertEquals((await run("report", "--out", out, "--backend", "wasm")).code, 0);
    const html = await read(`${out}/report.html`);
    assertStringIncludes(html, "Not ended yet: step 20 of 20.");
    assertStringIncludes(html, 'class="matrix"');

    await Deno.remove(`${out}/checkpoints`, { recursive: true });
    await Deno.mkdir(`${out}/checkpoints`);
    assertEquals(lastJson((await run("report", "--out", out, "--json")).out).examined, false);
    assert(!(await read(`${out}/report.html`)).includes('class="matrix"'));
  }));

Deno.test("report says what is not there", async () => {
  const { code, err } = await run("report", "--out", "runs/none");
  assertEquals([code, err], [
    2,
    'Error: Cannot report on "runs/none": there is no training in it',
  ]);
});

Deno.test("train --tensorboard writes curves, distributions, settings and mistakes", () =>
  withFiles({}, async (folder) => {
    await stripes(folder, 100);
    const out = `${folder}/out`;
    assertEquals((await run(...training(folder, out), "--tensorboard")).code, 0);
    const [file] = [...Deno.readDirSync(out)].filter(({ name }) => /tfevents/.test(name));
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${out}/${file!.name}`));
    const times = (tag: string) => text.split(tag).length - 1;
    assertEquals(times("loss/training"), 20);
    assertEquals(times("learning rate"), 20);
    assertEquals([times("loss/test"), times("accuracy/test")], [2, 2]);
    assertEquals(times("params/fc.weight"), 2);
    assertStringIncludes(text, "| length.count | 2 |");
    const { mistakes } = JSON.parse(await read(`${out}/examination.json`));
    assertEquals(times("mistakes/"), mistakes.length);
    assertEquals(times("\x89PNG"), mistakes.length);
  }));

Deno.test("train --watch shows the training to whoever looks, and ends with it", () =>
  withFiles({}, async (folder) => {
    await stripes(folder, 100);
    const { port } = freePort();
    const seen = (async () => {
      for (let i = 0; i < 500; i++) {
        const answer = await fetch(`http://127.0.0.1:${port}/events`).catch(() => {});
        if (answer) return await answer.text();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const trained = await run(...training(folder, `${folder}/out`), "--watch", `${port}`);
    assertEquals(trained.code, 0, trained.err);
    const text = await seen;
    assertMatch(
      text!,
      /^event: show\n[^]*Finished [^]* after 20 steps[^]*\nevent: end\ndata: ""\n\n$/,
    );
    assertStringIncludes(text!, "test accuracy");
  }));

/** Finds a port that nobody listens on. */
function freePort(): Deno.NetAddr {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr;
}

Deno.test("train --watch names the permission that is missing, before anything is loaded", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-read", "lib/cli/main.ts"],
      ...["train", "--model", "mnist-resnet", "--data", "mnist", "--watch", "--json"],
    ],
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr).trim()], [
    1,
    "Error: Cannot serve http://127.0.0.1:8000/: the permission is missing; " +
    "run with --allow-net=127.0.0.1",
  ]);
});
