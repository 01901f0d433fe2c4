/**
 * Writing safetensors, byte for byte as the reference implementation does: larger element types
 * first, then by name, and the header padded so that all values are aligned.
 *
 * @module
 */

import { ArgumentError, DTypeError, ShapeError, showShape } from "../errors.ts";
import { HOST_ARRAYS, type HostTensor } from "./element_type.ts";
import { PREFIX } from "./header_scanner.ts";

/**
 * Gives the bytes of a file with these tensors.
 *
 * @throws {ArgumentError} If a name or metadata cannot stand in a file.
 * @throws {DTypeError} If the values of a tensor are in another array than its type needs.
 * @throws {ShapeError} If a tensor has more or fewer values than its shape needs.
 *
 * @example A scalar
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatSafetensors } from "@fplusx/nn/weights";
 *
 * const step = { dtype: "I32", shape: [], data: Int32Array.of(7) } as const;
 * const bytes = formatSafetensors(new Map([["step", step]]));
 * assertEquals(
 *   new TextDecoder().decode(bytes.subarray(8, -4)).trimEnd(),
 *   '{"step":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}',
 * );
 * ```
 */
export function formatSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].map(checked).sort(inOrder);
  const members: string[] = [];
  const pairs = Object.entries(metadata).map(([name, value]) => `${text(name)}:${text(value)}`);
  if (pairs.length > 0) members.push(`"__metadata__":{${pairs.join(",")}}`);
  let size = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    const end = size + bytes.length;
    members.push(
      `${text(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${size},${end}]}`,
    );
    size = end;
  }
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(PREFIX + length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(" ".charCodeAt(0), PREFIX, PREFIX + length);
  file.set(json, PREFIX);
  let at = PREFIX + length;
  for (const { bytes } of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

type Entry = {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly rank: number;
};

const RANKS = [...HOST_ARRAYS.keys()];

function checked([name, { dtype, shape, data }]: [string, HostTensor]): Entry {
  if (name === "__metadata__") {
    throw new ArgumentError('Cannot write a tensor named "__metadata__": the format reserves it');
  }
  const rank = RANKS.indexOf(dtype);
  const Kind = HOST_ARRAYS.get(dtype);
  if (Kind === undefined || !(data instanceof Kind)) {
    throw new DTypeError(
      `Cannot write tensor "${name}" of type ${dtype} from a ${(data as object).constructor.name}`,
    );
  }
  const count = shape.reduce((product, axis) => product * axis, 1);
  if (count !== data.length) {
    throw new ShapeError(
      `Cannot write tensor "${name}" of shape ${
        showShape(shape)
      }: need ${count} values, got ${data.length}`,
    );
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dtype, shape, bytes, rank };
}

/** By type, then by the bytes of the name: code points, where `<` would compare halves of pairs. */
function inOrder(a: Entry, b: Entry): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  const [left, right] = [[...a.name], [...b.name]];
  const at = left.findIndex((char, i) => char !== right[i]);
  return at < 0 ? left.length - right.length : point(left[at]) - point(right[at]);
}

const point = (char: string | undefined): number => char?.codePointAt(0) ?? -1;

function text(value: string): string {
  if (value.isWellFormed()) return JSON.stringify(value);
  throw new ArgumentError(`Cannot write ${JSON.stringify(value)}: need well-formed Unicode`);
}
