/** Writing and reading files: all or nothing, and errors that name code and flag. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FileError, KeysError, release, tensor } from "@fplusx/nn";
import {
  fileError,
  historyWriter,
  loadWeights,
  openWeights,
  saveWeights,
  sha256,
  writeFileAtomic,
} from "@fplusx/nn/deno";
import { testEach } from "../backends.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Runs a test in a folder of its own under runs/. */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = `runs/test-${crypto.randomUUID()}`;
  await Deno.mkdir(folder, { recursive: true });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("writeFileAtomic() replaces a file, and leaves nothing else", () =>
  inFolder(async (folder) => {
    await writeFileAtomic(`${folder}/a`, bytes("old"));
    await writeFileAtomic(new URL(`../../${folder}/a`, import.meta.url), bytes("new"));
    assertEquals(await Deno.readTextFile(`${folder}/a`), "new");
    assertEquals(namesIn(folder), ["a"]);
  }));

Deno.test("writeFileAtomic() forces the bytes to the disk, and after the new name the folder", () =>
  inFolder(async (folder) => {
    const { sync } = Deno.FsFile.prototype;
    const synced: string[] = [];
    Deno.FsFile.prototype.sync = function () {
      const what = this.statSync().isDirectory ? "folder" : "file";
      synced.push(`${what} with ${namesIn(folder).join().replace(/\d.*/, "")}`);
      return sync.call(this);
    };
    try {
      await writeFileAtomic(`${folder}/a`, bytes("new"));
    } finally {
      Deno.FsFile.prototype.sync = sync;
    }
    assertEquals(synced, ["file with a.tmp-", "folder with a"]);
  }));

Deno.test("Two writes of one file at a time give one of the two", () =>
  inFolder(async (folder) => {
    const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000));
    await Promise.all(texts.map((text) => writeFileAtomic(`${folder}/a`, bytes(text))));
    assert(texts.includes(await Deno.readTextFile(`${folder}/a`)));
    assertEquals(namesIn(folder), ["a"]);
  }));

Deno.test("A process that is killed in the middle of writing leaves a whole file", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a`;
    const program = new URL("write_forever.ts", import.meta.url).pathname;
    for (const delay of [0, 7, 19, 40]) {
      const writer = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          `--allow-read=${folder}`,
          `--allow-write=${folder}`,
          program,
          path,
        ],
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
      // It is writing as soon as something is there that was not there before.
      const before = namesIn(folder).join();
      while (namesIn(folder).join() === before) await wait(1);
      await wait(delay);
      writer.kill("SIGKILL");
      await writer.status;
      for (const name of namesIn(folder)) {
        if (name !== "a") {
          assert(/^a\.tmp-\d+-[0-9a-f]{8}$/.test(name), name);
          continue;
        }
        const content = await Deno.readFile(path);
        assertEquals(content.length, 4_000_000);
        assert(content.every((byte) => byte === content[0]));
      }
    }
    assert(namesIn(folder).includes("a"));
  }));

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `f` while files can be written up to a point only, as on a full disk. */
async function onFullDisk(after: number, f: () => Promise<void>): Promise<void> {
  const { write } = Deno.FsFile.prototype;
  let left = after;
  Deno.FsFile.prototype.write = function (bytes) {
    if (left === 0) {
      const full = new Error("No space left on device (os error 28)");
      return Promise.reject(Object.assign(full, { code: "ENOSPC" }));
    }
    const part = bytes.subarray(0, left);
    left -= part.length;
    return write.call(this, part);
  };
  try {
    await f();
  } finally {
    Deno.FsFile.prototype.write = write;
  }
}

Deno.test("A full disk leaves the old file as it was, and no part of the new one", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a`;
    await writeFileAtomic(path, bytes("old"));
    await onFullDisk(2, async () => {
      const error = await assertRejects(() => writeFileAtomic(path, bytes("newer")), FileError);
      assertEquals(error.message, `Cannot write "${path}": no space left on device (ENOSPC)`);
      assertEquals(error.code, "IO");
      assertEquals((error.cause as { code?: string }).code, "ENOSPC");
    });
    assertEquals(await Deno.readTextFile(path), "old");
    assertEquals(namesIn(folder), ["a"]);
  }));

Deno.test("A folder that is missing, and a name that is a folder, are reported with their code", () =>
  inFolder(async (folder) => {
    const write = async (path: string) =>
      (await assertRejects(() => writeFileAtomic(path, bytes("x")), FileError)).message;
    assertEquals(
      await write(`${folder}/no/a`),
      `Cannot write "${folder}/no/a": no such file or directory (ENOENT)`,
    );
    await Deno.mkdir(`${folder}/sub/full`, { recursive: true });
    assertEquals(
      await write(`${folder}/sub`),
      `Cannot write "${folder}/sub": is a directory (EISDIR)`,
    );
    assertEquals(namesIn(folder), ["sub"]);
  }));

