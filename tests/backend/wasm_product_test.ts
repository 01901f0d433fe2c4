/**
 * Products in our own WebAssembly, against the same sums in JavaScript.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { hasFused, makeProducts, type Product } from "../../lib/backend/wasm/simd/product.ts";

/** Adds a product with plain loops, in the precision of the result. */
function addPlainly(heap: Float32Array, { rows, columns, inner, outer, a, b, c }: Product): void {
  const at = (address: number) => address / 4;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const to = at(c.at + row * c.row) + column;
      const group = b.at + Math.floor(column / 8) * b.group;
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          const left = heap[at(a.at + row * a.row + i * a.inner + o * a.outer)]!;
          const right = heap[at(group + i * b.inner + o * b.outer) + column % 8]!;
          heap[to]! += left * right;
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

const memories: Readonly<Record<string, () => WebAssembly.Memory>> = {
  "a memory": () => new WebAssembly.Memory({ initial: 2 }),
  "a shared memory": () => new WebAssembly.Memory({ initial: 2, maximum: 4, shared: true }),
};

for (const [kind, make] of Object.entries(memories)) {
  for (const fused of hasFused() ? [true, false] : [false]) {
    Deno.test(`products are exact for all sizes of tiles: ${kind}, ${fused ? "" : "not "}fused`, () => {
      const memory = make();
      const add = makeProducts(memory, fused);
      const actual = heapOf(memory);
      const initial = actual.slice();
      for (let rows = 1; rows <= 14; rows++) {
        for (const columns of [4, 8, 12, 16, 20]) {
          for (const inner of [1, 2, 3, 4, 5, 7, 8, 9, 24]) {
            for (const outer of [1, 3]) {
              const product: Product = {
                rows,
                columns,
                inner,
                outer,
                a: { at: 4, row: 4 * 80, inner: 4 * 3, outer: 4 * 2 },
                b: { at: 4 * 2000, group: 4 * 900, inner: 4 * 9, outer: 4 * 250 },
                c: { at: 4 * 8001, row: 4 * 21 },
              };
              const expected = initial.slice();
              actual.set(initial);
              add(product);
              addPlainly(expected, product);
              const wrong = actual.findIndex((value, i) => value !== expected[i]);
              assertEquals(wrong, -1, JSON.stringify(product));
            }
          }
        }
      }
    });
  }
}

Deno.test("a product changes its results and nothing else", () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const heap = heapOf(memory);
  const before = [...heap];
  makeProducts(memory, hasFused())({
    rows: 2,
    columns: 4,
    inner: 3,
    outer: 1,
    a: { at: 0, row: 12, inner: 4, outer: 0 },
    b: { at: 400, group: 0, inner: 16, outer: 0 },
    c: { at: 4000, row: 400 },
  });
  const changed = before.flatMap((value, i) => value === heap[i] ? [] : [i]);
  assertNotEquals(changed, []);
  assertEquals(changed.filter((i) => !(i >= 1000 && i < 1004) && !(i >= 1100 && i < 1104)), []);
});

Deno.test("an empty sum is zero", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const heap = heapOf(memory);
  const before = [...heap];
  const nowhere = { at: 0, row: 0, inner: 0, outer: 0, group: 0 };
  const add = makeProducts(memory, hasFused());
  add({ rows: 3, columns: 8, inner: 0, outer: 2, a: nowhere, b: nowhere, c: nowhere });
  add({ rows: 3, columns: 8, inner: 2, outer: 0, a: nowhere, b: nowhere, c: nowhere });
  assertEquals([...heap], before);
});
