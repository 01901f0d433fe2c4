import { assert, assertEquals, assertThrows } from "@std/assert";
import { paddedIdentity, shortcut, type ShortcutOption } from "../../lib/combinators/shortcut.ts";
import { ArgumentError, ShapeError } from "../../lib/errors.ts";
import { grad } from "../../lib/grad.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { describe, evalMode } from "../../lib/layer.ts";
import { mul, sum, tensor } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import { normal } from "../../lib/random.ts";
import { type Shape, sizeOf, type Tensor } from "../../lib/tensor.ts";
import { entries } from "../../lib/tree.ts";
import { testEach } from "../backends.ts";

const ramp = (shape: Shape): Tensor =>
  tensor(Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1), shape);

testEach("paddedIdentity() takes every other pixel and appends zeros", async () => {
  const x = ramp([1, 3, 4, 1]);
  const [y] = paddedIdentity(3, 2).apply({ params: [], state: [] }, x, evalMode);
  assertEquals(y.shape, [1, 2, 2, 3]);
  assertEquals([...await y.data()], [1, 0, 0, 3, 0, 0, 9, 0, 0, 11, 0, 0]);
  release([x, y]);
});

testEach("paddedIdentity() that changes nothing gives its input, exactly", async () => {
  const x = normal(key(0), [2, 3, 3, 2]);
  const [y] = paddedIdentity(2).apply({ params: [], state: [] }, x, evalMode);
  assertEquals(await y.data(), await x.data());
  release([x, y]);
});

testEach(
  "The gradient of option A is a copy on the sampled grid and exactly zero off it",
  async () => {
    for (const [height, width] of [[4, 4], [5, 3]] as const) {
      const shape = [2, height, width, 3];
      const layer = paddedIdentity(7, 2);
      const variables = layer.init(key(0), shape);
      const [x, w] = [normal(key(1), shape), normal(key(2), variables.shape)];
      const f = (x: Tensor) => sum(mul(layer.apply(variables, x, evalMode)[0], w));
      const gradient = grad(f)(x);
      const [dx, dy] = [await gradient.data(), await w.data()];
      const [, outHeight, outWidth] = variables.shape as [number, number, number, number];
      for (let i = 0; i < dx.length; i++) {
        const [n, row, column, channel] = [
          Math.floor(i / (height * width * 3)),
          Math.floor(i / (width * 3)) % height,
          Math.floor(i / 3) % width,
          i % 3,
        ];
        const on = row % 2 === 0 && column % 2 === 0;
        const from = ((n * outHeight + row / 2) * outWidth + column / 2) * 7 + channel;
        assertEquals(dx[i], on ? dy[from] : 0);
      }
      release([x, w, gradient]);
    }
  },
);

Deno.test("shortcut() has parameters where its option says so", () => {
  const parameters = (option: ShortcutOption, stride: number, channels: number) =>
    describe(shortcut(option, 8, stride), [2, 6, 6, channels]).parameters;
  const projection = (channels: number) => channels * 8 + 16;
  for (const stride of [1, 2]) {
    assertEquals(parameters("A", stride, 4), 0);
    for (const option of ["B", "C", "D"] as const) {
      assertEquals(parameters(option, stride, 4), projection(4));
    }
  }
  assertEquals((["A", "B", "D"] as const).map((option) => parameters(option, 1, 8)), [0, 0, 0]);
  assertEquals(parameters("C", 1, 8), projection(8));
  assertEquals(parameters("A", 2, 8), 0);
  assertEquals(parameters("B", 2, 8), projection(8));
});

Deno.test("shortcut() gives the shape of the body at every stride and size", () => {
  for (const option of ["A", "B", "C", "D"] as const) {
    for (const stride of [1, 2]) {
      for (const size of [6, 7]) {
        const { output } = describe(shortcut(option, 8, stride), [2, size, size, 4]);
        assertEquals(output, [2, Math.ceil(size / stride), Math.ceil(size / stride), 8]);
      }
    }
  }
});

Deno.test("The parts of a projection are at the places they have in torchvision and timm", () => {
  const paths = (option: ShortcutOption, stride: number) =>
    entries(shortcut(option, 8, stride).init(abstractKey, [2, 6, 6, 4]).params)
      .map(([path]) => path);
  assertEquals(paths("B", 2), ["0.weight", "1.weight", "1.bias"]);
  assertEquals(paths("D", 2), ["1.weight", "2.weight", "2.bias"]);
  assertEquals(paths("D", 1), ["1.weight", "2.weight", "2.bias"]);
});

testEach("Option D sees every pixel, and option B only every fourth", async () => {
  for (const [option, seen] of [["B", 4], ["D", 16]] as const) {
    const layer = shortcut(option, 2, 2);
    const variables = layer.init(key(0), [1, 4, 4, 1]);
    const x = normal(key(1), [1, 4, 4, 1]);
    const f = (x: Tensor) => sum(layer.apply(variables, x, evalMode)[0]);
    const gradient = grad(f)(x);
    assertEquals((await gradient.data()).filter((value) => value !== 0).length, seen);
    release([variables, x, gradient]);
  }
});

Deno.test("shortcut() and paddedIdentity() refuse what they cannot do", () => {
  const cases: [() => unknown, typeof ShapeError | typeof ArgumentError, string][] = [
    [
      () => shortcut("B", 8).init(abstractKey, [1, 8]),
      ShapeError,
      "Cannot apply shortcut to shape [1,8]: need [batch,height,width,channels]",
    ],
    [
      () => shortcut("A", 2).init(abstractKey, [1, 8, 8, 3]),
      ShapeError,
      "Cannot apply paddedIdentity to shape [1,8,8,3]: need at most 2 channels",
    ],
    [
      () => paddedIdentity(0),
      ArgumentError,
      "Cannot make paddedIdentity with filters 0: need an integer of at least 1",
    ],
    [
      () => paddedIdentity(8, 1.5),
      ArgumentError,
      "Cannot make paddedIdentity with stride 1.5: need an integer of at least 1",
    ],
  ];
  for (const [run, type, message] of cases) {
    const error = assertThrows(run, type);
    assert(error instanceof Error);
    assertEquals(error.message, message);
  }
});