Deno.test("A missing permission names the flag that grants it", async () => {
  const outside = "/nowhere/model/a.safetensors";
  const message = async (f: () => Promise<unknown>) => (await assertRejects(f, FileError)).message;
  assertEquals(
    await message(() => writeFileAtomic(outside, bytes("x"))),
    `Cannot write "${outside}": the permission is missing; run with --allow-write=/nowhere/model`,
  );
  assertEquals(
    await message(() => historyWriter(outside)),
    `Cannot write "${outside}": the permission is missing; run with --allow-write=/nowhere/model`,
  );
  assertEquals(
    await message(() => openWeights(outside)),
    `Cannot read "${outside}": the permission is missing; run with --allow-read=${outside}`,
  );
});

Deno.test("fileError() says what the system said, once", () => {
  const message = (path: string, cause: unknown) => fileError("write", path, cause).message;
  const denied = Object.assign(
    new Deno.errors.PermissionDenied("Permission denied (os error 13), open 'a'"),
    { code: "EACCES" },
  );
  assertEquals(message("a", denied), 'Cannot write "a": permission denied (EACCES)');
  assertEquals(
    message("a", new Error("File too large (os error 27)")),
    'Cannot write "a": file too large',
  );
  assertEquals(message("a", "thrown"), 'Cannot write "a": thrown');
  const zero = Object.assign(
    new TypeError("file name contained an unexpected NUL byte: open 'a b'"),
    { code: "EINVAL" },
  );
  assertEquals(
    message("a", zero),
    'Cannot write "a": file name contained an unexpected NUL byte (EINVAL)',
  );
  const missing = new Deno.errors.NotCapable("Requires write access");
  const flag = (access: string) =>
    `Cannot write "a": the permission is missing; run with --allow-${access}=.`;
  assertEquals(message("a", missing), flag("write"));
  assertEquals(message("a", new Deno.errors.NotCapable("Requires read access to x")), flag("read"));
  assertStringIncludes(message("/a", missing), "--allow-write=/");
});

Deno.test("historyWriter() appends whole lines in order, to what is there already", () =>
  inFolder(async (folder) => {
    const path = `${folder}/history.jsonl`;
    for (const run of [0, 1]) {
      await using history = await historyWriter(path);
      await Promise.all([0, 1, 2].map((step) => history.append({ run, step, loss: 1 / 3 })));
      const lines = (await Deno.readTextFile(path)).split("\n");
      assertEquals(lines.length, 3 * (run + 1) + 1, "flushed before it is closed");
    }
    const records = (await Deno.readTextFile(path)).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(
      records,
      [0, 1].flatMap((run) => [0, 1, 2].map((step) => ({ run, step, loss: 1 / 3 }))),
    );
  }));

Deno.test("A history on a full disk is reported, and has no half a line", () =>
  inFolder(async (folder) => {
    const path = `${folder}/history.jsonl`;
    await using history = await historyWriter(path);
    await history.append({ before: true });
    for (const after of [0, 5]) {
      await onFullDisk(after, async () => {
        assertEquals(
          (await assertRejects(() => history.append({ lost: true }), FileError)).message,
          `Cannot write "${path}": no space left on device (ENOSPC)`,
        );
      });
    }
    await history.append({ after: true });
    assertEquals(await Deno.readTextFile(path), '{"before":true}\n{"after":true}\n');
  }));

Deno.test("sha256() gives the digests of FIPS 180", async () => {
  assertEquals(
    await sha256(bytes("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

testEach(
  "Weights come back from a file, and their digest is that of the file",
  () =>
    inFolder(async (folder) => {
      const path = `${folder}/w.safetensors`;
      const trees = {
        params: [{ weight: tensor([1, 2, 3, 4], [2, 2]) }, { bias: tensor([5]) }],
        state: { count: tensor(Int32Array.of(6), []) },
      };
      const saved = await saveWeights(path, trees, { epoch: "2" });
      const file = await Deno.readFile(path);
      assertEquals(saved, { sha256: await sha256(file), size: file.length });
      const loaded = await loadWeights(path, trees);
      for (const part of [0, 1] as const) {
        for (const [name, leaf] of Object.entries(trees.params[part]!)) {
          const same = (loaded.params[part] as Record<string, typeof leaf>)[name]!;
          assertEquals([same.shape, await same.data()], [leaf.shape, await leaf.data()]);
        }
      }
      assertEquals(await loaded.state.count.data(), Int32Array.of(6));
      {
        using open = await openWeights(path);
        assertEquals(open.metadata.get("epoch"), "2");
        const [bias, weight] = await Promise.all([
          open.read(["params.1.bias"]),
          open.read(["params.0.weight"]),
        ]);
        assertEquals(bias.get("params.1.bias")!.data, Float32Array.of(5));
        assertEquals(weight.get("params.0.weight")!.data, Float32Array.of(1, 2, 3, 4));
      }
      const error = await assertRejects(
        () => loadWeights(path, { params: trees.params }),
        KeysError,
      );
      assertEquals(error.message, 'Cannot load the tree: unexpected "state.count"');
      release([trees, loaded]);
    }),
);

Deno.test("A file that is no safetensors file is closed again", () =>
  inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a`, bytes("no weights at all"));
    const error = await assertRejects(() => openWeights(`${folder}/a`));
    assertStringIncludes((error as Error).message, "Cannot read safetensors data: the header has ");
  }));
