/**
 * Strided copies against one element at a time.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { stridedCopy, stridesOf, type Walk } from "../../lib/backend/wasm/strided_copy.ts";

/** Calls `visit` for each index into a block. */
function eachIndex(dims: readonly number[], visit: (index: number[]) => void): void {
  const total = dims.reduce((a, b) => a * b, 1);
  const strides = stridesOf(dims);
  for (let i = 0; i < total; i++) {
    visit(dims.map((size, axis) => Math.floor(i / strides[axis]!) % size));
  }
}

const place = ({ start, strides }: Walk, index: readonly number[]) =>
  index.reduce((at, i, axis) => at + i * strides[axis]!, start);

const dense = (start: number, dims: readonly number[]): Walk => ({
  start,
  strides: stridesOf(dims),
});

const TARGET = 50_000;

const CASES: readonly (readonly [name: string, dims: number[], from: Walk, to?: Walk])[] = [
  ["one element", [], { start: 7, strides: [] }],
  ["nothing", [3, 0, 2], dense(0, [3, 0, 2])],
  ["a run", [1000], dense(3, [1000])],
  ["short runs", [9, 5, 3], { start: 10, strides: [100, 7, 1] }],
  ["long runs", [3, 4, 100], { start: 0, strides: [1000, 200, 1] }],
  ["axes of size one", [1, 6, 1, 5, 1], { start: 2, strides: [9, 50, 3, 2, 8] }],
  ["a matrix turned", [70, 45], { start: 0, strides: [1, 70] }],
  ["axes turned", [6, 40, 3, 35], { start: 5, strides: [35, 630, 210, 1] }],
  ["a block reversed", [4, 5, 6], { start: 119, strides: [-30, -6, -1] }],
  ["rows repeated", [5, 8, 4, 8], { start: 0, strides: [0, 8, 0, 1] }],
  ["written apart", [3, 7, 4], dense(0, [3, 7, 4]), { start: TARGET, strides: [500, 40, 3] }],
  ["written backwards", [3, 50], dense(0, [3, 50]), { start: TARGET + 500, strides: [-100, 1] }],
];

for (const [name, dims, from, to = dense(TARGET, dims)] of CASES) {
  Deno.test(`a strided copy moves every element: ${name}`, () => {
    const heap = Int32Array.from({ length: 2 * TARGET }, (_, i) => i);
    const expected = heap.slice();
    eachIndex(dims, (index) => expected[place(to, index)] = place(from, index));
    stridedCopy(heap, dims, from, to);
    assertEquals(heap, expected);
  });
}

Deno.test("strides of a dense shape", () => {
  assertEquals(stridesOf([2, 3, 4]), [12, 4, 1]);
  assertEquals(stridesOf([]), []);
});
