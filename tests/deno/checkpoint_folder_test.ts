import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkpointFolder } from "../../lib/deno/mod.ts";
import { checkSeal, seal, UNSEALED } from "../../lib/weights/seal.ts";
import { formatSafetensors } from "../../lib/weights/mod.ts";
import {
  ArgumentError,
  assertNoLeaks,
  dense,
  FileError,
  formatCheckpoint,
  FormatError,
  initTraining,
  key,
  KeysError,
  leaves,
  LockedError,
  parseCheckpoint,
  release,
  setup,
  sgd,
  type TrainState,
} from "../../mod.ts";

const parts = { model: dense(3), optimizer: sgd({ momentum: 0.9 }) };
const fresh = (seed: number) => initTraining(parts, key(seed), [1, 2]) as TrainState;
const cursor = { epoch: 2, index: 7 };
const config = { seed: "5" };

const values = (state: TrainState) =>
  Promise.all(leaves(state).map(async (leaf) => [...await leaf.data()]));

/** Runs a test with a folder of its own, on the cpu, and without a leak. */
function testIn(name: string, test: (folder: string) => Promise<void>): void {
  Deno.test(name, async () => {
    await setup({ backend: "cpu" });
    await Deno.mkdir("runs", { recursive: true });
    const folder = await Deno.makeTempDir({ dir: "runs", prefix: "checkpoints-" });
    try {
      await assertNoLeaks(() => test(folder));
    } finally {
      await Deno.chmod(folder, 0o755);
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

testIn(
  "a checkpoint comes back as it was, whatever happens to the state meanwhile",
  async (path) => {
    const state = fresh(1);
    const expected = await values(state);
    {
      await using folder = await checkpointFolder(path);
      const saving = folder.save({ state, step: 9, cursor, config });
      release(state);
      await saving;
    }
    const like = fresh(2);
    await using folder = await checkpointFolder(path);
    const found = (await folder.latest(like))!;
    assertEquals(await values(found.state), expected);
    assertEquals([found.step, found.cursor, found.config], [9, cursor, config]);
    assertEquals(found.path, `${path}/step-00000009.safetensors`);
    release([like, found.state]);
  },
);

testIn("the newest are kept and the oldest are removed", async (path) => {
  const state = fresh(1);
  {
    await using folder = await checkpointFolder(path, { keep: 2 });
    for (const step of [1, 20, 300]) await folder.save({ state, step, cursor, config });
    await folder.settled();
    assertEquals(await names(path), [
      "lock",
      "step-00000020.safetensors",
      "step-00000300.safetensors",
    ]);
  }
  release(state);
});

testIn("a damaged checkpoint is passed over for the one before it", async (path) => {
  const state = fresh(1);
  const warnings: string[] = [];
  await using folder = await checkpointFolder(path, { warn: (text) => warnings.push(text) });
  for (const step of [1, 2, 3]) await folder.save({ state, step, cursor, config });
  await folder.settled();
  const newest = `${path}/step-00000003.safetensors`;
  const flipped = await Deno.readFile(newest);
  flipped[flipped.length - 5]! ^= 4;
  await Deno.writeFile(newest, flipped);
  await Deno.truncate(`${path}/step-00000002.safetensors`, 100);
  const found = (await folder.latest(state))!;
  assertEquals(found.step, 1);
  assertEquals(warnings.length, 2);
  assert(warnings[0]!.startsWith(`Passed over ${newest}: Cannot trust the file: its digest is `));
  release([state, found.state]);
});

testIn("an empty folder has no checkpoint, and leftovers of a crash are swept", async (path) => {
  const state = fresh(1);
  await Deno.writeTextFile(`${path}/step-00000001.safetensors.tmp-123-abcd`, "half");
  await Deno.writeTextFile(`${path}/notes.txt`, "mine");
  await using folder = await checkpointFolder(path);
  assertEquals(await folder.latest(state), undefined);
  assertEquals(await names(path), ["lock", "notes.txt"]);
  release(state);
});

testIn("only one training writes to a folder, and a closed one is free again", async (path) => {
  {
    await using _folder = await checkpointFolder(path);
    await assertRejects(
      () => checkpointFolder(path),
      LockedError,
      `Cannot use the folder "${path}": another training writes to it`,
    );
  }
  await using _again = await checkpointFolder(path);
});

testIn(
  "a system that refuses is reported at the next save, and when all should be written",
  async (path) => {
    const state = fresh(1);
    await using folder = await checkpointFolder(path);
    await folder.save({ state, step: 1, cursor, config });
    await folder.settled();
    await Deno.remove(path, { recursive: true });
    await folder.save({ state, step: 2, cursor, config });
    await assertRejects(() => folder.settled(), FileError, `Cannot write "${path}/step-00000002`);
    await assertRejects(() => folder.save({ state, step: 3, cursor, config }), FileError);
    release(state);
    await Deno.mkdir(path);
  },
);

Deno.test("checkpointFolder() refuses to keep none", async () => {
  await assertRejects(
    () => checkpointFolder("runs/x", { keep: 0 }),
    ArgumentError,
    "Cannot keep 0 checkpoints: need an integer above 0",
  );
});

testIn("a checkpoint of another model, version or kind of file is refused", async () => {
  const state = fresh(1);
  const other = initTraining({ ...parts, model: dense(4) }, key(0), [1, 2]) as TrainState;
  const bytes = await formatCheckpoint({ state, step: 1, cursor, config });
  await assertRejects(
    () => parseCheckpoint(bytes, other),
    KeysError,
    'Cannot load the tree: "params.weight" has shape [2,3], need [2,4]',
  );
  const file = (metadata: Record<string, string>) =>
    seal(formatSafetensors(new Map(), { ...UNSEALED, ...metadata }));
  await assertRejects(
    async () => parseCheckpoint(await file({ checkpoint: '{"version":"2"}' }), state),
    KeysError,
    "Cannot read a checkpoint of version 2: need version 1",
  );
  await assertRejects(
    async () => parseCheckpoint(await file({}), state),
    FormatError,
    "Cannot read the file: it is not a checkpoint, at byte 0",
  );
  release([state, other]);
});

Deno.test("a seal covers every byte of the file", async () => {
  const tensors = new Map([[
    "x",
    { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) } as const,
  ]]);
  const sealed = await seal(formatSafetensors(tensors, { ...UNSEALED, note: "a" }));
  await checkSeal(sealed);
  for (let i = 0; i < sealed.length; i++) {
    const damaged = sealed.slice();
    damaged[i]! ^= 1;
    await assertRejects(() => checkSeal(damaged), FormatError);
  }
  await assertRejects(
    () => checkSeal(formatSafetensors(tensors)),
    FormatError,
    "Cannot find the seal of the file: it has no digest in its metadata, at byte 0",
  );
});
