/** Augmentation of pictures: the bytes of torchvision, the chances that were promised, and mistakes. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { ArgumentError, fold, key, randomBits } from "@fplusx/nn";
import {
  type Augmentation,
  inTurn,
  pcaColor,
  type Picture,
  randomCrop,
  randomErasing,
  randomFlip,
  randomResizedCrop,
  randomScale,
  sometimes,
  trivialAugment,
} from "@fplusx/nn/data";
import { draws } from "../../../lib/data/augment/augmentation.ts";
import { colorShift } from "../../../lib/data/augment/pca_color.ts";
import { windowOf } from "../../../lib/data/augment/resized_crop.ts";
import {
  drawOperation,
  OPERATIONS,
  strengthOf,
} from "../../../lib/data/augment/trivial_augment.ts";
import golden from "../../golden/augment.json" with { type: "json" };
import { assertUniform } from "./chi_square.ts";

const [HEIGHT, WIDTH] = golden.shape as [number, number];

const noise = (height: number, width: number, channels: number): Picture => ({
  height,
  width,
  data: Uint8Array.from(
    randomBits(key(height), height * width * channels),
    (word) => word >>> 24,
  ),
});

async function digest(data: Uint8Array | Float32Array): Promise<string> {
  const bytes = new Uint8Array(data);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 8);
}

for (const { data, operations } of golden.pictures) {
  const bytes = Uint8Array.fromBase64(data);
  const channels = bytes.length / HEIGHT / WIDTH;
  for (const [name, digests] of Object.entries(operations)) {
    const { most, signed, apply } = OPERATIONS[name.charAt(0).toLowerCase() + name.slice(1)]!;
    Deno.test(`${name} gives torchvision's bytes at all ${digests.length} strengths, ${channels} channels`, async () => {
      const bins = most === 0 ? 1 : 31;
      assertEquals(digests.length, bins * (signed ? 2 : 1));
      for (const [i, expected] of digests.entries()) {
        const value = strengthOf(most, i % bins) * (i < bins ? 1 : -1);
        const changed = apply({ height: HEIGHT, width: WIDTH, data: bytes }, value);
        assertEquals(await digest(changed.data), expected, `strength ${value}`);
      }
    });
  }
}

Deno.test("trivialAugment() draws operations, strengths and signs equally often", () => {
  const names = Object.keys(OPERATIONS);
  const drawn = Array.from({ length: 6200 }, (_, i) => drawOperation(fold(key(1), i)));
  const count = (is: (draw: typeof drawn[number]) => boolean) => drawn.filter(is).length;
  assertUniform(names.map((name) => count((draw) => draw.name === name)));
  assertUniform(Array.from({ length: 31 }, (_, bin) => count((draw) => draw.bin === bin)));
  assertUniform([true, false].map((opposite) => count((draw) => draw.opposite === opposite)));
});

for (const { amounts, shift } of golden.colours) {
  Deno.test(`pcaColor() shifts colours as NumPy computes it, by ${shift[0]}`, () => {
    colorShift(amounts).forEach((value, i) => assertAlmostEquals(value, shift[i]!, 1e-15));
  });
}

Deno.test("pcaColor() moves every pixel alike, with a deviation as promised, and keeps floats", () => {
  const bytes = noise(3, 5, 3);
  const { data } = pcaColor()(bytes, key(3));
  const offsets = Array.from(data, (value, i) => value - bytes.data[i]! / 255);
  offsets.forEach((offset, i) => assertAlmostEquals(offset, offsets[i % 3]!, 1e-6));
  assertEquals(pcaColor(0)({ ...bytes, data }, key(0)).data, data);
  const black = { height: 1, width: 1, data: new Float32Array(3) };
  const reds = Array.from({ length: 4000 }, (_, i) => pcaColor()(black, fold(key(9), i)).data[0]!);
  const expected = 0.1 * Math.hypot(-0.5675 * 0.2175, 0.7192 * 0.0188, 0.4009 * 0.0045);
  const measured = Math.sqrt(reds.reduce((sum, red) => sum + red * red, 0) / 4000);
  assertAlmostEquals(measured / expected, 1, 4 / Math.sqrt(2 * 4000));
});

/** Checks mean and deviation of what was drawn against those of torchvision, within 5 standard errors. */
function assertMoments(values: readonly number[], [mean, deviation]: readonly number[]): void {
  const n = values.length;
  const ours = values.reduce((sum, value) => sum + value, 0) / n;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - ours) ** 2, 0) / n);
  const error = deviation! * Math.sqrt(1 / n + 1 / golden.draws);
  assertAlmostEquals(ours, mean!, 5 * error);
  assertAlmostEquals(spread, deviation!, 5 * error);
}

