/** CIFAR and Fashion-MNIST: layouts, labels, and files that are not what they should be. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { FormatError, LabelError, ShapeError } from "@fplusx/nn";
import {
  cifar10,
  cifar100,
  cifar10FromPictures,
  dataset,
  fashionMnist,
  fashionMnistFromRows,
  pixelMean,
} from "@fplusx/nn/data";
import { CIFAR100_COARSE, CIFAR100_FINE } from "../../lib/data/cifar_classes.ts";

/** Records whose planes count up from the number of the record. */
function records(labels: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(labels.flatMap((label, n) => [
    ...label,
    ...Array.from({ length: 3072 }, (_, i) => (n + i % 1024 + 50 * Math.floor(i / 1024)) % 256),
  ]));
}

Deno.test("cifar10() turns planes into pixels, and joins files in order", () => {
  const { images, labels, shape, classNames } = cifar10({
    first: records([[3], [9]]),
    second: records([[0]]),
  });
  assertEquals([...shape, ...labels], [3, 32, 32, 3, 3, 9, 0]);
  assertEquals(classNames[3], "cat");
  for (const [n, start] of [[0, 0], [1, 1], [2, 0]] as const) {
    for (let i = 0; i < 3072; i++) {
      const expected = (start + Math.floor(i / 3) + 50 * (i % 3)) % 256;
      assertEquals(images[n * 3072 + i], expected);
    }
  }
});

Deno.test("cifar100() takes fine or coarse labels", () => {
  const file = records([[19, 99], [0, 1]]);
  const [fine, coarse] = [cifar100(file), cifar100(file, { labels: "coarse" })];
  assertEquals([fine.classes, ...fine.labels], [100, 99, 1]);
  assertEquals([coarse.classes, ...coarse.labels], [20, 19, 0]);
  assertEquals(fine.images, coarse.images);
  assertEquals([fine.classNames[99], coarse.classNames[19]], ["worm", "vehicles_2"]);
});

Deno.test("The classes of CIFAR-100 are in alphabetical order, each once", () => {
  for (const [names, count] of [[CIFAR100_FINE, 100], [CIFAR100_COARSE, 20]] as const) {
    assertEquals(new Set(names).size, count);
    assertEquals(names.toSorted(), names);
  }
});

const whole = records([[1], [2]]);
const WRONG_10: [what: string, file: Uint8Array, reason: string, offset: number][] = [
  ["nothing", new Uint8Array(), "the file has 0 bytes, need a multiple of 3073", 0],
  [
    "a byte missing",
    whole.subarray(0, -1),
    "the file has 6145 bytes, need a multiple of 3073",
    3073,
  ],
  [
    "a byte too many",
    Uint8Array.of(...whole, 0),
    "the file has 6147 bytes, need a multiple of 3073",
    6146,
  ],
  [
    "records of CIFAR-100",
    records([[1, 2]]),
    "the file has 3074 bytes, need a multiple of 3073",
    3073,
  ],
  ["label 10", records([[1], [10]]), "image 1 has label 10, need at most 9", 3073],
];

for (const [what, file, reason, offset] of WRONG_10) {
  Deno.test(`cifar10() refuses a file with ${what}, and says where`, () => {
    const error = assertThrows(() => cifar10({ good: whole, "bad.bin": file }), FormatError);
    assertEquals(
      error.message,
      `Cannot read CIFAR-10 data: ${reason}, at byte ${offset}, at "bad.bin"`,
    );
    assertEquals([error.offset, error.path], [offset, "bad.bin"]);
  });
}

const WRONG_100: [file: Uint8Array, labels: "fine" | "coarse", message: string][] = [
  [whole, "fine", "the file has 6146 bytes, need a multiple of 3074, at byte 3074"],
  [records([[0, 100]]), "fine", "image 0 has label 100, need at most 99, at byte 1"],
  [records([[0, 0], [20, 0]]), "coarse", "image 1 has label 20, need at most 19, at byte 3074"],
];

for (const [file, labels, message] of WRONG_100) {
  Deno.test(`cifar100() refuses ${labels} labels: ${message}`, () => {
    const error = assertThrows(() => cifar100(file, { labels }), FormatError);
    assertEquals(error.message, `Cannot read CIFAR-100 data: ${message}`);
  });
}

