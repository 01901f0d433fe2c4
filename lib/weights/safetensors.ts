/**
 * Reading safetensors, whole or by ranges. The header is read and checked first; values are read when
 * they are asked for, neighbours together, from anything that can give a range of bytes.
 *
 * Format: https://github.com/huggingface/safetensors
 *
 * @module
 */

import { ArgumentError, FormatError } from "../errors.ts";
import { HOST_ARRAYS, type HostTensor } from "./element_type.ts";
import { PREFIX } from "./header_scanner.ts";
import { headerLength, parseHeader, type TensorInfo } from "./safetensors_header.ts";

/** Something that gives ranges of bytes: a file, or a URL. */
export interface ByteSource {
  /** Number of bytes in all. */
  readonly size: number;
  /** Gives `length` bytes from `offset`, for the caller to keep. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The content of a whole file. */
export type Safetensors = {
  /** The tensors by name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** The metadata of the file. */
  readonly metadata: ReadonlyMap<string, string>;
};

/** A file whose header was read, and whose tensors can be. */
export interface SafetensorsFile {
  /** What the header says about each tensor, in its order. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The metadata of the file. */
  readonly metadata: ReadonlyMap<string, string>;
  /**
   * Reads tensors; those that are neighbours in the file come in one read.
   *
   * @throws {ArgumentError} If there is no tensor of a name.
   * @throws {FormatError} If the file is shorter than it was, or a boolean is neither 0 nor 1.
   */
  read(names: Iterable<string>): Promise<Map<string, HostTensor>>;
}

/** Most bytes in one read of several tensors. */
const LONGEST_READ = 2 ** 26;

/**
 * Reads a whole file. The values are copies, aligned and owned by the caller.
 *
 * @throws {FormatError} If the bytes are not a safetensors file, to the letter.
 * @throws {DTypeError} If a tensor has an element type that is not supported.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatSafetensors, parseSafetensors } from "@fplusx/nn/weights";
 *
 * const bias = { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } as const;
 * const bytes = formatSafetensors(new Map([["fc.bias", bias]]), { epoch: "3" });
 * const { tensors, metadata } = parseSafetensors(bytes);
 * assertEquals(tensors.get("fc.bias"), bias);
 * assertEquals(metadata.get("epoch"), "3");
 * ```
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const end = PREFIX + headerLength(bytes, bytes.length);
  const { tensors, metadata } = parseHeader(bytes.subarray(PREFIX, end), bytes.length);
  const read = new Map<string, HostTensor>();
  for (const [name, info] of tensors) {
    read.set(name, hostTensor(name, info, bytes.slice(info.begin, info.end)));
  }
  return { tensors: read, metadata };
}

/**
 * Opens a file: reads its header, and leaves the tensors to be read when they are needed.
 *
 * @throws {FormatError} If the header is not that of a safetensors file, to the letter.
 * @throws {DTypeError} If a tensor has an element type that is not supported.
 *
 * @example One tensor of many
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatSafetensors, openSafetensors } from "@fplusx/nn/weights";
 *
 * const scalar = (value: number) => ({ dtype: "F32", shape: [], data: Float32Array.of(value) } as const);
 * const bytes = formatSafetensors(new Map([["a", scalar(1)], ["b", scalar(2)]]));
 * const file = await openSafetensors({
 *   size: bytes.length,
 *   read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
 * });
 * assertEquals((await file.read(["b"])).get("b"), scalar(2));
 * ```
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const prefix = await exactly(source, 0, Math.min(PREFIX, source.size));
  const length = headerLength(prefix, source.size);
  const { tensors, metadata } = parseHeader(await exactly(source, PREFIX, length), source.size);
  return {
    tensors,
    metadata,
    async read(names) {
      const read = new Map<string, HostTensor>();
      for (const run of neighbours(infosOf(tensors, names))) {
        const { begin } = run[0]![1];
        const bytes = await exactly(source, begin, run.at(-1)![1].end - begin);
        for (const [name, info] of run) {
          const own = run.length === 1 ? bytes : bytes.slice(info.begin - begin, info.end - begin);
          read.set(name, hostTensor(name, info, own));
        }
      }
      return read;
    },
  };
}

type Named = readonly [name: string, info: TensorInfo];

function infosOf(tensors: ReadonlyMap<string, TensorInfo>, names: Iterable<string>): Named[] {
  return [...new Set(names)].map((name) => {
    const info = tensors.get(name);
    if (info !== undefined) return [name, info];
    throw new ArgumentError(`Cannot read tensor "${name}": the file has no tensor of that name`);
  });
}

/** Orders tensors by place, and puts together those that touch. */
function neighbours(tensors: readonly Named[]): Named[][] {
  const runs: Named[][] = [];
  for (const tensor of tensors.toSorted(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    const run = runs.at(-1);
    const [, { begin, end }] = tensor;
    if (run !== undefined && touches(run, begin, end)) run.push(tensor);
    else runs.push([tensor]);
  }
  return runs;
}

function touches(run: readonly Named[], begin: number, end: number): boolean {
  return run.at(-1)![1].end === begin && end - run[0]![1].begin <= LONGEST_READ;
}

async function exactly(source: ByteSource, offset: number, length: number) {
  const bytes = length === 0 ? new Uint8Array() : await source.read(offset, length);
  if (bytes.length === length) return bytes;
  throw new FormatError(
    `Cannot read safetensors data: need ${length} bytes, got ${bytes.length}`,
    offset,
  );
}

/** Gives a tensor whose values are `bytes`, which are aligned as they are when they start a buffer. */
function hostTensor(name: string, info: TensorInfo, bytes: Uint8Array<ArrayBuffer>): HostTensor {
  const { dtype, shape, begin } = info;
  const { buffer } = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  const bad = dtype === "BOOL" ? bytes.findIndex((value) => value > 1) : -1;
  if (bad >= 0) {
    throw new FormatError(
      `Cannot read tensor "${name}" of type BOOL: it has the value ${bytes[bad]}, need 0 or 1`,
      begin + bad,
    );
  }
  return { dtype, shape, data: new (HOST_ARRAYS.get(dtype)!)(buffer) };
}
