import { assert, assertEquals } from "@std/assert";
import { type Need, planMemory } from "../../../lib/backend/webgpu/record_plan.ts";
import { key, randomBits } from "../../../lib/key.ts";

const need = (size: number, first: number, last: number): Need => ({ size, first, last });

Deno.test("planMemory() lets a chain of operations live in two places", () => {
  const chain = Array.from({ length: 6 }, (_, i) => need(8, i, i + 1));
  assertEquals(planMemory(chain), { places: [0, 1, 0, 1, 0, 1], sizes: [8, 8] });
});

Deno.test("planMemory() puts the small where the large has been", () => {
  const needs = [need(4, 4, 5), need(16, 0, 1), need(8, 2, 3), need(12, 1, 2)];
  assertEquals(planMemory(needs), { places: [1, 0, 0, 1], sizes: [16, 12] });
});

Deno.test("planMemory() takes an end and a beginning at one operation for together", () => {
  assertEquals(planMemory([need(4, 0, 3), need(4, 3, 5)]).sizes, [4, 4]);
  assertEquals(planMemory([need(4, 0, 2), need(4, 3, 5)]).sizes, [4]);
});

Deno.test("planMemory() of nothing is nothing", () => {
  assertEquals(planMemory([]), { places: [], sizes: [] });
});

Deno.test("planMemory() never puts two at one place at once, nor one where it has no room", () => {
  for (let seed = 0; seed < 50; seed++) {
    const bits = randomBits(key(seed), 120);
    const needs = Array.from({ length: 40 }, (_, i) => {
      const first = bits[3 * i]! % 60;
      return need(4 * (1 + bits[3 * i + 1]! % 30), first, first + bits[3 * i + 2]! % 12);
    });
    const { places, sizes } = planMemory(needs);
    needs.forEach((a, i) => {
      assert(a.size <= sizes[places[i]!]!);
      needs.forEach((b, j) => {
        const together = a.first <= b.last && b.first <= a.last;
        assert(i === j || !together || places[i] !== places[j]);
      });
    });
    // No plan can do with less than what is needed at once.
    const atOnce = Array.from(
      { length: 80 },
      (_, at) =>
        needs.filter(({ first, last }) => first <= at && at <= last)
          .reduce((sum, { size }) => sum + size, 0),
    );
    const planned = sizes.reduce((sum, size) => sum + size, 0);
    assert(planned >= Math.max(...atOnce) && planned < 1.5 * Math.max(...atOnce), `${seed}`);
  }
});