Deno.test("cifar10FromPictures() takes each row of each picture as an image", () => {
  const picture = (height: number, first: number) => ({
    height,
    width: 1024,
    data: Uint8Array.from(
      { length: height * 3072 },
      (_, i) => (first + Math.floor(i / 3072)) % 256,
    ),
  });
  const { images, labels } = cifar10FromPictures([picture(2, 5), picture(1, 9)], [3, 1, 4]);
  assertEquals([...labels], [3, 1, 4]);
  assertEquals([images[0], images[3072], images[6144]], [5, 6, 9]);
});

Deno.test("cifar10FromPictures() refuses other pictures and labels", () => {
  const row = { height: 1, width: 1024, data: new Uint8Array(3072) };
  assertEquals(
    assertThrows(() => cifar10FromPictures([{ ...row, width: 512, height: 2 }], [0, 0]), ShapeError)
      .message,
    "Cannot take images of CIFAR-10 from a picture of 2 × 512 pixels: need 1024 in each row",
  );
  assertEquals(
    assertThrows(() => cifar10FromPictures([row], [0, 0]), ShapeError).message,
    "Cannot make a data set of 1 images: need as many labels, got 2",
  );
  assertThrows(() => cifar10FromPictures([row], [10]), LabelError);
});

Deno.test("fashionMnist() names the clothes", () => {
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7);
  const { classNames, labels, shape } = fashionMnist(
    images,
    Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 9),
  );
  assertEquals([classNames[labels[0]!], ...shape], ["Ankle boot", 1, 1, 1, 1]);
});

const row = (value: number) => new Array<number>(784).fill(value);

Deno.test("fashionMnistFromRows() takes turns, and sets the last 1,000 of each class aside", () => {
  const classes = Array.from({ length: 10 }, (_, label) => [
    [],
    row(label),
    row(100 + label),
    ...Array.from({ length: 1000 }, () => row(200 + label)),
    [],
  ]);
  const { train, test } = fashionMnistFromRows(classes);
  assertEquals([train.shape, test.shape], [[20, 28, 28, 1], [10_000, 28, 28, 1]]);
  const firsts = Array.from({ length: 20 }, (_, i) => train.images[i * 784]!);
  assertEquals(
    firsts,
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((label) => label).concat(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((label) => 100 + label),
    ),
  );
  assertEquals([...train.labels.subarray(0, 12)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  assert(test.labels.every((label, i) => test.images[i * 784] === 200 + label));
});

Deno.test("fashionMnistFromRows() refuses what is something else", () => {
  const full = Array.from({ length: 10 }, () => Array.from({ length: 1001 }, () => row(0)));
  const message = (classes: number[][][]) =>
    assertThrows(() => fashionMnistFromRows(classes), FormatError).message;
  assertEquals(
    message(full.slice(1)),
    "Cannot use 9 lists of Fashion-MNIST: need 10, at byte 0",
  );
  assertEquals(
    message(full.with(2, full[2]!.slice(1))),
    'Cannot use 1000 images of "Pullover": need more than 1000, at byte 0',
  );
  assertEquals(
    message(full.with(8, [row(0), row(256)])),
    'Cannot use image 1 of "Bag": need 784 integers from 0 to 255, at byte 0',
  );
  assertEquals(
    message(full.with(0, [[1, 2]])),
    'Cannot use image 0 of "T-shirt/top": need 784 integers from 0 to 255, at byte 0',
  );
});

Deno.test("pixelMean() is the mean of each value, of bytes and of floats", () => {
  const shape = [2, 1, 2, 2];
  const bytes = Uint8Array.of(0, 51, 102, 153, 255, 51, 0, 51);
  const labels = [0, 0];
  const expected = [0.5, 0.2, 0.2, 0.4];
  const { mean, deviation } = pixelMean(dataset({ images: bytes, shape, labels, classes: 1 }));
  assertEquals([mean, deviation], [expected, [1, 1]]);
  const images = Float32Array.from(bytes);
  assertEquals(
    pixelMean(dataset({ images, shape, labels, classes: 1 })).mean,
    [127.5, 51, 51, 102],
  );
});
