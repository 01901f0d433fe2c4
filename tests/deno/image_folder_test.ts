/** Folders of images by class: which are found, in which order, and what is said of damaged ones. */

import { assertEquals, assertRejects } from "@std/assert";
import {
  ArgumentError,
  EmptyError,
  FileError,
  FormatError,
  key,
  KeysError,
  setup,
} from "@fplusx/nn";
import {
  inTurn,
  mapSamples,
  randomFlip,
  randomResizedCrop,
  readAll,
  readBatches,
} from "@fplusx/nn/data";
import { imageFolder, loadImages } from "@fplusx/nn/deno";
import { centerCrop, resizeShorter } from "@fplusx/nn/images";
import golden from "../golden/images.json" with { type: "json" };
import { png } from "./png.ts";
import { withFiles } from "./temporary_folder.ts";

const picture = (height: number, width: number, value: number) =>
  png(height, width, new Uint8Array(height * width * 3).fill(value));

const jpeg = Uint8Array.fromBase64(golden.decoded.find(({ name }) => /jpe?g/i.test(name))!.file);

const PETS = {
  "dog/b.PNG": await picture(2, 3, 2),
  "dog/a.png": await picture(2, 3, 1),
  "cat/10.jpeg": jpeg,
  "cat/9.jpg": jpeg,
  "cat/notes.txt": new Uint8Array(),
  "cat/.hidden.png": new Uint8Array(),
  "bird/only.png": await picture(5, 4, 3),
  "index.png": new Uint8Array(),
};

Deno.test("imageFolder() finds images by class, in alphabetical order", async () => {
  await withFiles(PETS, async (folder) => {
    for (const place of [folder, `${folder}/`, new URL(`../../${folder}`, import.meta.url)]) {
      const pets = await imageFolder(place);
      assertEquals([pets.count, ...pets.classNames], [5, "bird", "cat", "dog"]);
      const samples = await Promise.all([0, 1, 2, 3, 4].map((i) => pets.sample(i)));
      assertEquals(samples.map(({ label }) => label), [0, 1, 1, 2, 2]);
      assertEquals(samples[0]!.picture, { height: 5, width: 4, data: new Uint8Array(60).fill(3) });
      assertEquals([samples[3]!.picture.data[0], samples[4]!.picture.data[0]], [1, 2]);
      assertEquals(pets.statistics.mean, [0.485, 0.456, 0.406]);
    }
  });
});

Deno.test("Pictures of a folder are cropped, augmented and batched", async () => {
  await setup({ backend: "cpu" });
  await withFiles(PETS, async (folder) => {
    const pets = await imageFolder(folder, { statistics: { mean: [0.5], deviation: [1] } });
    const augment = inTurn(randomResizedCrop(4), randomFlip());
    const statistics = { mean: [0, 0, 0], deviation: [1, 1, 1] };
    const options = { size: 4, key: key(0), augment };
    const shapes = [];
    for await (using batch of readBatches({ ...pets, statistics }, options)) {
      shapes.push(batch.x.shape);
    }
    assertEquals(shapes, [[4, 4, 4, 3], [1, 4, 4, 3]]);
    const squares = mapSamples({ ...pets, statistics }, ({ picture, label }) => ({
      picture: centerCrop(resizeShorter(picture, 2), 2),
      label,
    }));
    const all = await readAll(squares);
    assertEquals([...all.shape, ...all.labels], [5, 2, 2, 3, 0, 1, 1, 2, 2]);
  });
});

Deno.test("imageFolder() says what is missing or damaged, and where", async () => {
  await withFiles({ "dog/a.txt": new Uint8Array() }, async (folder) => {
    assertEquals(
      (await assertRejects(() => imageFolder(folder), EmptyError)).message,
      `Cannot find images in "${folder}": need folders with PNG or JPEG files in it`,
    );
    assertEquals(
      (await assertRejects(() => imageFolder(`${folder}/none`), FileError)).message,
      `Cannot read "${folder}/none": no such file or directory (ENOENT)`,
    );
  });
  await withFiles({ "dog/a.png": jpeg.subarray(0, 1) }, async (folder) => {
    const dogs = await imageFolder(folder);
    assertEquals(
      (await assertRejects(async () => await dogs.sample(0), FormatError)).message,
      "Cannot decode an image: need a PNG or JPEG, but it starts with 0xff, at byte 0, at " +
        `"${folder}/dog/a.png"`,
    );
    await Deno.remove(`${folder}/dog/a.png`);
    assertEquals(
      (await assertRejects(() => Promise.resolve(dogs.sample(0)), FileError)).message,
      `Cannot read "${folder}/dog/a.png": no such file or directory (ENOENT)`,
    );
  });
});

Deno.test("loadImages() loads two folders of one size, and measures the one to learn from", async () => {
  const parts = {
    "train/cat/1.png": await picture(2, 2, 0),
    "train/dog/1.png": await picture(2, 2, 255),
    "test/cat/1.png": await picture(2, 2, 51),
    "test/dog/1.png": await picture(2, 2, 51),
  };
  await withFiles(parts, async (folder) => {
    const { train, test } = await loadImages(`${folder}/`);
    assertEquals([train.shape, test.shape], [[2, 2, 2, 3], [2, 2, 2, 3]]);
    assertEquals([...train.labels, ...test.classNames], [0, 1, "cat", "dog"]);
    const measured = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };
    assertEquals([train.statistics, test.statistics], [measured, measured]);
    await Deno.rename(`${folder}/test/dog`, `${folder}/test/fox`);
    assertEquals(
      (await assertRejects(() => loadImages(folder), KeysError)).message,
      "Cannot test on the classes cat, fox: those to learn from are cat, dog",
    );
  });
  assertEquals(
    (await assertRejects(() => loadImages(), ArgumentError)).message,
    "Cannot load images from nowhere: need a folder with train and test",
  );
});
