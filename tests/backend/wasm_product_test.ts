/**
 * Products and frames in our own WebAssembly, against the same in JavaScript.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { performerIn } from "../../lib/backend/wasm/perform.ts";
import {
  partsOf,
  type Product,
  productCall,
  sharesOf,
} from "../../lib/backend/wasm/simd/product.ts";
import { type Call, compile, hasFused } from "../../lib/backend/wasm/simd/program.ts";

/** Computes a product with plain loops, in the precision of the result. */
function computePlainly(heap: Float32Array, p: Product): void {
  const none = { image: 0, line: 0, row: 0, group: 0, inner: 0, outer: 0, outermost: 0 };
  const [a, b, c] = [{ ...none, ...p.a }, { ...none, ...p.b }, { ...none, ...p.c }];
  for (let image = 0; image < p.images; image++) {
    for (let row = p.from; row < p.from + p.rows; row++) {
      const left = a.at + image * a.image + Math.floor(row / p.perLine) * a.line +
        row % p.perLine * a.row;
      for (let column = 0; column < p.columns; column++) {
        const right = b.at + image * b.image + Math.floor(column / 8) * b.group + column % 8 * 4;
        const to = (c.at + image * c.image + row * c.row) / 4 + column;
        if (!p.adds) heap[to] = 0;
        for (let u = 0; u < p.outermost; u++) {
          for (let o = 0; o < p.outer; o++) {
            for (let i = 0; i < p.inner; i++) {
              heap[to]! += heap[(left + i * a.inner + o * a.outer + u * a.outermost) / 4]! *
                heap[(right + i * b.inner + o * b.outer + u * b.outermost) / 4]!;
            }
          }
        }
      }
    }
  }
}

/** A heap of small integers, with which all sums are exact. */
function heapOf(memory: WebAssembly.Memory): Float32Array {
  const heap = new Float32Array(memory.buffer);
  heap.forEach((_, i) => heap[i] = (i * 7 + (i >> 3)) % 11 - 5);
  return heap;
}

/** Gives the function that makes calls, without a detour over the heap. */
function callerIn(memory: WebAssembly.Memory, fused = hasFused()): (call: Call) => void {
  const { exports } = new WebAssembly.Instance(compile(memory, fused).module, { heap: { memory } });
  return ([name, ...values]) => (exports[name] as CallableFunction)(...values);
}

const SMALL: Product = {
  images: 1,
  from: 0,
  rows: 2,
  perLine: 2,
  columns: 4,
  inner: 3,
  outer: 1,
  outermost: 1,
  adds: true,
  a: { at: 0, row: 12, inner: 4 },
  b: { at: 400, inner: 16 },
  c: { at: 4000, row: 400 },
};

const memories: Readonly<Record<string, () => WebAssembly.Memory>> = {
  "a memory": () => new WebAssembly.Memory({ initial: 3 }),
  "a shared memory": () => new WebAssembly.Memory({ initial: 3, maximum: 4, shared: true }),
};

for (const [kind, make] of Object.entries(memories)) {
  for (const fused of hasFused() ? [true, false] : [false]) {
    Deno.test(`products are exact for all sizes of tiles: ${kind}, ${fused ? "" : "not "}fused`, () => {
      const memory = make();
      const call = callerIn(memory, fused);
      const actual = heapOf(memory);
      const initial = actual.slice();
      for (let rows = 1; rows <= 14; rows++) {
        for (const columns of [4, 8, 12, 20]) {
          for (const inner of [1, 2, 3, 4, 7, 8]) {
            for (const [images, perLine, from, outermost, adds] of VARIANTS) {
              const product: Product = {
                ...{ images, from, rows, perLine, columns, inner, outer: 3, outermost, adds },
                a: { ...A, at: 4, outermost: 20 },
                b: { at: 36000, image: 4, group: 3600, inner: 36, outer: 1000, outermost: 12 },
                c: { at: 56004, image: adds ? 0 : 2800, row: 84 },
              };
              const expected = initial.slice();
              actual.set(initial);
              call(productCall(product));
              computePlainly(expected, product);
              const wrong = actual.findIndex((value, i) => value !== expected[i]);
              assertEquals(wrong, -1, JSON.stringify(product));
            }
          }
        }
      }
    });
  }
}

const A = { image: 44, line: 1200, row: 160, inner: 12, outer: 8 };

/** Number of images, rows in a line, first row, length of the last sum, and whether to add. */
const VARIANTS = [
  [1, 99, 0, 1, true],
  [1, 1, 0, 1, false],
  [3, 4, 0, 2, true],
  [2, 7, 5, 3, false],
] as const;

