import { assertEquals, AssertionError, assertRejects } from "@std/assert";
import { tensor } from "../mod.ts";
import { testEach } from "./backends.ts";
import { assertClose, type Comparable, sumTolerance, type Tolerance } from "./compare.ts";

async function assertDiffer(
  actual: Comparable,
  expected: Comparable,
  message: string,
  tolerance?: Tolerance,
): Promise<void> {
  const error = await assertRejects(
    () => assertClose(actual, expected, tolerance),
    AssertionError,
  );
  assertEquals(error.message, message);
}

Deno.test("assertClose() takes NaN for equal to NaN only when asked to", async () => {
  const message = "Expected NaN at [0], got NaN; 1 of 1 values differ";
  await assertDiffer([NaN], [NaN], message);
  await assertClose([NaN], [NaN], { equalNaN: true });
});

Deno.test("assertClose() never takes a number, NaN and the infinities for one another", async () => {
  const kinds = [1, NaN, Infinity, -Infinity];
  for (const a of kinds) {
    for (const e of kinds.filter((kind) => !Object.is(kind, a))) {
      const message = `Expected ${e} at [0], got ${a}; 1 of 1 values differ`;
      await assertDiffer([a], [e], message, { equalNaN: true, relative: 0.5, absolute: 10 });
    }
  }
  await assertClose([Infinity, -Infinity], [Infinity, -Infinity], { absolute: 0 });
});

Deno.test("assertClose() rejects another number of values", async () => {
  await assertDiffer([], [1], "Expected a number of values of 1, got 0");
});

Deno.test("assertClose() rejects values that do not fill their shape", async () => {
  await assertDiffer(
    { shape: [2, 2], values: [1, 2] },
    [1, 2],
    "Expected for [2,2] a size of 4, got 2",
  );
});

Deno.test("assertClose() allows the tolerance and rejects twice the tolerance", async () => {
  const expected = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
  const off = (by: number) => ({ shape: [2, 3], values: [1, 2, 3, 4, 5 + by, 6] });
  const tolerance = { absolute: 1e-3, relative: 1e-3 };
  await assertClose(off(0.0059), expected, tolerance);
  await assertDiffer(
    off(0.012),
    expected,
    "Expected 5 at [1,1], got 5.012; 1 of 6 values differ",
    tolerance,
  );
});

testEach("assertClose() rejects tensors of another shape or type", async () => {
  using flat = tensor([1, 2, 3, 4, 5, 6]);
  using matrix = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  using integers = tensor(Int32Array.of(1, 2, 3, 4, 5, 6));
  await assertDiffer(flat, matrix, "Expected shape [2,3], got [6]");
  await assertDiffer(flat, integers, "Expected type int32, got float32");
  await assertClose(flat, [1, 2, 3, 4, 5, 6]);
});

Deno.test("sumTolerance() grows with the root of the terms and the largest value", () => {
  assertEquals(sumTolerance(100, [1, -20]), { absolute: 1e-7 * 10 * 20 + 1e-6 });
});