Deno.test("randomErasing() covers rectangles of torchvision's areas and forms, anywhere", () => {
  const picture = { height: HEIGHT, width: WIDTH, data: new Float32Array(HEIGHT * WIDTH).fill(1) };
  const areas: number[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const { data } = randomErasing({ probability: 1 })(picture, fold(key(5), i));
    const first = data.indexOf(0);
    const last = data.lastIndexOf(0);
    const height = Math.floor(last / WIDTH) - Math.floor(first / WIDTH) + 1;
    const width = last % WIDTH - first % WIDTH + 1;
    assertEquals(data.filter((value) => value === 0).length, height * width);
    areas.push(height * width / HEIGHT / WIDTH);
    ratios.push(Math.log(height / width));
  }
  assertMoments(areas, golden.erased.area);
  assertMoments(ratios, golden.erased.ratio);
});

Deno.test("randomErasing() erases half of the pictures, and does not change what it is given", () => {
  const picture = { height: 9, width: 9, data: new Float32Array(81).fill(1) };
  let erased = 0;
  for (let i = 0; i < 4000; i++) {
    if (randomErasing()(picture, fold(key(6), i)).data.includes(0)) erased++;
  }
  assertAlmostEquals(erased / 4000, 0.5, 4 * Math.sqrt(0.25 / 4000));
  assert(!picture.data.includes(0));
});

Deno.test("randomResizedCrop() cuts rectangles of torchvision's areas and forms", () => {
  const size = { height: HEIGHT, width: WIDTH };
  const windows = Array.from(
    { length: 20_000 },
    (_, i) => windowOf(size, draws(fold(key(7), i), 40), [0.08, 1], [3 / 4, 4 / 3]),
  );
  assertMoments(
    windows.map(({ height, width }) => height * width / HEIGHT / WIDTH),
    golden.cropped.area,
  );
  assertMoments(windows.map(({ height, width }) => Math.log(height / width)), golden.cropped.ratio);
});

Deno.test("A picture too long for any ratio is cropped in its middle, as in torchvision", () => {
  const drawn = new Float32Array(40).fill(0.99);
  const { top, left, height, width } = windowOf({ height: 3, width: 90 }, drawn, [0.9, 1], [
    3 / 4,
    4 / 3,
  ]);
  assertEquals([top, left, height, width], [0, 43, 3, 4]);
});

Deno.test("randomScale() makes each shorter side equally often", () => {
  const picture = noise(6, 9, 3);
  const counts = new Array<number>(5).fill(0);
  for (let i = 0; i < 2000; i++) {
    const { height, width } = randomScale(4, 8)(picture, fold(key(8), i));
    assertEquals(width, Math.floor(height * 9 / 6));
    counts[height - 4]!++;
  }
  assertUniform(counts);
});

/** The augmentation of the paper for CIFAR, on a picture that tells where each pixel is from. */
function offsets(seed: number, count: number): { tops: number[]; lefts: number[]; flips: number } {
  const marked = new Float32Array(32 * 32);
  marked[4 * 32 + 4] = 1;
  const tops = new Array<number>(9).fill(0);
  const lefts = new Array<number>(9).fill(0);
  let flips = 0;
  for (let i = 0; i < count; i++) {
    const picture = randomCrop({ padding: 4 })(
      { height: 32, width: 32, data: marked },
      fold(key(seed), i),
    );
    const at = picture.data.indexOf(1);
    tops[8 - Math.floor(at / 32)]!++;
    lefts[8 - at % 32]!++;
    const pair = { height: 1, width: 2, data: Float32Array.of(0, 1) };
    flips += randomFlip()(pair, fold(key(seed), i)).data[0]!;
  }
  return { tops, lefts, flips };
}

