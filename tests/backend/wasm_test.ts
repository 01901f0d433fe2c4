/**
 * What WASM must do that no comparison with another backend shows: survive a full heap, keep the
 * special values, use as much memory after many steps as after a few, and run on threads.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { registerGradients } from "../../lib/backend/gradients.ts";
import { registerWasm, wasmHeapBytes } from "../../lib/backend/wasm/load.ts";
import { ArgumentError, OutOfMemoryError } from "../../lib/errors.ts";
import { tf } from "../../lib/tfjs.ts";

registerGradients();
registerWasm();
await tf.setBackend("wasm");

async function read(f: () => tf.Tensor): Promise<number[]> {
  const y = tf.tidy(f);
  const values = [...await y.data()];
  y.dispose();
  return values;
}

Deno.test("a second registration changes nothing", async () => {
  registerWasm({ threads: 2 });
  assertEquals(await read(() => tf.add([1, 2], 1)), [2, 3]);
});

Deno.test("a number of threads must be a positive integer", () => {
  for (const threads of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => registerWasm({ threads }),
      ArgumentError,
      `Cannot run on ${threads} threads: need a positive integer`,
    );
  }
});

Deno.test("an allocation beyond the heap is a typed error, after which all goes on as before", async () => {
  const before = tf.memory();
  const kept = tf.tensor([1, 2, 3]);
  const mebibytes = () => Math.round(wasmHeapBytes() / 2 ** 20);
  // More than addresses can tell, and more than the heap can grow to.
  for (const bytes of [5 * 2 ** 30, 2 ** 32 - 2 ** 17]) {
    const error = assertThrows(
      () => tf.tidy(() => tf.tile(tf.ones([1024]), [bytes / 4096])),
      OutOfMemoryError,
    );
    assertEquals(
      error.message,
      `Cannot allocate ${bytes} bytes: the WASM heap is exhausted at ${mebibytes()} of at most ` +
        "4096 MiB; a smaller batch needs less",
    );
  }
  assertEquals([...await kept.data()], [1, 2, 3]);
  assertEquals(await read(() => tf.matMul(tf.ones([3, 4]), tf.ones([4, 2]))), Array(6).fill(4));
  kept.dispose();
  assertEquals(tf.memory().numTensors, before.numTensors);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
});

Deno.test("one matrix can be multiplied as several shapes", async () => {
  const shared = tf.tensor([1, 2, 3, 4, 5, 6]);
  const product = (rows: number, columns: number) =>
    read(() => tf.matMul(tf.ones([1, rows]), tf.reshape(shared, [rows, columns])));
  assertEquals(await product(2, 3), [5, 7, 9]);
  assertEquals(await product(3, 2), [9, 12]);
  assertEquals(await product(6, 1), [21]);
  assertEquals(await product(1, 6), [1, 2, 3, 4, 5, 6]);
  shared.dispose();
});

Deno.test("batch axes of both factors are repeated", async () => {
  const actual = await read(() =>
    tf.matMul(tf.reshape(tf.range(0, 12), [3, 1, 2, 2]), tf.reshape(tf.range(0, 8), [2, 2, 2]))
  );
  const expected = await read(() =>
    tf.stack([0, 1, 2].flatMap((i) =>
      [0, 1].map((j) =>
        tf.matMul(
          tf.reshape(tf.range(4 * i, 4 * i + 4), [2, 2]),
          tf.reshape(tf.range(4 * j, 4 * j + 4), [2, 2]),
        )
      )
    ))
  );
  assertEquals(actual, expected);
});

Deno.test("a few rows of a product are those of many rows, bit by bit", async () => {
  const waves = (shape: number[]) =>
    tf.sin(tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape));
  // Less than a panel, panels with and without half of one, columns that fill no vector.
  for (const [k, n] of [[1, 4], [5, 8], [7, 12], [60, 7], [9, 20], [300, 64]] as const) {
    for (const batch of [[], [3]]) {
      const [a, b] = [waves([3, 9, k]), waves([...batch, k, n])];
      const turned = tf.transpose(b, batch.length === 0 ? [1, 0] : [0, 2, 1]);
      for (const rows of [1, 2, 5, 6, 7]) {
        const few = (x: tf.Tensor) => tf.slice(x, [0, 0, 0], [3, rows, x.shape[2]!]);
        const expected = await read(() => few(tf.matMul(a, b)));
        const shapes = `[${rows},${k}] by [${[...batch, k, n]}]`;
        assertEquals(await read(() => tf.matMul(few(a), b)), expected, shapes);
        assertEquals(await read(() => tf.matMul(few(a), turned, false, true)), expected, shapes);
      }
      tf.dispose([a, b, turned]);
    }
  }
});

Deno.test("a product without columns is empty, and one without terms is zero", async () => {
  for (const rows of [4, 40]) {
    assertEquals(await read(() => tf.matMul(tf.ones([rows, 3]), tf.ones([3, 0]))), []);
    assertEquals(await read(() => tf.matMul(tf.ones([rows, 0]), tf.ones([0, 8]))), [
      ...Array(8 * rows).fill(0),
    ]);
  }
});

Deno.test("a slice with steps can drop an axis", async () => {
  const x = () => tf.reshape(tf.range(0, 48), [6, 8]);
  const taken = (y: tf.Tensor) => tf.stridedSlice(y, [2, 1], [3, 7], [1, 3], 0, 0, 0, 0, 1);
  assertEquals(await read(() => taken(x())), [17, 20]);
  const gradient = await read(() => tf.grad((y) => tf.sum(taken(y)))(x()));
  assertEquals(gradient.flatMap((value, i) => value === 0 ? [] : [[i, value]]), [[17, 1], [20, 1]]);
});

Deno.test("a pool of negative numbers sends its gradient to the largest", async () => {
  const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid");
  const gradient = (values: number[]) =>
    read(() => tf.grad((x) => tf.sum(pool(x)))(tf.tensor(values, [1, 2, 2, 1])));
  assertEquals(await gradient([-4, -3, -1, -2]), [0, 0, 1, 0]);
  assertEquals(await gradient([-1e30, -1e-30, -1, -2]), [0, 1, 0, 0]);
  assertEquals(await gradient([-1, -1, -1, -1]), [1, 0, 0, 0]);
  assertEquals(await gradient([0, 5, NaN, 7]), [0, 0, 1, 0]);
});

Deno.test("NaN and the infinities come through", async () => {
  const special = [NaN, Infinity, -Infinity, 1];
  const x = () => tf.tensor(special);
  assertEquals(await read(() => tf.maximum(x(), 0)), [NaN, Infinity, 0, 1]);
  assertEquals(await read(() => tf.minimum(0, x())), [NaN, 0, -Infinity, 0]);
  assertEquals(await read(() => tf.maximum(x(), Infinity)), [NaN, Infinity, Infinity, Infinity]);
  assertEquals(await read(() => tf.tanh(x())), [NaN, 1, -1, Math.fround(Math.tanh(1))]);
  assertEquals(await read(() => tf.clipByValue(x(), -3, 2)), [NaN, 2, -3, 1]);
  assertEquals(await read(() => tf.relu6(x())), [NaN, 6, 0, 1]);
  assertEquals(await read(() => tf.relu(x())), [NaN, Infinity, 0, 1]);
  const columns = (rows: number) => tf.concat([tf.reshape(x(), [1, 4]), tf.ones([rows - 1, 4])], 0);
  for (const rows of [10, 100, 3000]) {
    assertEquals(await read(() => tf.sum(columns(rows), 0)), [NaN, Infinity, -Infinity, rows]);
    assertEquals(await read(() => tf.mean(columns(rows), 0)), [NaN, Infinity, -Infinity, 1]);
  }
  assertEquals(await read(() => tf.sum(x())), [NaN]);
  const image = () => tf.reshape(tf.concat([x(), tf.ones([5])]), [1, 3, 3, 1]) as tf.Tensor4D;
  const pixel = (multiplier: number) => tf.ones([1, 1, 1, multiplier]) as tf.Tensor4D;
  assertEquals(await read(() => tf.depthwiseConv2d(image(), pixel(1), 2, "valid")), [
    ...[NaN, -Infinity, 1, 1],
  ]);
  assertEquals(
    await read(() => tf.depthwiseConv2d(image(), pixel(2), 2, [[0, 0], [1, 0], [0, 0], [0, 0]])),
    [
      ...[0, 0, 0, 0, 1, 1, 1, 1],
    ],
  );
  assertEquals(await read(() => tf.maxPool(image(), 2, 1, "valid")), [NaN, Infinity, 1, 1]);
  assertEquals(await read(() => tf.avgPool(image(), 2, 1, "valid")), [NaN, NaN, 1, 1]);
  assertEquals(
    await read(() => tf.avgPool(tf.tile(image(), [1, 1, 1, 5000]), 3, 1, "valid")),
    Array(5000).fill(NaN),
  );
});

/** Bits of NaN of both signs, quiet and signalling, zeros, infinities, ±2 and the smallest numbers. */
const SPECIAL = [
  ...[0xffc00000, 0x7fc00000, 0xff800001, 0x7f800001, 0x80000000, 0x00000000],
  ...[0x7f800000, 0xff800000, 0x40000000, 0xc0000000, 0x00000001, 0x80000001],
];
const ACTIVATIONS = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  relu6: (x: number) => Math.min(Math.max(0, x), 6),
};
type Activation = keyof typeof ACTIVATIONS;

