import { assertEquals, assertRejects } from "@std/assert";
import { checkpointFolder, sha256 } from "../../lib/deno/mod.ts";
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

testIn("damaged checkpoints are passed over for the one before, which is said", async (path) => {
  const state = fresh(1);
  const warnings: string[] = [];
  await using folder = await checkpointFolder(path, { warn: (text) => warnings.push(text) });
  for (const step of [1, 2, 3, 4]) await folder.save({ state, step, cursor, config });
  await folder.settled();
  const file = (step: number) => `${path}/step-0000000${step}.safetensors`;
  const flipped = await Deno.readFile(file(4));
  const at = new TextDecoder("latin1").decode(flipped).indexOf("sha256") + 9;
  const sealed = new TextDecoder().decode(flipped.subarray(at, at + 8));
  flipped[flipped.length - 5]! ^= 4;
  await Deno.writeFile(file(4), flipped);
  await Deno.truncate(file(3), 20);
  const found = (await folder.latest(state))!;
  assertEquals(found.step, 2);
  flipped.fill(48, at, at + 64);
  const digest = (await sha256(flipped)).slice(0, 8);
  assertEquals(warnings, [
    `Passed over ${file(4)}: Cannot trust the file: its digest is ${digest}…, and it was sealed ` +
    `with ${sealed}…, at byte ${at}`,
    `Passed over ${file(3)}: Cannot find the seal of the file: it has no digest in its metadata, ` +
    "at byte 0",
  ]);
  await Deno.truncate(file(2));
  assertEquals(await folder.latest(state), undefined);
  assertEquals(warnings.length, 3, "each is said once");
  release([state, found.state]);
});

testIn("a checkpoint of another version is not passed over, be it older or newer", async (path) => {
  const state = fresh(1);
  await using folder = await checkpointFolder(path);
  await folder.save({ state, step: 1, cursor, config });
  await folder.settled();
  for (const version of ["0", "2"]) {
    const checkpoint = JSON.stringify({ version, place: "as others write it" });
    const bytes = await seal(formatSafetensors(new Map(), { ...UNSEALED, checkpoint }));
    await Deno.writeFile(`${path}/step-00000002.safetensors`, bytes);
    const error = await assertRejects(() => folder.latest(state), KeysError);
    assertEquals(error.message, `Cannot read a checkpoint of version ${version}: need version 1`);
  }
  release(state);
});

testIn("an empty folder has no checkpoint, and leftovers of a crash are swept", async (path) => {
  const state = fresh(1);
  await Deno.writeTextFile(`${path}/step-00000001.safetensors.tmp-123-0123abcd`, "half");
  await Deno.writeTextFile(`${path}/mine.tmp-123-0123abcd`, "not yours");
  await Deno.writeTextFile(`${path}/notes.txt`, "mine");
  await using folder = await checkpointFolder(path);
  assertEquals(await folder.latest(state), undefined);
  assertEquals(await names(path), ["lock", "mine.tmp-123-0123abcd", "notes.txt"]);
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
  "what the system refuses is said to whoever opens a folder, and unlocks it",
  async (path) => {
    const left = `${path}/step-00000001.safetensors.tmp-1-0123abcd`;
    await Deno.mkdir(`${left}/full`, { recursive: true });
    const error = await assertRejects(() => checkpointFolder(path), FileError);
    assertEquals(error.message, `Cannot write "${left}": directory not empty (ENOTEMPTY)`);
    await Deno.remove(left, { recursive: true });
    await using _free = await checkpointFolder(path);
  },
);

const UNUSABLE: [what: string, name: string, reason: string][] = [
  ["too long", "x".repeat(300), "file name too long (ENAMETOOLONG)"],
  ["that holds a zero", "a\0b", "file name contained an unexpected NUL byte (EINVAL)"],
  ["that is a file", "file", "not a directory (ENOTDIR)"],
];

for (const [what, name, reason] of UNUSABLE) {
  testIn(`a name ${what} is no name of a folder, and makes none`, async (path) => {
    await Deno.writeTextFile(`${path}/file`, "");
    const error = await assertRejects(() => checkpointFolder(`${path}/${name}/x`), FileError);
    assertEquals(error.message, `Cannot write "${path}/${name}/x/lock": ${reason}`);
    assertEquals(await names(path), ["file"]);
  });
}

testIn("a checkpoint is called by the number of its step, and by nothing else", async (path) => {
  const state = fresh(1);
  {
    await using folder = await checkpointFolder(path);
    for (const step of ["../../x", -1, 1.5, NaN, Infinity, 2 ** 53] as number[]) {
      const error = await assertRejects(
        () => folder.save({ state, step, cursor, config }),
        ArgumentError,
      );
      assertEquals(
        error.message,
        `Cannot save a checkpoint of step ${step}: need an integer from 0`,
      );
    }
  }
  assertEquals(await names(path), ["lock"]);
  release(state);
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
    await assertRejects(() => folder.settled(), FileError);
    await Deno.mkdir(path);
    assertEquals(await folder.latest(state), undefined);
    release(state);
  },
);

Deno.test("checkpointFolder() refuses to keep none", async () => {
  await assertRejects(
    () => checkpointFolder("runs/x", { keep: 0 }),
    ArgumentError,
    "Cannot keep 0 checkpoints: need an integer above 0",
  );
});

testIn("a checkpoint of another model, or one that is none, is refused", async () => {
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
    async () => parseCheckpoint(await file({}), state),
    FormatError,
    "Cannot read the file: it is not a checkpoint, at byte 0",
  );
  const place = { version: "1", step: 1, cursor, config };
  const changed = (change: object) => JSON.stringify({ ...place, ...change });
  const texts = [
    "",
    "null",
    "{",
    ...[{ version: 1 }, { step: -1 }, { step: "1" }, { cursor: null }, { cursor: { epoch: 0 } }]
      .map(changed),
    ...[{ cursor: { epoch: 0.5, index: 0 } }, { config: null }, { config: { seed: 5 } }]
      .map(changed),
  ];
  for (const checkpoint of texts) {
    const error = await assertRejects(
      async () => parseCheckpoint(await file({ checkpoint }), state),
      FormatError,
    );
    assertEquals(
      error.message,
      "Cannot read the checkpoint: it does not say where the training stands, at byte 0",
    );
  }
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
    await assertRejects(() => checkSeal(sealed.slice(0, i)), FormatError);
  }
  await assertRejects(
    () => checkSeal(formatSafetensors(tensors)),
    FormatError,
    "Cannot find the seal of the file: it has no digest in its metadata, at byte 0",
  );
});
