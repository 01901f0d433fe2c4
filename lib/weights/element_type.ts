/**
 * The element types of a safetensors file and the host arrays that hold them, bit by bit: nothing is
 * converted on the way in or out. Half floats become 32-bit floats, and back, only when asked to.
 *
 * @module
 */

import { DTypeError } from "../errors.ts";

/** The element types that are supported: floats, signed and unsigned integers, booleans. */
export type ElementType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** The host arrays; `Uint16Array` holds the bits of BF16 as well as U16, `Uint8Array` also BOOL. */
export type HostArray =
  | Float64Array
  | Float32Array
  | Float16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A tensor on the host, exactly as it stands in a file. */
export type HostTensor = {
  /** Type of the elements. */
  readonly dtype: ElementType;
  /** Sizes of the axes, outermost first; empty for a scalar. */
  readonly shape: readonly number[];
  /** The values, row by row. */
  readonly data: HostArray;
};

interface HostArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): HostArray;
}

/** The host array of each element type, in the order in which the reference writes them. */
export const HOST_ARRAYS: ReadonlyMap<string, HostArrayConstructor> = new Map<
  ElementType,
  HostArrayConstructor
>([
  ["U64", BigUint64Array],
  ["I64", BigInt64Array],
  ["F64", Float64Array],
  ["F32", Float32Array],
  ["U32", Uint32Array],
  ["I32", Int32Array],
  ["BF16", Uint16Array],
  ["F16", Float16Array],
  ["U16", Uint16Array],
  ["I16", Int16Array],
  ["I8", Int8Array],
  ["U8", Uint8Array],
  ["BOOL", Uint8Array],
]);

/** Tells whether a name is that of a supported element type. */
export function isElementType(name: string): name is ElementType {
  return HOST_ARRAYS.has(name);
}

/**
 * Gives the values of a float tensor as 32-bit floats; exact for F32, F16 and BF16.
 *
 * @throws {DTypeError} If the tensor is of another type, which 32-bit floats cannot hold exactly.
 *
 * @example Half precision, widened
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromFloat32, toFloat32 } from "@fplusx/nn/weights";
 *
 * const values = Float32Array.of(1, -2.5, Infinity);
 * for (const dtype of ["F16", "BF16"] as const) {
 *   assertEquals(toFloat32({ dtype, shape: [3], data: fromFloat32(values, dtype) }), values);
 * }
 * ```
 */
export function toFloat32({ dtype, data }: HostTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float16Array) return Float32Array.from(data);
  if (dtype === "BF16" && data instanceof Uint16Array) {
    return new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
  }
  throw new DTypeError(`Cannot widen ${dtype} to 32-bit floats: need F32, F16 or BF16`);
}

/** Rounds 32-bit floats to half precision, to the nearest and ties to even; BF16 comes as its bits. */
export function fromFloat32(values: Float32Array, dtype: "F16" | "BF16"): HostArray {
  if (dtype === "F16") return Float16Array.from(values);
  const bits = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(
    bits,
    (word, i) => Number.isNaN(values[i]) ? 0x7fc0 : word + 0x7fff + (word >>> 16 & 1) >>> 16,
  );
}
