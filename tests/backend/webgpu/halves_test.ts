/**
 * Tensors that lie on the device in halves: what is made of them and kept in them, against the same in
 * doubles and in floats, and that nobody else notices.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { GuardedBackend } from "../../../lib/backend/webgpu/backend.ts";
import { columnsOf } from "../../../lib/backend/webgpu/columns.ts";
import { halvesAmong, widened, withHalves } from "../../../lib/backend/webgpu/halves.ts";
import { sumOfHalves } from "../../../lib/backend/webgpu/kernels/add.ts";
import { normalized } from "../../../lib/backend/webgpu/kernels/batch_norm/normalized.ts";
import { type ConvSizes, forwards } from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import { convStrip } from "../../../lib/backend/webgpu/kernels/conv_strip.ts";
import {
  filterGradientWork,
  forwardWork,
  inputGradientWork,
} from "../../../lib/backend/webgpu/kernels/conv_work.ts";
import { BackendError } from "../../../lib/errors.ts";
import { ops, tensor, tidy } from "../../../mod.ts";
import { release } from "../../../lib/ownership.ts";
import { sizeOf, type Tensor } from "../../../lib/tensor.ts";
import { tf } from "../../../lib/tfjs.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { numbers, plansOfEachKind, referenceOf, square, windows } from "./conv_reference.ts";
import { halved, infoOf, inHalves, rounded, runOnHalves, tensorOf } from "./halves.ts";
import { assertMutantsDie, assertSnapshot, gpu, testBoth, testWebgpu } from "./program.ts";

/** All halves but those that are no numbers: zeros, the smallest ones, infinities. */
const ALL = Float32Array.from(
  new Float16Array(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits).buffer),
).filter((value) => !Number.isNaN(value));

const isHalf = (x: Tensor): boolean => gpu().halves?.has(infoOf(x).dataId) ?? false;

testWebgpu("halves: all of them are what they were, and other numbers the nearest", async () => {
  const between = ALL.filter(Number.isFinite).map((value, i) => value * (1 + (i % 7) / 2 ** 12));
  for (const values of [ALL, between, new Float32Array([65519, 65520, 1e9, -1e9, 2e-8, 3e-8])]) {
    using x = inHalves(() => halved(values));
    assertEquals(await x.data(), rounded(values));
  }
});

testWebgpu("halves: they take half the memory, and no more when they are floats again", () => {
  const used = () => tf.memory() as unknown as { numBytesInGPU: number };
  using x = tensor(ALL.slice(0, 6000));
  const floats = halved.bind(null, ALL.slice(0, 6000));
  inHalves(() => {
    release(ops.neg(x)); // brings it to the device
    const before = used().numBytesInGPU;
    const y = floats();
    // The floats that it was made of go when the queue is submitted.
    assertEquals(used().numBytesInGPU - before, 6000 * 2 + 6000 * 4);
    release(y);
  });
  assertEquals(gpu().halves, undefined);
});

testWebgpu("halves: to every other kernel they are floats", async () => {
  const values = rounded(numbers("x", [4, 6]));
  const uses: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    slice: (x) => ops.slice(x, [1, 2], [2, 3]),
    pow: (x) => ops.pow(x, 3),
    argMax: (x) => ops.argMax(x, 1),
    matMul: (x) => ops.matMul(x, x, { transposeB: true }),
    sum: (x) => ops.sum(x, 0),
    reshape: (x) => ops.reshape(x, [6, 4]),
    concat: (x) => ops.concat([x, x], 0),
    exp: ops.exp,
    softmax: (x) => ops.softmax(x),
    mixed: (x) => ops.add(x, tensor(numbers("y", [4, 6]), [4, 6])),
    rows: (x) => ops.add(x, ops.slice(x, [0, 0], [1, 6])),
  };
  for (const use of Object.values(uses)) {
    using plain = tidy(() => use(tensor(values, [4, 6])));
    using x = inHalves(() => halved(values, [4, 6]));
    using once = inHalves(() => tidy(() => use(halved(values, [4, 6]))));
    using twice = inHalves(() =>
      tidy(() => {
        const x = halved(values, [4, 6]);
        use(x);
        assert(use === uses.reshape || use === uses.matMul || !isHalf(x));
        return use(x);
      })
    );
    assertEquals(await once.data(), await plain.data());
    assertEquals(await twice.data(), await plain.data());
    assertEquals(await x.data(), values);
  }
});