/** Ways to activate a row of numbers: by itself, and after a product with one. */
const ACTIVATED: Readonly<Record<string, (x: tf.Tensor4D, activation: Activation) => tf.Tensor>> = {
  alone: (x, activation) => activation === "linear" ? x : tf[activation](x),
  "a convolution": (x, activation) =>
    tf.fused.conv2d({ x, filter: tf.ones([1, 1, 1, 1]), strides: 1, pad: 0, activation }),
  "a convolution of four": (x, activation) => {
    const filter = tf.ones([1, 1, 1, 4]) as tf.Tensor4D;
    return tf.slice(tf.fused.conv2d({ x, filter, strides: 1, pad: 0, activation }), 0, [
      1,
      1,
      -1,
      1,
    ]);
  },
  "a depthwise convolution": (x, activation) =>
    tf.fused.depthwiseConv2d({ x, filter: tf.ones([1, 1, 1, 1]), strides: 1, pad: 0, activation }),
  "a product": (x, activation) =>
    tf.fused.matMul({ a: tf.reshape(x, [-1, 1]), b: tf.ones([1, 1]), activation }),
};

Deno.test("activations keep NaN of either sign at any place, and make zeros positive", async () => {
  for (const [way, activate] of Object.entries(ACTIVATED)) {
    for (const [name, expected] of Object.entries(ACTIVATIONS)) {
      for (const size of [1, 3, 4, 5, 7, 12, 1003]) {
        for (let from = 0; from < SPECIAL.length; from++) {
          const bits = (_: unknown, i: number) => SPECIAL[(from + i) % SPECIAL.length]!;
          const x = new Float32Array(Uint32Array.from({ length: size }, bits).buffer);
          const actual = await read(() =>
            activate(tf.tensor(x, [1, 1, size, 1]), name as Activation)
          );
          // Without an activation, the sign of a zero depends on what it was added to.
          const plain = (y: number) => name === "linear" ? y + 0 : y;
          assertEquals(actual.map(plain), [...x].map(expected).map(plain), `${name}, ${way}`);
        }
      }
    }
  }
});

