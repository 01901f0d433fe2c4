/**
 * The IDX format of MNIST and its relatives: two zero bytes, a type, a rank, the sizes as big-endian
 * words of 32 bits, then the values. The header is checked against the length of the file before
 * anything is allocated, so a lying header costs nothing.
 *
 * @module
 */

import { FormatError, showShape } from "../errors.ts";

/** The host arrays that an IDX file can hold. */
export type IdxData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The content of an IDX file. */
export type Idx = {
  /** Sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** The values, row by row; bytes are a view of the file, the other types a copy. */
  readonly data: IdxData;
};

const ELEMENTS: ReadonlyMap<
  number,
  { readonly bytes: number; readonly read: (view: DataView, count: number) => IdxData }
> = new Map([
  [0x08, {
    bytes: 1,
    read: (v: DataView, n: number) => new Uint8Array(v.buffer, v.byteOffset, n),
  }],
  [0x09, {
    bytes: 1,
    read: (v: DataView, n: number) => new Int8Array(v.buffer, v.byteOffset, n),
  }],
  [0x0b, {
    bytes: 2,
    read: (v: DataView, n: number) => Int16Array.from({ length: n }, (_, i) => v.getInt16(2 * i)),
  }],
  [0x0c, {
    bytes: 4,
    read: (v: DataView, n: number) => Int32Array.from({ length: n }, (_, i) => v.getInt32(4 * i)),
  }],
  [0x0d, {
    bytes: 4,
    read: (v: DataView, n: number) =>
      Float32Array.from({ length: n }, (_, i) => v.getFloat32(4 * i)),
  }],
  [0x0e, {
    bytes: 8,
    read: (v: DataView, n: number) =>
      Float64Array.from({ length: n }, (_, i) => v.getFloat64(8 * i)),
  }],
]);

/**
 * Reads an IDX file.
 *
 * @throws {FormatError} If the bytes are not an IDX file, or not the whole of one.
 *
 * @example Two labels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseIdx } from "@fplusx/nn/data";
 *
 * const labels = parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 4));
 * assertEquals(labels, { shape: [2], data: Uint8Array.of(5, 4) });
 * ```
 */
export function parseIdx(bytes: Uint8Array): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) fail(`the file has ${bytes.length} bytes, need at least 4`, bytes.length);
  const magic = view.getUint32(0);
  const element = ELEMENTS.get(magic >>> 8);
  if (element === undefined) {
    fail(
      `the file starts with 0x${
        magic.toString(16).padStart(8, "0")
      }, need two zero bytes, a type ` +
        "from 0x08 to 0x0e and a rank",
      0,
    );
  }
  const rank = magic & 0xff;
  if (rank === 0) fail("the rank is 0, need at least 1", 3);
  const start = 4 + 4 * rank;
  if (bytes.length < start) fail(`the header ends early, need ${start} bytes`, bytes.length);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const empty = shape.indexOf(0);
  if (empty >= 0) fail(`the shape ${showShape(shape)} has a size of 0`, 4 + 4 * empty);
  // Sizes are below 2³², so a product that is wrong by rounding is far beyond any file.
  const count = shape.reduce((product, size) => product * size, 1);
  const payload = bytes.length - start;
  if (count * element.bytes !== payload) {
    fail(
      `the shape ${showShape(shape)} needs ${
        count * element.bytes
      } bytes of values, the file has ` +
        payload,
      start,
    );
  }
  const values = new DataView(bytes.buffer, bytes.byteOffset + start, payload);
  return { shape, data: element.read(values, count) };
}

function fail(reason: string, offset: number): never {
  throw new FormatError(`Cannot read IDX data: ${reason}`, offset);
}