testWebgpu("halves: a sum of two that are alike is a half too", async () => {
  for (const shape of [[3, 5], [4, 4]]) {
    const [a, b] = ["a", "b"].map((name) => rounded(numbers(name, shape)));
    using sum = inHalves(() =>
      tidy(() => {
        const sum = ops.add(halved(a!, shape), halved(b!, shape));
        assert(isHalf(sum));
        return sum;
      })
    );
    assertEquals(await sum.data(), rounded(a!.map((value, i) => value + b![i]!)));
  }
});

testWebgpu("halves: a read that has begun gets floats", async () => {
  const values = rounded(numbers("x", [9]));
  let later: Promise<unknown> | undefined;
  using x = inHalves(() => {
    const x = halved(values);
    later = x.data();
    return x;
  });
  assertEquals(await later, values);
  assertEquals(await x.data(), values);
});

testWebgpu("halves: none are left when it throws", async () => {
  let x: Tensor | undefined;
  const fail = () => {
    x = halved([1, 2, 3]);
    throw new RangeError("stop");
  };
  assertThrows(() => inHalves(fail), RangeError);
  assertEquals(gpu().halves, undefined);
  assertEquals([...await x!.data()], [1, 2, 3]);
  release(x!);
});

testWebgpu("halves: a device without them says so", () => {
  const without = { adapter: "Old", device: { features: new Set() } };
  assertThrows(
    () => withHalves(without as unknown as GuardedBackend, () => {}),
    BackendError,
    'Cannot compute in mixed precision on "Old": the device has no shader-f16',
  );
});

const WORKS = {
  forward: (sizes: ConvSizes) => forwardWork("forward", sizes, "weights", "halves"),
  inputGradient: (sizes: ConvSizes) => inputGradientWork("backward", sizes, "weights", "halves"),
  filterGradient: (sizes: ConvSizes) => filterGradientWork("filter", sizes),
} as const;

testWebgpu("halves: convolutions and gradients are exact but for the last rounding", async () => {
  const ragged = {
    batch: 2,
    groups: 2,
    inputs: 3,
    outputs: 5,
    rows: windows(5, 3, { stride: 2, before: 0, after: 2 }),
    columns: windows(7, 2, { dilation: 2, before: 1 }),
  };
  const depthwise = [8, 5].map((n) => square(2, 6, [n, n], 3, { groups: n, stride: 2 }));
  for (const sizes of [square(2, 5, [4, 8], 3, { stride: 2 }), ragged, ...depthwise]) {
    for (const direction of ["forward", "inputGradient", "filterGradient"] as const) {
      const { shape, inputs: shapes, terms, at } = referenceOf(sizes, direction);
      const inputs = [
        rounded(numbers("a", shapes[0])),
        // The weights of a convolution are floats, and not rounded.
        direction === "filterGradient" ? rounded(numbers("b", shapes[1])) : numbers("b", shapes[1]),
      ] as const;
      const places = Array.from({ length: 500 }, (_, i) => i * 7919 % sizeOf(shape));
      const expected = places.map((place) =>
        at(inputs, ...shape.map((n, i) => Math.floor(place / sizeOf(shape.slice(i + 1))) % n))
      );
      // Floats are summed, and that is rounded to a half once: by 2⁻¹¹ of it, or by 2⁻²⁵.
      const { absolute: sum = 0 } = sumTolerance(terms, expected);
      const last = direction === "filterGradient" ? 0 : 2 ** -11;
      const tolerance = { absolute: sum * (1 + last) + 2 ** -25, relative: last };
      const work = WORKS[direction](sizes);
      for (const plan of plansOfEachKind(work)) {
        using y = inHalves(() =>
          tidy(() => {
            const first = halved(inputs[0], shapes[0]);
            const second = direction === "filterGradient"
              ? halved(inputs[1], shapes[1])
              : tensor(inputs[1], shapes[1]);
            const y = tensorOf(work.run(gpu(), plan, [first, second].map(infoOf)));
            assert(isHalf(first));
            assertEquals(isHalf(y), direction !== "filterGradient");
            return y;
          })
        );
        const values = await y.data();
        await assertClose(places.map((place) => values[place]!), expected, tolerance);
      }
    }
  }
});

