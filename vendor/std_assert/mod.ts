/**
 * The assertions of `jsr:@std/assert` that this project uses, with the same names and semantics.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export { equal } from "./equal.ts";
export {
  assert,
  assertExists,
  assertFalse,
  assertInstanceOf,
  fail,
  type Falsy,
  unreachable,
} from "./assert.ts";
export {
  assertEquals,
  assertNotEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "./equals.ts";
export {
  assertAlmostEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
} from "./order.ts";
export {
  type ArrayLikeArg,
  assertArrayIncludes,
  assertMatch,
  assertObjectMatch,
  assertStringIncludes,
} from "./contains.ts";
export { assertRejects, assertThrows } from "./throws.ts";