Deno.test("sums of many rows are exact to the last places, however wide the rows are", async () => {
  for (const [rows, columns] of [[11, 36864], [1031, 8], [2062, 5000], [60000, 16]] as const) {
    const sums = await read(() => tf.sum(tf.fill([rows, columns], 0.1), 0));
    const worst = Math.max(...sums.map((sum) => Math.abs(sum / (rows * Math.fround(0.1)) - 1)));
    assert(worst < 1e-5, `${rows} × ${columns}: ${worst}`);
  }
  const all = await read(() => tf.sum(tf.fill([1_000_003], 0.1)));
  assertEquals(all, [Math.fround(1_000_003 * Math.fround(0.1))]);
});

Deno.test("gathering outside of the table is an error", () => {
  for (const row of [-1, 3]) {
    assertThrows(
      () => tf.tidy(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([0, row], "int32"))),
      ArgumentError,
      `Cannot gather row ${row}: need an index from 0 to 2`,
    );
  }
});

Deno.test("adding to a segment beyond the last is an error", () => {
  assertThrows(
    () => tf.tidy(() => tf.unsortedSegmentSum(tf.ones([2, 2]), tf.tensor1d([0, 3], "int32"), 3)),
    ArgumentError,
    "Cannot add to segment 3: need a number from 0 to 2",
  );
});

Deno.test("300 training steps leave no tensor behind and do not grow the heap", async () => {
  const x = tf.randomNormal([8, 12, 12, 3]);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1, 2, 3], "int32"), 4);
  let parameters = [[3, 3, 3, 8], [3, 3, 8, 8], [1, 1, 8, 16], [16, 4]].map((shape) =>
    tf.randomNormal(shape, 0, 0.3)
  );
  const loss = (...[a, b, c, d]: tf.Tensor[]): tf.Scalar => {
    let h = tf.relu(tf.conv2d(x as tf.Tensor4D, a as tf.Tensor4D, 1, "same"));
    h = tf.maxPool(tf.relu(tf.conv2d(h, b as tf.Tensor4D, 2, 1)), 2, 2, "valid");
    h = tf.tanh(tf.conv2d(h, c as tf.Tensor4D, 1, "same"));
    const scores = tf.matMul(tf.mean(h, [1, 2]) as tf.Tensor2D, d as tf.Tensor2D);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores), labels), -1)));
  };
  const seen: { tensors: number; buffers: number; heap: number; loss: number }[] = [];
  for (let step = 0; step < 300; step++) {
    const { value, grads } = tf.valueAndGrads(loss)(parameters);
    const next = parameters.map((p, i) => tf.tidy(() => tf.sub(p, tf.mul(grads[i]!, 0.2))));
    const [lost] = await value.data();
    tf.dispose([value, grads, parameters]);
    parameters = next;
    const { numTensors, numDataBuffers } = tf.memory();
    const heap = wasmHeapBytes();
    seen.push({ tensors: numTensors, buffers: numDataBuffers, heap, loss: lost! });
  }
  const [early, late] = [seen[9]!, seen.at(-1)!];
  assertEquals({ ...late, loss: 0 }, { ...early, loss: 0 });
  assert(late.loss < early.loss / 2, `${early.loss} → ${late.loss}`);
  tf.dispose([parameters, x, labels]);
});
