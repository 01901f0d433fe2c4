/** Resizing, cropping and normalising: golden bytes from Pillow and torchvision, laws and mistakes. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, EmptyError, type FplusxError, ShapeError } from "@fplusx/nn";
import {
  centerCrop,
  crop,
  flip,
  image,
  normalize,
  prepare,
  preset,
  type PresetName,
  resize,
  resizeShorter,
} from "@fplusx/nn/images";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/images.json" with { type: "json" };

const ramp = (height: number, width: number) =>
  image(height, width, Uint8Array.from({ length: height * width * 3 }, (_, i) => i * 7));
const decoded = ([height, width]: number[], pixels: string) =>
  image(height!, width!, Uint8Array.fromBase64(pixels));

for (const { from, to, pixels, resized } of golden.resized) {
  Deno.test(`resize() gives Pillow's bytes, from ${from.join(" × ")} to ${to.join(" × ")}`, () => {
    assertEquals(resize(decoded(from, pixels), to[0]!, to[1]!), decoded(to, resized));
  });
}

for (const { size, pixels, ...expected } of golden.prepared) {
  const source = decoded(size, pixels);
  for (const name of ["imagenet-v1", "imagenet-v2"] as const) {
    testEach(`prepare() gives torchvision's ${name} of ${size.join(" × ")}`, async () => {
      using x = prepare([source], preset(name));
      const values = await x.data();
      const corner = Array.from({ length: 224 * 224 }, (_, i) => i)
        .filter((i) => Math.floor(i / 224) % 37 === 0 && i % 224 % 41 === 0)
        .flatMap((i) => [...values.subarray(3 * i, 3 * i + 3)]);
      await assertClose(corner, expected[name]);
    });
  }
  testEach(`prepare() gives torchvision's grey digit of ${size.join(" × ")}`, async () => {
    const { statistics } = preset("mnist");
    using x = prepare([source], preset("mnist"));
    assertEquals(x.shape, [1, 28, 28, 1]);
    const bytes = (await x.data()).map((value) =>
      Math.round((value * statistics.deviation[0]! + statistics.mean[0]!) * 255)
    );
    await assertClose(bytes, Uint8Array.fromBase64(expected.mnist), { absolute: 0 });
  });
}

Deno.test("resize() to its own size gives a copy", () => {
  const source = ramp(3, 4);
  const copy = resize(source, 3, 4);
  assertEquals(copy, source);
  assert(copy.data !== source.data);
});

Deno.test("resize() keeps an image of one colour", () => {
  const plain = image(7, 5, new Uint8Array(105).fill(201));
  for (const [height, width] of [[1, 1], [3, 11], [50, 2]] as const) {
    assertEquals(new Set(resize(plain, height, width).data), new Set([201]));
  }
});

Deno.test("resize() commutes with flip()", () => {
  const source = ramp(9, 13);
  assertEquals(resize(flip(source), 5, 7), flip(resize(source, 5, 7)));
});

Deno.test("centerCrop() has its corner where Python's round() puts it", () => {
  const corner = (size: number) => centerCrop(ramp(1, size), 1).data[0]! / 7 / 3;
  assertEquals([1, 2, 3, 4, 5, 6].map(corner), [0, 0, 1, 2, 2, 2]);
});

const WRONG: [what: string, run: () => unknown, type: typeof FplusxError, message: string][] = [
  [
    "an image of too few bytes",
    () => image(2, 2, new Uint8Array(4)),
    ShapeError,
    "Cannot make an image of 2 × 2 pixels: need 12 bytes, got 4",
  ],
  [
    "an image of no rows",
    () => image(0, 2, new Uint8Array(0)),
    ArgumentError,
    "Cannot make an image of 0 × 2 pixels: need positive integers",
  ],
  [
    "half a pixel",
    () => resize(ramp(1, 1), 1, 0.5),
    ArgumentError,
    "Cannot resize to an image of 1 × 0.5 pixels: need positive integers",
  ],
  [
    "no pixel",
    () => resizeShorter(ramp(1, 1), 0),
    ArgumentError,
    "Cannot resize the shorter side of an image to 0 pixels: need a positive integer",
  ],
  [
    "a rectangle outside",
    () => crop(ramp(4, 5), { top: 1, left: 2, height: 2, width: 4 }),
    ArgumentError,
    "Cannot cut 2 × 4 pixels from row 1 and column 2 out of an image of 4 × 5: need a part of it",
  ],
  [
    "a middle that is larger",
    () => centerCrop(ramp(4, 4), 5),
    ArgumentError,
    "Cannot cut 5 × 5 pixels from row 0 and column 0 out of an image of 4 × 4: need a part of it",
  ],
  [
    "an unknown preset",
    () => preset("toString" as PresetName),
    ArgumentError,
    'Cannot find a preset "toString": need one of imagenet-v1, imagenet-v2, mnist',
  ],
  [
    "no images",
    () => normalize([], { mean: [0], deviation: [1] }),
    EmptyError,
    "Cannot make a batch of images: there is none",
  ],
  [
    "images of two sizes",
    () => normalize([ramp(1, 2), ramp(2, 1)], { mean: [0], deviation: [1] }),
    ShapeError,
    "Cannot make a batch of images of 1 × 2 and 2 × 1 pixels: need one size",
  ],
  [
    "statistics of two channels",
    () => normalize([ramp(1, 1)], { mean: [0, 0], deviation: [1, 1] }),
    ShapeError,
    "Cannot normalise images with a mean of 2 and a deviation of 2 channels: need both of 1 or 3",
  ],
];

for (const [what, run, type, message] of WRONG) {
  Deno.test(`images refuse ${what}`, () => {
    assertEquals(assertThrows(run, type).message, message);
  });
}
