/**
 * The header of a safetensors file: a JSON object from names to type, shape and place. Its grammar
 * is so small that it is read by hand, which JSON.parse could not replace: that hides a name that
 * occurs twice, rounds large integers, and does not say where a mistake is. Nothing is allocated on
 * the word of a header before the whole of it agrees with itself and with the length of the file.
 *
 * @module
 */

import { DTypeError, FormatError, showShape } from "../errors.ts";
import { type ElementType, HOST_ARRAYS, isElementType } from "./element_type.ts";

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

/** Bytes before the header: its length, as a little-endian integer of 64 bits. */
export const PREFIX = 8;

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
  const scanner = new Scanner(decode(bytes));
  const tensors = new Map<string, TensorInfo>();
  let metadata: ReadonlyMap<string, string> | undefined;
  const start = PREFIX + bytes.length;
  scanner.object((name) => {
    const seen = name === "__metadata__" ? metadata !== undefined : tensors.has(name);
    if (seen) scanner.fail(`the name "${name}" occurs twice`);
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

function metadataOf(scanner: Scanner): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  scanner.object((name) => {
    if (metadata.has(name)) scanner.fail(`the metadata "${name}" occur twice`);
    if (metadata.size === MAX_METADATA) {
      scanner.fail(`the metadata have more than ${MAX_METADATA} entries`);
    }
    metadata.set(name, scanner.string());
  });
  return metadata;
}

function infoOf(scanner: Scanner, name: string, start: number): TensorInfo {
  let dtype: string | undefined, shape: number[] | undefined, offsets: number[] | undefined;
  scanner.object((field) => {
    if (field === "dtype" && dtype === undefined) dtype = scanner.string();
    else if (field === "shape" && shape === undefined) shape = scanner.integers();
    else if (field === "data_offsets" && offsets === undefined) offsets = scanner.integers();
    else scanner.fail(`tensor "${name}" has the field "${field}" twice or in excess`);
  });
  const [begin, end] = offsets ?? [];
  if (
    dtype === undefined || shape === undefined || begin === undefined || end === undefined ||
    offsets?.length !== 2
  ) {
    return scanner.fail(
      `tensor "${name}" needs the fields "dtype", "shape" and "data_offsets" of two integers`,
    );
  }
  if (!isElementType(dtype)) {
    throw new DTypeError(
      `Cannot read tensor "${name}" of type ${dtype}: need one of ${
        [...HOST_ARRAYS.keys()].join(", ")
      }`,
    );
  }
  if (end < begin) scanner.fail(`tensor "${name}" ends at ${end}, before its start at ${begin}`);
  const bytes = countOf(scanner, name, shape) * HOST_ARRAYS.get(dtype)!.BYTES_PER_ELEMENT;
  if (bytes !== end - begin) {
    scanner.fail(
      `tensor "${name}" of type ${dtype} and shape ${showShape(shape)} needs ${bytes} bytes, has ` +
        `${end - begin}`,
    );
  }
  return { dtype, shape, begin: start + begin, end: start + end };
}

/** Refuses a product that is too large even where a later size of 0 would make it small. */
function countOf(scanner: Scanner, name: string, shape: readonly number[]): number {
  return shape.reduce((product, size) => {
    if (Number.isSafeInteger(product * size)) return product * size;
    const reason = `tensor "${name}" of shape ${
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
      fail(`tensor "${name}" leaves a hole or overlaps: it starts at ${is}, need ${need}`, start);
    }
    next = end;
  }
  if (next !== size) {
    const [need, is] = [next - start, size - start];
    fail(`the tensors have ${need} bytes, the file has ${is} after its header`, start);
  }
}

/** Reads the JSON of a header from front to back, without recursion. */
class Scanner {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    // The format asks for it; white space is allowed everywhere else.
    if (text[0] !== "{") this.#unexpected('"{"');
  }

  /** Reads an object; `member` is called with each name and reads the value. */
  object(member: (name: string) => void): void {
    this.#expect("{");
    if (this.#take("}")) return;
    do {
      const name = this.string();
      this.#expect(":");
      member(name);
    } while (this.#take(","));
    this.#expect("}");
  }

  /** Reads a string. */
  string(): string {
    this.#skip();
    const start = this.#at;
    if (this.#text[start] !== '"') this.#unexpected("a string");
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#at = end + 1;
    try {
      const value: string = JSON.parse(this.#text.slice(start, this.#at));
      if (value.isWellFormed()) return value;
    } catch { /* Refused below. */ }
    this.#at = start;
    return this.fail("the string is not closed or not JSON");
  }

  /** Reads an array of integers from 0 to 2⁵³-1. */
  integers(): number[] {
    this.#expect("[");
    const values: number[] = [];
    if (this.#take("]")) return values;
    do values.push(this.#integer()); while (this.#take(","));
    this.#expect("]");
    return values;
  }

  /** Checks that only white space is left. */
  finish(): void {
    this.#skip();
    if (this.#at < this.#text.length) this.#unexpected("the end");
  }

  fail(reason: string): never {
    const before = new TextEncoder().encode(this.#text.slice(0, this.#at)).length;
    return fail(reason, PREFIX + before);
  }

  #integer(): number {
    this.#skip();
    let end = this.#at;
    while (/[-+.0-9eE]/.test(this.#text[end] ?? "")) end++;
    const token = this.#text.slice(this.#at, end);
    const value = Number(token);
    if (!/^(0|[1-9][0-9]*)$/.test(token) || !Number.isSafeInteger(value)) {
      this.#unexpected(`an integer from 0 to ${Number.MAX_SAFE_INTEGER}`, token || undefined);
    }
    this.#at = end;
    return value;
  }

  #skip(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #take(char: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) this.#unexpected(`"${char}"`);
  }

  #unexpected(need: string, token = this.#text[this.#at]): never {
    const got = token ? JSON.stringify(token.slice(0, 40)) : "the end";
    return this.fail(`the header has ${got}, need ${need}`);
  }
}

function fail(reason: string, offset: number): never {
  throw new FormatError(`Cannot read safetensors data: ${reason}`, offset);
}
