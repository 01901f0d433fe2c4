/**
 * Kills a training at random times, looks at what it has left, and lets it go on: whatever the moment,
 * every checkpoint is one that the training would have written had it never been killed, nothing else is
 * left behind, and as long as it lives nobody else gets in. As a program it kills a hundred times:
 * `deno run tests/deno/kill.ts [COUNT] [SEED]`.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { formatCheckpoint, key, LockedError, randomBits, release, setup } from "@fplusx/nn";
import { checkpointFolder, sha256 } from "@fplusx/nn/deno";
import { beginning, checkpoints, EVERY, fresh, KEEP } from "./killable.ts";

/** Longest time, in milliseconds, from the first checkpoint of a life to its end. */
const LONGEST = 300;
const CHECKPOINT = /^step-(\d{8})\.safetensors$/;

/** What came of it. */
export interface KillResult {
  /** How often the training was killed. */
  readonly kills: number;
  /** How often that was in the middle of writing a checkpoint. */
  readonly halfWritten: number;
  /** Checkpoints that were there after a kill, all of them read and right. */
  readonly checkpoints: number;
  /** Writers that were kept out. */
  readonly keptOut: number;
  /** Steps that the training has got to. */
  readonly steps: number;
}

/** Kills a training in a folder so many times; what is not as it should be is an assertion error. */
export async function kill(path: string, kills: number, seed: number): Promise<KillResult> {
  await setup({ backend: "wasm" });
  await using expected = uninterrupted();
  const delays = Array.from(randomBits(key(seed), kills), (word) => word / 2 ** 32 * LONGEST);
  let [halfWritten, seen, steps] = [0, 0, 0];
  for (const delay of delays) {
    const said = await live(path, delay);
    if (namesIn(path).some((name) => name.includes(".tmp-"))) halfWritten++;
    const { files, newest } = await inspect(path, expected.digest);
    assert(newest >= said && said > steps, `step ${newest}, said ${said}, after step ${steps}`);
    seen += files;
    steps = newest;
  }
  return { kills, halfWritten, checkpoints: seen, keptOut: kills, steps };
}

/**
 * Lets the training go on for a while, in which we try to write to its folder, and kills it.
 *
 * @returns The step of the first checkpoint that it said was on the disk.
 */
async function live(path: string, delay: number): Promise<number> {
  const program = new URL("killable.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `--allow-read=${path}`, `--allow-write=${path}`, program, path],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.getReader();
  const { value } = await lines.read();
  const error = await assertRejects(() => checkpointFolder(path), LockedError);
  assertEquals(error.message, `Cannot use the folder "${path}": another training writes to it`);
  await new Promise((resolve) => setTimeout(resolve, delay));
  child.kill("SIGKILL");
  assertEquals((await child.status).signal, "SIGKILL");
  await lines.cancel();
  return Number.parseInt(new TextDecoder().decode(value));
}

/** Looks at what a life has left; each checkpoint is compared with that of its step. */
async function inspect(
  path: string,
  digestAt: (step: number) => Promise<string>,
): Promise<{ files: number; newest: number }> {
  await using folder = await checkpointFolder(path, {
    keep: KEEP,
    warn: (message) => assert(false, message),
  });
  const like = fresh();
  const found = await folder.latest(like);
  release([like, found?.state ?? []]);
  const names = namesIn(path).filter((name) => name !== "lock");
  // Between the new name and the end of the oldest there is one more.
  assert(names.length >= 1 && names.length <= KEEP + 1, names.join());
  for (const name of names) {
    const step = Number(CHECKPOINT.exec(name)?.[1]);
    assertEquals(await sha256(await Deno.readFile(`${path}/${name}`)), await digestAt(step), name);
  }
  assertEquals(found?.path, `${path}/${names.at(-1)}`);
  return { files: names.length, newest: found!.step };
}

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

/** The training that is never killed: the digests of its checkpoints, by step, as far as is asked. */
function uninterrupted() {
  const running = checkpoints(beginning());
  const digests: string[] = [];
  return {
    async digest(step: number): Promise<string> {
      for (const at = step / EVERY; digests.length < at;) {
        const { value } = await running.next();
        digests.push(await sha256(await formatCheckpoint(value)));
      }
      return digests[step / EVERY - 1]!;
    },
    async [Symbol.asyncDispose]() {
      await running.return(undefined);
    },
  };
}

if (import.meta.main) {
  const [count = "100", seed = "0"] = Deno.args;
  await Deno.mkdir("runs", { recursive: true });
  const path = await Deno.makeTempDir({ dir: "runs", prefix: "kill-" });
  try {
    console.log(JSON.stringify(await kill(path, Number(count), Number(seed))));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}
