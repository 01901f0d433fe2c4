import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  ArgumentError,
  BackendError,
  DeviceLostError,
  DisposedError,
  DTypeError,
  EmptyError,
  FileError,
  FormatError,
  FplusxError,
  KeysError,
  LabelError,
  LeakError,
  LockedError,
  MismatchError,
  NonFiniteError,
  OutOfMemoryError,
  RecordingError,
  ShapeError,
  showShape,
  TreeError,
  within,
} from "../lib/errors.ts";

const ERRORS: [FplusxError, name: string, code: string][] = [
  [new ShapeError("Cannot a", "p"), "ShapeError", "SHAPE"],
  [new ArgumentError("Cannot a", "p"), "ArgumentError", "ARG"],
  [new DTypeError("Cannot a", "p"), "DTypeError", "DTYPE"],
  [new LabelError("Cannot a", "p"), "LabelError", "LABEL"],
  [new TreeError("Cannot a", "p"), "TreeError", "TREE"],
  [new EmptyError("Cannot a", "p"), "EmptyError", "EMPTY"],
  [new MismatchError("Cannot a", "p"), "MismatchError", "MISMATCH"],
  [new NonFiniteError("Cannot a", 7, "p"), "NonFiniteError", "NONFINITE"],
  [new FormatError("Cannot a", 12, "p"), "FormatError", "FORMAT"],
  [new KeysError("Cannot a"), "KeysError", "KEYS"],
  [new FileError("Cannot a"), "FileError", "IO"],
  [new BackendError("Cannot a"), "BackendError", "BACKEND"],
  [new RecordingError("Cannot a"), "RecordingError", "BACKEND"],
  [new OutOfMemoryError("Cannot a"), "OutOfMemoryError", "MEMORY"],
  [new DeviceLostError("Cannot a"), "DeviceLostError", "DEVICE_LOST"],
  [new DisposedError("Cannot a"), "DisposedError", "DISPOSED"],
  [new LeakError("Cannot a"), "LeakError", "LEAK"],
  [new LockedError("Cannot a"), "LockedError", "LOCKED"],
];

Deno.test("Every error has its name, its code, and a message that ends with its path", () => {
  for (const [error, name, code] of ERRORS) {
    assertInstanceOf(error, FplusxError);
    assertInstanceOf(error, Error);
    assertEquals([error.name, error.code], [name, code]);
    const reason = code === "FORMAT" ? "Cannot a, at byte 12" : "Cannot a";
    assertEquals(error.reason, reason);
    assertEquals(error.message, error.path === "" ? reason : `${reason}, at "p"`);
    assert(error.stack!.startsWith(`${name}: ${error.message}\n`));
  }
});

Deno.test("within() makes the path longer, name by name, and changes nothing else", () => {
  for (const [error, name, code] of ERRORS) {
    const outer = error.within("inner").within("outer");
    const path = error.path === "" ? "outer.inner" : "outer.inner.p";
    assertEquals(outer.path, path);
    assertEquals(outer.message, `${error.reason}, at "${path}"`);
    assertEquals([outer.name, outer.code, outer.reason], [name, code, error.reason]);
    assertStrictEquals(outer.constructor, error.constructor);
    assertInstanceOf(outer, Error);
  }
});

Deno.test("within() keeps the fields that an error has besides", () => {
  const format = new FormatError("Cannot read", 12).within("file");
  assertInstanceOf(format, FormatError);
  assertEquals(format.offset, 12);
  const loss = new NonFiniteError("Cannot go on", 7).within("fc");
  assertInstanceOf(loss, NonFiniteError);
  assertEquals(loss.step, 7);
  const cause = new Error("disk");
  assertStrictEquals(new FileError("Cannot write", { cause }).within("x").cause, cause);
});

Deno.test("within() leaves the error that it is called on as it is", () => {
  const error = new ShapeError("Cannot a");
  const before = { message: error.message, path: error.path, stack: error.stack };
  error.within("outer");
  assertEquals({ message: error.message, path: error.path, stack: error.stack }, before);
});

Deno.test("The stack begins with the message of the error, and tells where it was made", () => {
  const outer = new ShapeError("Cannot a").within("b").within("c");
  assert(outer.stack!.startsWith(`ShapeError: Cannot a, at "c.b"\n`), outer.stack);
  assert(outer.stack!.includes("errors_test.ts"));
});

Deno.test("within() of a function gives what it gives, and names the place when it throws", () => {
  assertEquals(within("a", () => 3), 3);
  const error = assertThrows(
    () => within("a", () => within("b", () => within("c", () => fail(new ShapeError("Cannot d"))))),
    ShapeError,
  );
  assertEquals(error.message, 'Cannot d, at "a.b.c"');
});

Deno.test("within() passes on what is not an error of ours", () => {
  const other = new RangeError("no");
  assertStrictEquals(assertThrows(() => within("a", () => fail(other))), other);
});

function fail(error: Error): never {
  throw error;
}

Deno.test("showShape() writes a shape as messages do", () => {
  assertEquals(showShape([128, 32, 32, 3]), "[128,32,32,3]");
  assertEquals(showShape([]), "[]");
});