Deno.test("a product changes its results and nothing else", () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const heap = heapOf(memory);
  const before = [...heap];
  callerIn(memory)(productCall(SMALL));
  const changed = before.flatMap((value, i) => value === heap[i] ? [] : [i]);
  assertNotEquals(changed, []);
  assertEquals(changed.filter((i) => !(i >= 1000 && i < 1004) && !(i >= 1100 && i < 1104)), []);
});

Deno.test("the parts of a product make the whole, bit by bit", () => {
  const memory = new WebAssembly.Memory({ initial: 3 });
  const call = callerIn(memory);
  const heap = new Float32Array(memory.buffer);
  const whole: Product = {
    ...{ ...SMALL, images: 5, from: 2, rows: 17, perLine: 4, columns: 12, adds: false },
    a: { at: 0, image: 4 * 60, line: 4 * 50, row: 12, inner: 4 },
    b: { at: 4 * 5000, image: 4, group: 160, inner: 32 },
    c: { at: 4 * 10000, image: 4 * 700, row: 60 },
  };
  const computed = (products: readonly Product[]) => {
    heap.forEach((_, i) => heap[i] = Math.sin(i));
    for (const product of products) call(productCall(product));
    return [...heap];
  };
  const expected = computed([whole]);
  for (const [axis, all] of [["images", 5], ["rows", 17], ["columns", 2]] as const) {
    for (const most of [1, 2, 3, 100]) {
      const parts = partsOf(whole, axis, most);
      assertEquals(parts.length, Math.min(most, all));
      assertEquals(computed(parts.toReversed()), expected, `${most} parts by ${axis}`);
    }
  }
});

Deno.test("frames surround images with zeros, and nothing else changes", () => {
  for (
    const [top, left, bottom, right] of [[1, 1, 1, 1], [0, 2, 1, 0], [2, 0, 0, 1], [0, 0, 0, 0]]
  ) {
    const [images, height, width, channels] = [3, 4, 5, 2];
    const memory = new WebAssembly.Memory({ initial: 1 });
    const heap = new Float32Array(memory.buffer).fill(9);
    const pixels = images * height * width * channels;
    for (let i = 0; i < pixels; i++) heap[i] = i + 1;
    const [tall, wide] = [top! + height + bottom!, left! + width + right!];
    const line = 4 * width * channels;
    const [before, between, after] = [
      top! * wide + left!,
      left! + right!,
      right! + bottom! * wide,
    ].map((count) => 4 * channels * count) as [number, number, number];
    callerIn(memory)(["frame", 0, 4000, images, height, line, before, between, after]);

    const expected = Array.from({ length: images * tall * wide * channels }, (_, at) => {
      const [c, x] = [at % channels, Math.floor(at / channels) % wide - left!];
      const y = Math.floor(at / channels / wide) % tall - top!;
      const image = Math.floor(at / channels / wide / tall);
      if (x < 0 || x >= width || y < 0 || y >= height) return 0;
      return ((image * height + y) * width + x) * channels + c + 1;
    });
    const end = 1000 + expected.length;
    assertEquals([...heap.subarray(1000, end)], expected);
    assertEquals(heap[999], 9);
    assertEquals(heap.subarray(end).findIndex((value) => value !== 9), -1);
  }
});

for (const threads of [1, 2]) {
  Deno.test(`panels read back give the matrix, and nothing else changes: threads ${threads}`, () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const heap = new Float32Array(memory.buffer);
    const module = {
      HEAP32: new Int32Array(memory.buffer),
      _malloc: () => 196608,
      _free: () => {},
    };
    const perform = performerIn(module, memory, threads);
    // Rows and panels with a rest of any length between them.
    for (const [rows, panels, between, beyond] of PACKINGS) {
      const [row, panel, to] = [8 * panels + between, 8 * rows + beyond, 25001];
      heap.forEach((_, i) => heap[i] = i);
      const expected = heap.slice();
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < 8 * panels; c++) {
          expected[to + Math.floor(c / 8) * panel + 8 * r + c % 8] = 3 + r * row + c;
        }
      }
      const calls = sharesOf(rows, 4 * threads).map(({ first, count }): Call => [
        "pack",
        ...[4 * (3 + first * row), 4 * (to + 8 * first)],
        ...[count, 4 * row, panels, 4 * panel],
      ]);
      perform(calls, 2 ** 20);
      const end = 49152; // where the calls are
      const wrong = heap.subarray(0, end).findIndex((value, i) => value !== expected[i]);
      assertEquals(wrong, -1, `${rows} × ${8 * panels}`);
    }
  });
}

/** Rows, panels, and what is between rows and panels. */
const PACKINGS = [
  [1, 1, 0, 0],
  [1, 3, 5, 0],
  [2, 1, 1, 3],
  [7, 4, 0, 0],
  [13, 5, 3, 8],
  [40, 2, 7, 1],
  [33, 60, 0, 0],
] as const;
