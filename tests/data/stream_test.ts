/** Streams: each element once, in an order that keys alone decide, taken up again at any sample. */

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ArgumentError, fold, key } from "@fplusx/nn";
import { randomFlip, type Sample, type Source, stream } from "@fplusx/nn/data";
import { testEach } from "../backends.ts";
import { assertUniform } from "./augment/chi_square.ts";

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

Deno.test("map() keeps the order of the source, whichever result is first", async () => {
  for (const ahead of [0, 1, 3, 99]) {
    const late = stream.map(numbers(8), async (n, i) => {
      assertEquals(i, n);
      await new Promise((resolve) => setTimeout(resolve, 8 - n));
      return n;
    }, { ahead });
    assertEquals(await Array.fromAsync(late), numbers(8));
  }
});

Deno.test("map() works as far ahead as it may, and no farther", async () => {
  for (const ahead of [0, 2]) {
    let begun = 0;
    const source = stream.map(numbers(10), (n) => {
      begun++;
      return n;
    }, { ahead });
    let used = 0;
    for await (const _ of source) assertEquals(begun, Math.min(10, ++used + ahead));
  }
});

Deno.test("prefetch() asks a slow source before it is needed", async () => {
  const asked: number[] = [];
  function* source() {
    for (const n of numbers(5)) {
      asked.push(n);
      yield n;
    }
  }
  for await (const n of stream.prefetch(source(), 2)) {
    assert(asked.length >= Math.min(5, n + 3));
  }
});

Deno.test("shuffle() gives every element once, by the key alone", async () => {
  const order = (seed: number, buffer: number) =>
    Array.fromAsync(stream.shuffle(numbers(40), { key: key(seed), buffer }));
  const [a, b, other] = [await order(1, 10), await order(1, 10), await order(2, 10)];
  assertEquals(a, b);
  assertNotEquals(a, other);
  assertEquals(a.toSorted((x, y) => x - y), numbers(40));
  assertEquals(await order(1, 1), numbers(40));
  assertEquals((await order(1, 99)).toSorted((x, y) => x - y), numbers(40));
});

Deno.test("A buffer for all mixes evenly: each element is equally often at each place", async () => {
  const firsts = new Array<number>(5).fill(0);
  for (let i = 0; i < 2000; i++) {
    const mixed = stream.shuffle(numbers(5), { key: fold(key(3), i), buffer: 5 });
    firsts[(await Array.fromAsync(mixed)).indexOf(0)]!++;
  }
  assertUniform(firsts);
});

function* samples(n: number): Generator<Sample> {
  for (let i = 0; i < n; i++) {
    yield { picture: { height: 1, width: 2, data: Uint8Array.of(i, 255 - i) }, label: i };
  }
}

async function read(source: Source<Sample>, options: Parameters<typeof stream.batches>[1]) {
  const seen = [];
  for await (using batch of stream.batches(source, options)) {
    seen.push({
      x: [...await batch.x.data()],
      y: [...await batch.y.data()],
      cursor: batch.cursor,
    });
  }
  return seen;
}

testEach("Batches of a stream are taken up again at the very sample", async () => {
  const mixed = () => stream.shuffle(samples(11), { key: key(5), buffer: 4 });
  const options = { size: 3, key: key(6), augment: randomFlip() };
  const whole = await read(mixed(), options);
  assertEquals(whole.map(({ y }) => y.length), [3, 3, 3, 2]);
  assertEquals(whole.at(-1)!.cursor, { epoch: 0, index: 11 });
  for (const [i, { cursor }] of whole.entries()) {
    assertEquals(await read(mixed(), { ...options, cursor }), whole.slice(i + 1));
  }
}, ["cpu"]);

testEach("What is drawn for a sample of a stream depends on its number and the epoch", async () => {
  const options = { key: key(6), augment: randomFlip() };
  const pixels = async (size: number, epoch = 0) =>
    (await read(samples(16), { ...options, size, cursor: { epoch, index: 0 } }))
      .flatMap(({ x }) => x);
  assertEquals(await pixels(3), await pixels(16));
  assertNotEquals(await pixels(3), await pixels(3, 1));
}, ["cpu"]);

testEach("dropLast leaves out the samples that do not fill a batch", async () => {
  const seen = await read(samples(5), { size: 2, dropLast: true });
  assertEquals(seen.map(({ y }) => y), [[0, 1], [2, 3]]);
  assertEquals(await read([], { size: 2 }), []);
}, ["cpu"]);

const WRONG: [f: () => unknown, message: string][] = [
  [() => stream.map([], (n) => n, { ahead: 1.5 }), "Cannot work 1.5 ahead: need an integer from 0"],
  [() => stream.prefetch([], -1), "Cannot work -1 ahead: need an integer from 0"],
  [
    () => stream.shuffle([], { key: key(0), buffer: 0 }),
    "Cannot shuffle with a buffer of 0: need an integer above 0",
  ],
  [
    () => stream.batches([], { size: 0 }),
    "Cannot make batches with size 0: need an integer above 0",
  ],
  [
    () => stream.batches([], { size: 1, cursor: { epoch: -1, index: 0 } }),
    "Cannot make batches with epoch -1: need an integer from 0",
  ],
  [
    () => stream.batches([], { size: 1, cursor: { epoch: 0, index: 0.5 } }),
    "Cannot make batches with index 0.5: need an integer from 0",
  ],
];

for (const [f, message] of WRONG) {
  Deno.test(`Streams refuse: ${message}`, () => {
    assertEquals(assertThrows(f, ArgumentError).message, message);
  });
}
