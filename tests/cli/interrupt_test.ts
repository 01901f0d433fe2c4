/** A training that is stopped, politely or not, goes on as if it had not, and leaves nothing behind. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { webgpuSkipped } from "../backends.ts";
import { lastJson, run, stripes } from "./stripes.ts";

/** The arguments of a training on stripes that takes 40 steps. */
const long = (backend: string, folder: string, out: string) => [
  ...["train", "--model", "mnist-resnet", "--data", "mnist", "--folder", folder],
  ...["--backend", backend, "--epochs", "4", "--batch", "10", "--out", out],
];

/** Runs the command line in a process of its own. */
function start(folder: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", `--allow-read=${folder}`, `--allow-write=${folder}`],
      ...["lib/cli/main.ts", ...args],
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What a process has printed, in the end. */
async function outcome(
  child: Deno.ChildProcess,
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
  return { code, out: text(stdout), err: text(stderr) };
}

/** Starts a training, and waits until it has taken some steps. */
async function started(
  backend: string,
  folder: string,
  out: string,
): Promise<Deno.ChildProcess> {
  const child = start(folder, ...long(backend, folder, out), "--checkpoint-every", "3");
  for (let i = 0; i < 2000; i++) {
    const text = await Deno.readTextFile(`${out}/history.jsonl`).catch(() => "");
    if (text.split("\n").length > 12) return child;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGKILL");
  throw new Error(`The training did not begin: ${(await outcome(child)).err}`);
}

const FILES = [
  "checkpoints",
  "curves.svg",
  "examination.json",
  "history.jsonl",
  "report.html",
  "run.json",
  "weights.safetensors",
];
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const historyOf = async (out: string) =>
  (await Deno.readTextFile(`${out}/history.jsonl`)).trimEnd().split("\n").toSorted();

const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143], ["SIGKILL", 137]] as const;

/** Stops trainings in all ways. */
async function stopAndGoOn(t: Deno.TestContext, backend: string): Promise<void> {
  await Deno.mkdir("runs", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "runs", prefix: "cli-test-" });
  try {
    await stripes(folder, 100);
    const whole = lastJson((await run(...long(backend, folder, `${folder}/whole`), "--json")).out);
    for (const [signal, exitCode] of SIGNALS) {
      await t.step(`by ${signal}`, async () => {
        const out = `${folder}/${signal}`;
        const child = await started(backend, folder, out);
        child.kill(signal);
        const { code, err } = await outcome(child);
        assertEquals(code, exitCode);
        if (signal !== "SIGKILL") {
          const { end } = JSON.parse(await Deno.readTextFile(`${out}/run.json`));
          assertEquals([end.outcome, end.top1], ["stopped", null]);
          assert(end.steps >= 10 && end.steps < 40, `${end.steps}`);
          assertStringIncludes(err, "Stopping after this step; once more to stop at once\n");
          assertStringIncludes(
            err,
            `stopped; train --out ${out} --resume goes on after step ${end.steps}`,
          );
          assertEquals(namesIn(out), FILES.filter((name) => name !== "examination.json"));
        }
        // The newest checkpoint is damaged, which costs its steps and nothing else. A kill in the
        // middle of a write leaves a half-written one beside it, by another name.
        const names = namesIn(`${out}/checkpoints`);
        const newest = `${out}/checkpoints/${names.findLast((it) => it.endsWith(".safetensors"))}`;
        await Deno.truncate(newest, 1000);
        // As a kill at another moment would leave them.
        for (const name of FILES.slice(1)) {
          await Deno.writeTextFile(`${out}/${name}.tmp-12-0123abcd`, "half");
        }
        const place = ["--folder", folder, "--backend", backend, "--out", out];
        const resumed = await outcome(start(folder, "train", ...place, "--resume", "--json"));
        assertEquals(resumed.code, 0, resumed.err);
        assertStringIncludes(resumed.err, `Passed over ${newest}: Cannot trust the file: its `);
        const { steps, top1, loss, weightsSha256 } = lastJson(resumed.out);
        assertEquals([steps, top1, loss], [40, whole.top1, whole.loss]);
        assertEquals(weightsSha256, whole.weightsSha256);
        assertEquals(await historyOf(out), await historyOf(`${folder}/whole`));
        assertEquals(namesIn(out), FILES);
        assertEquals(namesIn(`${out}/checkpoints`).length, 4);
        const other = await run(...long(backend, folder, out), "--resume", "--seed", "8");
        assertEquals([other.code, other.err], [
          2,
          `Error: Cannot resume "${out}" with another recipe: seed was 0 and is 8`,
        ]);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const skipped: Readonly<Record<string, boolean>> = { webgpu: webgpuSkipped !== undefined };
for (const backend of ["wasm", "webgpu"]) {
  Deno.test({
    name:
      `A training that is stopped goes on as if it had not, and leaves nothing behind [${backend}]`,
    ignore: skipped[backend] ?? false,
    fn: (t) => stopAndGoOn(t, backend),
  });
}
