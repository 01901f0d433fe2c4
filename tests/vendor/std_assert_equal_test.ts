/** What this project expects two values to be for `equal` and `assertEquals` of `@std/assert`. */

import { assertFalse, equal } from "@std/assert";

class Point {
  constructor(readonly x: number) {}
}

const cycle = (name: string) => {
  const it: { name: string; self?: unknown } = { name };
  it.self = it;
  return it;
};

const EQUAL: [unknown, unknown][] = [
  [0, -0],
  [NaN, NaN],
  [[0], [-0]],
  [{ a: 1, b: [2] }, { b: [2], a: 1 }],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [new Float32Array([0, NaN]), new Float32Array([-0, NaN])],
  [new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  [new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  [new Map([[{ k: 1 }, "v"]]), new Map([[{ k: 1 }, "v"]])],
  [new Date(5), new Date(5)],
  [/a/g, /a/g],
  [new URL("https://a.example"), new URL("https://a.example")],
  [new Point(1), new Point(1)],
  [cycle("a"), cycle("a")],
];

const UNEQUAL: [unknown, unknown][] = [
  [1, "1"],
  [null, undefined],
  [{ a: undefined }, {}],
  [{ a: undefined }, { b: undefined }],
  [[undefined], new Array(1)],
  [[1, 2], [2, 1]],
  [[1], { 0: 1 }],
  [new Float32Array([1]), new Float64Array([1])],
  [new Float32Array([1]), new Float32Array([1, 2])],
  [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  [new Set([1, 2]), new Set([1, 3])],
  [new Map([["a", 1]]), new Map([["a", 2]])],
  [new Date(5), new Date(6)],
  [/a/g, /a/i],
  [new URL("https://a.example"), new URL("https://b.example")],
  [new Point(1), { x: 1 }],
  [{ [Symbol.iterator]: 1 }, {}],
  [() => 1, () => 1],
  [cycle("a"), cycle("b")],
];

Deno.test("equal() compares by value, in both directions", () => {
  for (const [expected, pairs] of [[true, EQUAL], [false, UNEQUAL]] as const) {
    for (const [a, b] of pairs) {
      for (const [x, y] of [[a, b], [b, a]]) {
        if (equal(x, y) !== expected) {
          throw new Error(`equal(${Deno.inspect(x)}, ${Deno.inspect(y)}) is not ${expected}`);
        }
      }
    }
  }
});

Deno.test("equal() pairs members one to one, where the original is lenient", () => {
  const twins = new Set([{ a: 1 }, { a: 1 }]);
  assertFalse(equal(twins, new Set([{ a: 1 }, { a: 2 }])));
});