testBoth("halves: batch normalisation of them is that of floats, rounded once", async () => {
  for (const shape of [[2, 16, 16, 16], [5, 7, 9], [1, 3]] as const) {
    const channels = [shape.at(-1)!];
    const of = (name: string) => rounded(numbers(name, shape));
    const all = { x: of("x"), addend: of("addend"), dy: of("dy") };
    const names = ["weight", "bias", "mean", "variance"];
    const kernels = {
      FplusxMoments: ["x"],
      FplusxRunningMoments: ["x", "mean", "variance"],
      FplusxNormalize: ["x", ...names],
      FplusxNormalizeRelu: ["x", "addend", ...names],
      FplusxNormalizeGradient: ["dy", "x", "mean", "variance", "weight"],
      FplusxNormalizeReluGradient: ["dy", "x", ...names],
    };
    for (const [kernel, takes] of Object.entries(kernels)) {
      const run = (large: typeof halved): Tensor[] =>
        tidy(() => {
          const inputs = Object.fromEntries(takes.map((name) => {
            const values = all[name as keyof typeof all];
            if (values !== undefined) return [name, large(values, shape)];
            return [name, tensor(numbers(name, channels).map((value) => value + 2), channels)];
          }));
          const attributes = { epsilon: 1e-3, decay: 0.9, shape: [...shape] };
          const made = tf.engine().runKernel(
            kernel,
            inputs as unknown as tf.NamedTensorMap,
            attributes,
          );
          return [made].flat() as unknown as Tensor[];
        });
      const floats = run((values, shape) => tensor(Float32Array.from(values), shape));
      const halves = inHalves(() => {
        const made = run(halved);
        for (const y of made) {
          assertEquals(isHalf(y), y.size === sizeOf(shape) && y.shape.length > 1);
        }
        return made;
      });
      for (const [i, y] of halves.entries()) {
        const exact = await floats[i]!.data();
        const isLarge = y.shape.length > 1;
        assertEquals(await y.data(), isLarge ? rounded(exact) : exact, `${kernel}, ${i}`);
      }
      release([floats, halves]);
    }
  }
});

testWebgpu("halves: the text of programs", async () => {
  const sizes = {
    batch: 1,
    groups: 1,
    source: 4,
    result: 8,
    rows: forwards(windows(4, 3)),
    columns: forwards(windows(4, 3)),
    along: "result",
    shared: "weights",
  } as const;
  const tile = { pixels: 2, channels: 4, sampled: false };
  await assertSnapshot("conv_strip_halves", convStrip("conv", sizes, tile, ["source", "result"]));
  const columns = columnsOf([3, 7, 7, 5], true);
  await assertSnapshot("normalized_halves", normalized(columns, 1e-3, "sum", ["x", "addend", "y"]));
  await assertSnapshot("widened", widened(8));
  await assertSnapshot("sum_of_halves", sumOfHalves(8));
});

testWebgpu("halves: mutants of what is done with each of them die", async () => {
  for (const size of [5, 8]) {
    const [a, b] = ["a", "b"].map((name) => rounded(numbers(name, [size])));
    const faults = [["t >= ", "t + 1 >= "], ["[at])", "[0])"]] as const;
    await assertMutantsDie(widened(size), faults, async (program) => {
      const [y] = await runOnHalves(program, [[[size], "float32"]], [a!]);
      await assertClose(y!, a!, { absolute: 0 });
    });
    const ofSum = [...faults, ["T(a[at]) +", "T(a[at]) -"]] as const;
    await assertMutantsDie(sumOfHalves(size), ofSum, async (program) => {
      const [sum] = await runOnHalves(program, [[[size], "float32"]], [a!, b!]);
      await assertClose(sum!, rounded(a!.map((value, i) => value + b![i]!)), { absolute: 0 });
    });
  }
});

testWebgpu("halves: which tensors are, by name", () => {
  using x = tensor([1]);
  assertEquals(halvesAmong(gpu(), { x: infoOf(x), y: "new" }), []);
  inHalves(() => {
    const y = halved([1]);
    assertEquals(halvesAmong(gpu(), { x: infoOf(x), y: infoOf(y), z: undefined, w: "new" }), [
      "y",
      "w",
    ]);
    release(y);
  });
});
