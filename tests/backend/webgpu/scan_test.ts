/**
 * Sums and products along lines on WebGPU, against plain loops in doubles.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Scan, scanned } from "../../../lib/backend/webgpu/kernels/scan.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { tf } from "../../../lib/tfjs.ts";
import { assertClose, sumTolerance } from "../../compare.ts";
import { uniform } from "../../formula.ts";
import { assertMutantsDie, assertSnapshot, run, testWebgpu } from "./program.ts";

const BOTH = [false, true];

const values = ({ outer, length, inner, operator }: Scan): number[] =>
  Array.from(
    { length: outer * length * inner },
    (_, i) => Math.fround(uniform("x")(i) / 2 + (operator === "*" ? 1 : 0)),
  );

function reference(x: readonly number[], scan: Scan): number[] {
  const { outer, length, inner, operator, exclusive, reverse } = scan;
  const y = Array<number>(x.length);
  for (let line = 0; line < outer * inner; line++) {
    let all = operator === "+" ? 0 : 1;
    for (let i = 0; i < length; i++) {
      const place = reverse ? length - 1 - i : i;
      const at = (Math.floor(line / inner) * length + place) * inner + line % inner;
      const next = operator === "+" ? all + x[at]! : all * x[at]!;
      y[at] = exclusive ? all : next;
      all = next;
    }
  }
  return y;
}

const check = (scan: Scan) => async (program: Program) => {
  const host = values(scan);
  const x = tensor(host);
  const [y] = await run(program, [[[host.length], "float32"]], [x]);
  x.dispose();
  const expected = reference(host, scan);
  await assertClose(y!, expected, sumTolerance(scan.length, expected));
};

testWebgpu("sums and products along lines are those of doubles", async () => {
  for (const [outer, length, inner] of [[1, 300, 1], [7, 5, 3], [70, 2, 1], [2, 1, 4]] as const) {
    for (const operator of ["+", "*"] as const) {
      for (const exclusive of BOTH) {
        for (const reverse of BOTH) {
          const scan: Scan = { outer, length, inner, type: "f32", operator, exclusive, reverse };
          await check(scan)(scanned(scan));
        }
      }
    }
  }
});

testWebgpu("lines of different lengths do not meet, and integers stay integers", async () => {
  for (const length of [2, 3, 5]) {
    const x = tf.tensor2d(
      Array.from({ length: 2 * length }, (_, i) => i + 2),
      [2, length],
      "int32",
    );
    const y = tf.cumsum(x, 1, true, true);
    const rest = (row: number, i: number) =>
      Array.from({ length }, (_, j) => j > i ? row * length + j + 2 : 0).reduce((a, b) => a + b);
    const expected = [0, 1].flatMap((row) => Array.from({ length }, (_, i) => rest(row, i)));
    assertEquals([y.dtype, [...await y.data()]], ["int32", expected]);
    tf.dispose([x, y]);
  }
});

testWebgpu("the gradient of a product does not depend on those taken before", async () => {
  for (const [rows, columns] of [[2, 3], [3, 2], [2, 5]] as const) {
    const host = Array.from({ length: rows * columns }, (_, i) => i % 4 + 1);
    const x = tf.tensor2d(host, [rows, columns]);
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.prod(x, 1)))(x);
    const expected = host.map((_, at) =>
      host.reduce(
        (all, value, i) =>
          i !== at && Math.floor(i / columns) === Math.floor(at / columns) ? all * value : all,
        1,
      )
    );
    assertEquals([...await gradient.data()], expected);
    tf.dispose([x, gradient]);
  }
});

const SCAN: Scan = {
  ...{ outer: 3, length: 7, inner: 30, type: "f32", operator: "+" },
  ...{ exclusive: true, reverse: true },
};

testWebgpu("scans: the text of their program", async () => {
  await assertSnapshot("cumsum", scanned(SCAN));
});

testWebgpu("scans: mutants die", () =>
  assertMutantsDie(scanned(SCAN), [
    ["i < 7", "i < 6"],
    ["at += -30", "at += -29"],
    ["t / 30 * 210", "t / 30 * 180"],
    ["+ 180;", "+ 150;"],
    ["all + x[at]", "all - x[at]"],
    ["t >= 90", "t >= 64"],
  ], check(SCAN)));