Deno.test("Crops with padding 4 begin at each of 0 to 8 equally often, and half are mirrored", () => {
  const { tops, lefts, flips } = offsets(11, 9000);
  assertUniform(tops);
  assertUniform(lefts);
  assertAlmostEquals(flips / 9000, 0.5, 4 * Math.sqrt(0.25 / 9000));
});

Deno.test("moving in one go is moving one after the other", () => {
  const picture = {
    height: 5,
    width: 7,
    data: Uint8Array.from({ length: 5 * 7 * 2 }, (_, i) => i + 1),
  };
  const moves: readonly Augmentation[] = [
    randomCrop({ padding: 2 }),
    randomFlip(),
    randomCrop({ size: [3, 4], padding: 3 }),
    randomFlip(1),
    randomCrop({ size: 9, padding: 4 }),
    randomFlip(),
  ];
  const atOnce = inTurn(...moves);
  // Without telling where pixels come from, they are moved each time.
  const inSteps = inTurn(
    ...moves.map((move): Augmentation => (picture, key) => move(picture, key)),
  );
  assert(atOnce.place !== undefined && inSteps.place === undefined);
  for (let seed = 0; seed < 300; seed++) {
    assertEquals(atOnce(picture, key(seed)), inSteps(picture, key(seed)));
  }
});

Deno.test("The rows and the columns of crops are independent", () => {
  const counts = new Array<number>(9).fill(0);
  const marked = { height: 3, width: 3, data: Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0) };
  for (let i = 0; i < 4500; i++) {
    counts[randomCrop({ padding: 1 })(marked, fold(key(12), i)).data.indexOf(1)]!++;
  }
  assertUniform(counts);
});

Deno.test("randomCrop() sees zeros beyond the edge, and the picture within", () => {
  const picture = noise(4, 5, 2);
  const wide = randomCrop({ size: [4 + 6, 5 + 6], padding: 3 })(picture, key(0));
  assertEquals([wide.height, wide.width, wide.data.length], [10, 11, 220]);
  for (let row = 0; row < 10; row++) {
    for (let column = 0; column < 11; column++) {
      const inside = row >= 3 && row < 7 && column >= 3 && column < 8;
      for (let c = 0; c < 2; c++) {
        assertEquals(
          wide.data[(row * 11 + column) * 2 + c],
          inside ? picture.data[((row - 3) * 5 + column - 3) * 2 + c] : 0,
        );
      }
    }
  }
});

Deno.test("Mirroring twice gives the picture back, for any number of channels", () => {
  for (const channels of [1, 2, 3, 4]) {
    const picture = noise(3, 4, channels);
    const mirrored = randomFlip(1)(picture, key(0));
    assertNotEquals(mirrored, picture);
    assertEquals(randomFlip(1)(mirrored, key(0)), picture);
  }
});

const ALL: Readonly<Record<string, Augmentation>> = {
  randomCrop: randomCrop({ padding: 4 }),
  randomFlip: randomFlip(),
  randomResizedCrop: randomResizedCrop(8),
  randomScale: randomScale(8, 40),
  pcaColor: pcaColor(),
  randomErasing: randomErasing(),
  trivialAugment: trivialAugment(),
  inTurn: inTurn(randomFlip(), randomCrop({ padding: 2 }), trivialAugment()),
  sometimes: sometimes(0.5, randomCrop({ padding: 2 })),
};

for (const [name, augment] of Object.entries(ALL)) {
  Deno.test(`${name}() depends on nothing but the picture and the key, and changes neither`, () => {
    const picture = noise(16, 16, 3);
    const before = picture.data.slice();
    const results = Array.from({ length: 20 }, (_, i) => augment(picture, fold(key(2), i)));
    // In the other order, with other draws in between.
    for (let i = 19; i >= 0; i--) {
      augment(picture, fold(key(3), i));
      assertEquals(augment(picture, fold(key(2), i)), results[i]);
    }
    assert(new Set(results.map(({ data }) => data.join())).size > 1);
    assertEquals(picture.data, before);
  });
}

