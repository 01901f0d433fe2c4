/**
 * What this project expects of `@std/assert`, linked or original. The assertions are checked here by plain
 * `if`s and by what they throw, so that a vendored assertion which passes everything cannot pass this.
 */

import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";

class Point {
  constructor(readonly x: number) {}
}

Deno.test("assertStrictEquals() tells 0 from -0 and takes NaN for itself", () => {
  assertStrictEquals(NaN, NaN);
  assertNotStrictEquals(0, -0);
  assertThrows(() => assertStrictEquals(0, -0), AssertionError, "Values are not strictly equal.");
  assertThrows(() => assertNotStrictEquals(NaN, NaN), AssertionError);
});

/** What an assertion throws, which must be an AssertionError; its colours are taken off. */
function messageOf(fn: () => void): string {
  try {
    fn();
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    // deno-lint-ignore no-control-regex -- the escape character is what is looked for
    return error.message.replace(/\x1b\[\d+m/g, "");
  }
  throw new Error(`Nothing thrown by ${fn}`);
}

const a1 = { a: 1 };

/** Each assertion: where it holds, where it does not, and what it then says. */
const ASSERTIONS: Record<string, { holds: () => void; fails: () => void; message: string }> = {
  "assert": { holds: () => assert(1), fails: () => assert(0, "why"), message: "why" },
  "assertFalse": { holds: () => assertFalse(""), fails: () => assertFalse(1, "m"), message: "m" },
  "assertExists": {
    holds: () => assertExists(0),
    fails: () => assertExists(null),
    message: 'Expected actual: "null" to not be null or undefined.',
  },
  "assertInstanceOf": {
    holds: () => assertInstanceOf(new RangeError(), Error),
    fails: () => assertInstanceOf(new Error(), RangeError, "why"),
    message: 'Expected object to be an instance of "RangeError" but was "Error": why',
  },
  "assertNotEquals": {
    holds: () => assertNotEquals<unknown>(1, 2),
    fails: () => assertNotEquals(1, 1),
    message: "Expected actual: 1 not to be: 1.",
  },
  "assertNotStrictEquals": {
    holds: () => assertNotStrictEquals({ a: 1 }, { a: 1 }),
    fails: () => assertNotStrictEquals(1, 1),
    message: 'Expected "actual" to not be strictly equal to: 1.\n',
  },
  "assertStrictEquals of twins": {
    holds: () => assertStrictEquals(a1, a1),
    fails: () => assertStrictEquals([1], [1]),
    message:
      "Values have the same structure but are not reference-equal.\n\n    [\n      1,\n    ]\n",
  },
  "assertStringIncludes": {
    holds: () => assertStringIncludes("Hello", "ell"),
    fails: () => assertStringIncludes("Hello", "world"),
    message: 'Expected actual: "Hello" to contain: "world".',
  },
  "assertMatch": {
    holds: () => assertMatch("v1", /\d/),
    fails: () => assertMatch("v", /\d/, "why"),
    message: 'Expected actual: "v" to match: "/\\d/": why',
  },
  "assertArrayIncludes": {
    holds: () => assertArrayIncludes<unknown>([1, a1, NaN], [NaN, { a: 1 }]),
    fails: () => assertArrayIncludes([1], [2]),
    message: 'Expected actual: "[\n  1,\n]" to include: "[\n  2,\n]".\nmissing: [\n  2,\n]',
  },
  "assertGreater": {
    holds: () => assertGreater(2, 1),
    fails: () => assertGreater(1, 1),
    message: "Expect 1 > 1",
  },
  "assertGreaterOrEqual": {
    holds: () => assertGreaterOrEqual(1, 1),
    fails: () => assertGreaterOrEqual(NaN, 1),
    message: "Expect NaN >= 1",
  },
  "assertLess": {
    holds: () => assertLess("a", "b"),
    fails: () => assertLess(1, 1, "why"),
    message: "why",
  },
  "assertLessOrEqual": {
    holds: () => assertLessOrEqual(1, 1),
    fails: () => assertLessOrEqual(2, 1),
    message: "Expect 2 <= 1",
  },
  "assertAlmostEquals": {
    holds: () => assertAlmostEquals(0.1 + 0.2, 0.3),
    fails: () => assertAlmostEquals(1, 1.5, 0.25),
    message: 'Expected actual: "1" to be close to "1.5e+0": ' +
      'delta "5e-1" is greater than "2.5e-1".',
  },
  "fail": { holds: () => {}, fails: () => fail("why"), message: "Failed assertion: why" },
  "unreachable": { holds: () => {}, fails: () => unreachable(), message: "Unreachable." },
  "assertThrows": {
    holds: () => assertThrows(() => fail(), AssertionError, "Failed"),
    fails: () => assertThrows(() => {}),
    message: "Expected function to throw.",
  },
  "assertThrows of a class": {
    holds: () => assertThrows(() => fail(), Error),
    fails: () => assertThrows(() => fail(), RangeError),
    message: 'Expected error to be instance of "RangeError", but was "AssertionError".',
  },
  "assertThrows of a message": {
    holds: () => assertThrows(() => fail("a"), Error, "a"),
    fails: () => assertThrows(() => fail("a"), Error, "b"),
    message: 'Expected error message to include "b", but got "Failed assertion: a".',
  },
  "assertThrows of no error": {
    holds: () =>
      assertThrows(() => {
        throw 1;
      }),
    fails: () =>
      assertThrows(() => {
        throw 1;
      }, Error),
    message: "A non-Error object was thrown.",
  },
};

for (const [name, { holds, fails, message }] of Object.entries(ASSERTIONS)) {
  Deno.test(`${name}() passes what holds and says what does not`, () => {
    holds();
    const actual = messageOf(fails);
    if (actual !== message) throw new Error(`${JSON.stringify(actual)} is not as in @std/assert`);
  });
}

Deno.test("assertEquals() shows both values line by line", () => {
  assertEquals({ a: [1, 2] }, { a: [1, 2] });
  const message = messageOf(() => assertEquals([1, 2, 4], [1, 3, 4], "why"));
  assertStringIncludes(message, "Values are not equal: why\n");
  assertStringIncludes(message, "[Diff] Actual / Expected");
  for (const line of ["      1,", "-     2,", "+     3,", "      4,"]) {
    assert(message.split("\n").includes(line), `${line} in ${message}`);
  }
});

Deno.test("assertEquals() shows thousands of differing lines", () => {
  const long = (offset: number) => Array.from({ length: 2500 }, (_, i) => i + offset);
  assertStringIncludes(messageOf(() => assertEquals(long(0), long(1e6))), "\n-     0,\n");
});

Deno.test("assertAlmostEquals() takes a hundred thousandth of a percent by default", () => {
  assertAlmostEquals(1 + 9e-8, 1);
  assertAlmostEquals(1e9 + 90, 1e9);
  assertAlmostEquals(NaN, NaN);
  assertAlmostEquals(-Infinity, -Infinity);
  assertThrows(() => assertAlmostEquals(1 + 1.1e-7, 1), AssertionError);
  assertThrows(() => assertAlmostEquals(1e-12, 0), AssertionError);
  assertThrows(() => assertAlmostEquals(NaN, 1), AssertionError);
  assertThrows(() => assertAlmostEquals(1, Infinity), AssertionError);
});

Deno.test("assertObjectMatch() looks only at what is expected", () => {
  interface Shape {
    a: number;
    b: { c: number; d: number[] };
  }
  const cycle: { name: string; self?: unknown } = { name: "a" };
  cycle.self = cycle;
  const actual: Shape = { a: 1, b: { c: 2, d: [1, 2, 3] } };
  assertObjectMatch(actual, { b: { c: 2 } });
  assertObjectMatch(actual, { b: { d: [1, 2] } });
  assertObjectMatch({ point: new Point(1) }, { point: { x: 1 } });
  assertObjectMatch({ at: new Date(1) }, { at: new Date(1) });
  assertObjectMatch(cycle, { self: { self: { name: "a" } } });
  assertThrows(() => assertObjectMatch(actual, { b: { c: 3 } }), AssertionError);
  assertThrows(() => assertObjectMatch(actual, { e: 1 }), AssertionError);
  assertThrows(() => assertObjectMatch({ d: [1] }, { d: [1, 2] }), AssertionError);
  assertThrows(() => assertObjectMatch({ at: new Date(1) }, { at: new Date(2) }), AssertionError);
});

Deno.test("assertThrows() and assertRejects() give the error, typed", async () => {
  const error: RangeError = assertThrows(() => {
    throw new RangeError("low");
  }, RangeError);
  assertStrictEquals(error.message, "low");
  const rejected: RangeError = await assertRejects(() => Promise.reject(error), RangeError, "low");
  assertStrictEquals(rejected, error);
  assertStrictEquals(await assertRejects(() => Promise.reject(7)), 7);
});

Deno.test("assertRejects() tells a rejection from a result and from a throw", async () => {
  const messages: [() => PromiseLike<unknown>, string][] = [
    [() => Promise.resolve(), "Expected function to reject."],
    [() => fail(), "Function throws when expected to reject."],
    [() => undefined as unknown as Promise<void>, "Function throws when expected to reject."],
    [() => Promise.reject(7), "A non-Error object was rejected."],
    [
      () => Promise.reject(new TypeError("x")),
      'Expected error to be instance of "RangeError", but was "TypeError".',
    ],
  ];
  for (const [fn, message] of messages) {
    const error = await assertRejects(() => assertRejects(fn, RangeError), AssertionError);
    assertEquals(error.message, message);
  }
});

Deno.test("an assertion narrows what it asserts", () => {
  const value: unknown = new Point(1);
  assertInstanceOf(value, Point);
  const x: number = value.x;
  const maybe: number | undefined = [x][0];
  assertExists(maybe);
  const sure: number = maybe;
  assertStrictEquals(sure, 1);
});
