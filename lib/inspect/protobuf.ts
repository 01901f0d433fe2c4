/**
 * Writing protocol buffers: a message is its fields, one after the other, each with its number. This
 * is all of the wire format that the files of TensorBoard need.
 *
 * [Encoding](https://protobuf.dev/programming-guides/encoding/).
 *
 * @module
 */

/** The bytes of a field, or of a message. */
export type Wire = Uint8Array<ArrayBuffer>;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** Puts fields together. */
export function message(...fields: readonly Wire[]): Wire {
  const whole = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const field of fields) {
    whole.set(field, at);
    at += field.length;
  }
  return whole;
}

/** Writes a whole number from 0 up to 2⁵³. */
export function integer(field: number, value: number): Wire {
  return message(tag(field, VARINT), varint(value));
}

/** Writes a number of 32 bits. */
export function float(field: number, value: number): Wire {
  return message(tag(field, FIXED_32), littleEndian(new Float32Array([value])));
}

/** Writes a number of 64 bits. */
export function double(field: number, value: number): Wire {
  return message(tag(field, FIXED_64), littleEndian(new Float64Array([value])));
}

/** Writes numbers of 64 bits. */
export function doubles(field: number, values: readonly number[]): Wire {
  return bytes(field, littleEndian(Float64Array.from(values)));
}

/** Writes bytes, or a message in a message. */
export function bytes(field: number, value: Uint8Array): Wire {
  return message(tag(field, BYTES), varint(value.length), new Uint8Array(value));
}

/** Writes a text. */
export function text(field: number, value: string): Wire {
  return bytes(field, new TextEncoder().encode(value));
}

const tag = (field: number, type: number): Wire => varint(field * 8 + type);

/** Seven bits a byte, the lowest first; by division, since numbers go beyond 32 bits. */
function varint(value: number): Wire {
  const groups: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) groups.push(value % 128 + 128);
  return Uint8Array.of(...groups, value);
}

/** The bytes of numbers, the lowest first, on any machine. */
function littleEndian(values: Float32Array | Float64Array): Wire {
  const size = values.BYTES_PER_ELEMENT;
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, i) =>
    size === 4 ? view.setFloat32(i * size, value, true) : view.setFloat64(i * size, value, true)
  );
  return new Uint8Array(view.buffer);
}