Deno.test("inTurn() gives each part a key of its own, and none is the identity", () => {
  const keys: string[] = [];
  const note: Augmentation = (picture, key) => {
    keys.push(key.path.join());
    return picture;
  };
  const picture = noise(2, 2, 1);
  assertEquals(inTurn(note, note, note)(picture, key(0)), picture);
  assertEquals(new Set(keys).size, 3);
  assertEquals(inTurn()(picture, key(0)), picture);
});

const grey = noise(4, 4, 1);
const real = { height: 4, width: 4, data: new Float32Array(48) };
const WRONG: [what: string, f: () => unknown, message: string][] = [
  [
    "a negative padding",
    () => randomCrop({ padding: -1 }),
    "ArgumentError: Cannot crop with padding -1: need an integer from 0",
  ],
  [
    "a window of no size",
    () => randomCrop({ size: [0, 3] }),
    "ArgumentError: Cannot crop to 0 × 3 pixels: need positive integers",
  ],
  [
    "a window larger than the picture",
    () => randomCrop({ size: 9, padding: 2 })(grey, key(0)),
    "ShapeError: Cannot crop 9 × 9 pixels out of a picture of 4 × 4 with padding 2: need at least as many",
  ],
  [
    "a probability above 1",
    () => randomFlip(1.5),
    "ArgumentError: Cannot flip with probability 1.5: need a number from 0 to 1",
  ],
  [
    "no probability",
    () => sometimes(NaN, randomFlip()),
    "ArgumentError: Cannot augment with probability NaN: need a number from 0 to 1",
  ],
  [
    "an erasing probability below 0",
    () => randomErasing({ probability: -1 }),
    "ArgumentError: Cannot erase with probability -1: need a number from 0 to 1",
  ],
  [
    "a share that falls",
    () => randomErasing({ scale: [0.5, 0.1] }),
    "ArgumentError: Cannot draw a share of the area from 0.5 to 0.1: need two rising numbers from 0 to 1",
  ],
  [
    "a negative ratio",
    () => randomErasing({ ratio: [-1, 1] }),
    "ArgumentError: Cannot draw a ratio from -1 to 1: need two rising numbers of at least 0",
  ],
  [
    "a crop to nothing",
    () => randomResizedCrop(0),
    "ArgumentError: Cannot crop to 0 pixels: need a positive integer",
  ],
  [
    "resizing grey",
    () => randomResizedCrop(2)(grey, key(0)),
    "ShapeError: Cannot resize a picture of 1 channels: need 3",
  ],
  [
    "resizing floats",
    () => randomScale(2, 3)(real, key(0)),
    "DTypeError: Cannot resize a picture of floats: need bytes, so do it before normalising",
  ],
  [
    "a side that is no integer",
    () => randomScale(2.5, 3),
    "ArgumentError: Cannot draw a shorter side from 2.5 to 3: need integers",
  ],
  [
    "a side of nothing",
    () => randomScale(0, 3),
    "ArgumentError: Cannot draw a shorter side from 0 to 3: need two rising numbers of at least 1",
  ],
  [
    "an endless deviation",
    () => pcaColor(Infinity),
    "ArgumentError: Cannot change colours with deviation Infinity: need a number of at least 0",
  ],
  [
    "colours of grey",
    () => pcaColor()(grey, key(0)),
    "ShapeError: Cannot change the colours of a picture of 1 channels: need 3",
  ],
  [
    "TrivialAugment of floats",
    () => trivialAugment()(real, key(0)),
    "DTypeError: Cannot augment a picture of floats: need bytes, so do it before normalising",
  ],
  [
    "TrivialAugment of two channels",
    () => trivialAugment()(noise(2, 2, 2), key(0)),
    "ShapeError: Cannot augment a picture of 2 channels: need 1 or 3",
  ],
];

for (const [what, f, message] of WRONG) {
  Deno.test(`Augmentation refuses ${what}`, () => {
    const error = assertThrows(f, Error);
    assertEquals(`${error.name}: ${error.message}`, message);
    assert(error instanceof ArgumentError || /^(Shape|DType)Error/.test(message));
  });
}
