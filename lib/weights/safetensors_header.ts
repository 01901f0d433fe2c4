/**
 * The header of a safetensors file: a JSON object from names to type, shape and place.
 * Nothing is allocated on the word of a header before the whole of it agrees with itself and with the
 * length of the file.
 *
 * @module
 */

import { DTypeError, showShape } from "../errors.ts";
import { type ElementType, HOST_ARRAYS, isElementType } from "./element_type.ts";
import { fail, HeaderScanner, PREFIX } from "./header_scanner.ts";

/** What the header says about one tensor. */
export type TensorInfo = {
  /** Type of the elements. */
  readonly dtype: ElementType;
  /** Sizes of the axes, outermost first. */
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly begin: number;
  /** The byte after the last in the file. */
  readonly end: number;
};

/** What a header says. */
export type Header = {
  /** The tensors by name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The `__metadata__` of the header. */
  readonly metadata: ReadonlyMap<string, string>;
};

/** The longest header that the reference implementation takes. */
const MAX_HEADER = 100_000_000;
const MAX_METADATA = 100_000;

/** Gives the length of the header from the first bytes of a file of `size` bytes. */
export function headerLength(prefix: Uint8Array, size: number): number {
  if (size < PREFIX) fail(`the file has ${size} bytes, need at least ${PREFIX}`, size);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) fail(`the header has ${length} bytes, need at most ${MAX_HEADER}`, 0);
  if (length > size - PREFIX) {
    fail(`the header has ${length} bytes, the file only ${size - PREFIX} after its length`, 0);
  }
  return Number(length);
}

/** Reads the header, and checks that the tensors fill a file of `size` bytes without hole or overlap. */
export function parseHeader(bytes: Uint8Array, size: number): Header {
  const scanner = new HeaderScanner(decode(bytes));
  const tensors = new Map<string, TensorInfo>();
  let metadata: ReadonlyMap<string, string> | undefined;
  const start = PREFIX + bytes.length;
  scanner.object((name) => {
    const seen = name === "__metadata__" ? metadata !== undefined : tensors.has(name);
    if (seen) scanner.fail(`the name ${show(name)} occurs twice`);
    if (name === "__metadata__") metadata = metadataOf(scanner);
    else tensors.set(name, infoOf(scanner, name, start));
  });
  scanner.finish();
  checkPlaces(tensors, start, size);
  return { tensors, metadata: metadata ?? new Map() };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    fail("the header is not UTF-8", PREFIX);
  }
}

function metadataOf(scanner: HeaderScanner): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  scanner.object((name) => {
    if (metadata.has(name)) scanner.fail(`the metadata ${show(name)} occur twice`);
    if (metadata.size === MAX_METADATA) {
      scanner.fail(`the metadata have more than ${MAX_METADATA} entries`);
    }
    metadata.set(name, scanner.string());
  });
  return metadata;
}

function infoOf(scanner: HeaderScanner, name: string, start: number): TensorInfo {
  let dtype: string | undefined, shape: number[] | undefined, offsets: number[] | undefined;
  scanner.object((field) => {
    if (field === "dtype" && dtype === undefined) dtype = scanner.string();
    else if (field === "shape" && shape === undefined) shape = scanner.integers();
    else if (field === "data_offsets" && offsets === undefined) offsets = scanner.integers();
    else scanner.fail(`tensor ${show(name)} has the field ${show(field)} twice or in excess`);
  });
  const [begin, end] = offsets ?? [];
  if (
    dtype === undefined || shape === undefined || begin === undefined || end === undefined ||
    offsets?.length !== 2
  ) {
    return scanner.fail(
      `tensor ${show(name)} needs the fields "dtype", "shape" and "data_offsets" of two integers`,
    );
  }
  if (!isElementType(dtype)) {
    throw new DTypeError(
      `Cannot read tensor ${show(name)} of type ${show(dtype)}: need one of ${
        [...HOST_ARRAYS.keys()].join(", ")
      }`,
    );
  }
  if (end < begin) {
    scanner.fail(`tensor ${show(name)} ends at ${end}, before its start at ${begin}`);
  }
  const bytes = countOf(scanner, name, shape) * HOST_ARRAYS.get(dtype)!.BYTES_PER_ELEMENT;
  if (bytes !== end - begin) {
    scanner.fail(
      `tensor ${show(name)} of type ${dtype} and shape ${
        showShape(shape)
      } needs ${bytes} bytes, has ` +
        `${end - begin}`,
    );
  }
  return { dtype, shape, begin: start + begin, end: start + end };
}

/** Refuses a product that is too large even where a later size of 0 would make it small. */
function countOf(scanner: HeaderScanner, name: string, shape: readonly number[]): number {
  return shape.reduce((product, size) => {
    if (Number.isSafeInteger(product * size)) return product * size;
    const reason = `tensor ${show(name)} of shape ${
      showShape(shape)
    } has more values than can be counted`;
    return scanner.fail(reason);
  }, 1);
}

function checkPlaces(tensors: ReadonlyMap<string, TensorInfo>, start: number, size: number): void {
  const places = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let next = start;
  for (const [name, { begin, end }] of places) {
    if (begin !== next) {
      const [is, need] = [begin - start, next - start];
      fail(
        `tensor ${show(name)} leaves a hole or overlaps: it starts at ${is}, need ${need}`,
        start,
      );
    }
    next = end;
  }
  if (next !== size) {
    const [need, is] = [next - start, size - start];
    fail(`the tensors have ${need} bytes, the file has ${is} after its header`, start);
  }
}

/** Writes a name, which may be anything, on one line. */
function show(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
