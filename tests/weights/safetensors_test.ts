/** The reader and writer of safetensors: against the reference, round trips, and mutations. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FplusxError } from "@fplusx/nn";
import {
  type ElementType,
  formatSafetensors,
  fromFloat32,
  type HostArray,
  type HostTensor,
  openSafetensors,
  parseSafetensors,
  toFloat32,
} from "@fplusx/nn/weights";
import golden from "../golden/safetensors.json" with { type: "json" };
import { fileOf, fuzz, randomTensors, source } from "./fuzz.ts";

const ARRAYS: Record<ElementType, new (buffer: ArrayBuffer) => HostArray> = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Float16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** The tensor that tests/golden/make_safetensors.py calls number `n`. */
function tensorOf(n: number, dtype: ElementType, shape: readonly number[]): HostTensor {
  const Kind = ARRAYS[dtype];
  const count = shape.reduce((a, b) => a * b, 1);
  const bytes = Uint8Array.from(
    { length: count * new Kind(new ArrayBuffer(8)).BYTES_PER_ELEMENT },
    (_, i) => dtype === "BOOL" ? (i + n) % 2 : (37 * i + 11 * n) % 251,
  );
  return { dtype, shape, data: new Kind(bytes.buffer) };
}

for (const [name, { tensors, metadata, base64 }] of Object.entries(golden)) {
  const reference = Uint8Array.fromBase64(base64);
  const expected = new Map(
    tensors.map(({ name, dtype, shape }, n) => [name, tensorOf(n, dtype as ElementType, shape)]),
  );

  Deno.test(`formatSafetensors() writes what the reference writes: ${name}`, () => {
    assertEquals(formatSafetensors(expected, metadata), reference);
  });

  Deno.test(`parseSafetensors() reads what the reference wrote: ${name}`, () => {
    const read = parseSafetensors(reference);
    assertEquals(Object.fromEntries(read.metadata), metadata);
    assertEquals(new Map([...read.tensors].sort()), new Map([...expected].sort()));
  });

  Deno.test(`openSafetensors() reads what the reference wrote: ${name}`, async () => {
    const file = await openSafetensors(source(reference));
    assertEquals(Object.fromEntries(file.metadata), metadata);
    const all = await file.read(expected.keys());
    assertEquals(new Map([...all].sort()), new Map([...expected].sort()));
    for (const [name, tensor] of expected) {
      assertEquals(await file.read([name]), new Map([[name, tensor]]));
    }
  });
}

Deno.test("Random tensors come back as they were, from any place in memory", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const { tensors, metadata } = randomTensors(seed);
    const bytes = formatSafetensors(tensors, metadata);
    const moved = new Uint8Array(bytes.length + 8).subarray(seed % 8, seed % 8 + bytes.length);
    moved.set(bytes);
    for (const read of [parseSafetensors(moved), await readAll(moved)]) {
      assertEquals(new Map([...read.tensors].sort()), new Map([...tensors].sort()));
      assertEquals(Object.fromEntries(read.metadata), metadata);
    }
    assertEquals(formatSafetensors(parseSafetensors(moved).tensors, metadata), bytes);
  }
});

async function readAll(bytes: Uint8Array) {
  const file = await openSafetensors(source(bytes));
  return { tensors: await file.read(file.tensors.keys()), metadata: file.metadata };
}

Deno.test("openSafetensors() reads neighbours together and nothing that was not asked for", async () => {
  const scalar = (value: number): HostTensor => ({
    dtype: "F32",
    shape: [],
    data: Float32Array.of(value),
  });
  const bytes = formatSafetensors(
    new Map(["a", "b", "c", "d"].map((name, i) => [name, scalar(i)])),
  );
  const reads: [number, number][] = [];
  const file = await openSafetensors({
    size: bytes.length,
    read: (offset, length) => {
      reads.push([offset, length]);
      return Promise.resolve(bytes.slice(offset, offset + length));
    },
  });
  const start = bytes.length - 16;
  assertEquals(reads.splice(0), [[0, 8], [8, start - 8]]);
  assertEquals([...(await file.read(["d", "a", "b", "a"])).keys()].sort(), ["a", "b", "d"]);
  assertEquals(reads, [[start, 8], [start + 12, 4]]);
});

Deno.test("toFloat32() and fromFloat32() round to the nearest, ties to even", () => {
  const values = Float32Array.of(1, -2.5, 0.1, 65504, 65520, 1e-8, -0, Infinity, NaN);
  // 1 + 2⁻⁸ lies between two bfloat16 and the lower one is even; 1 + 3·2⁻⁸ likewise, the upper one.
  const ties = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8, 3.4e38);
  const widened = (dtype: "F16" | "BF16", values: Float32Array) =>
    toFloat32({ dtype, shape: [values.length], data: fromFloat32(values, dtype) });
  assertEquals(
    [...widened("F16", values)],
    [1, -2.5, 0.0999755859375, 65504, Infinity, 0, -0, Infinity, NaN],
  );
  assertEquals(
    [...widened("BF16", values)],
    [1, -2.5, 0.10009765625, 65536, 65536, Math.fround(1.0011717677116394e-8), -0, Infinity, NaN],
  );
  assertEquals([...widened("BF16", ties)], [1, 1 + 2 ** -6, -1, Infinity]);
  assertThrows(
    () => toFloat32({ dtype: "F64", shape: [1], data: Float64Array.of(1) }),
    FplusxError,
    "Cannot widen F64 to 32-bit floats: need F32, F16 or BF16",
  );
});

Deno.test("White space, any order of fields, and odd places are read", () => {
  const header = '{ "b" :\t{"shape":[ 1 ,1] ,"data_offsets":[1,5],"dtype":"F32"}\n,' +
    '"a":{"data_offsets":[0,1],"dtype":"U8","shape":[]}}\r\n ';
  const file = fileOf(header, 5);
  file.set([7, 0, 0, 128, 63], file.length - 5);
  assertEquals(
    parseSafetensors(file).tensors,
    new Map<string, HostTensor>([
      ["b", { dtype: "F32", shape: [1, 1], data: Float32Array.of(1) }],
      ["a", { dtype: "U8", shape: [], data: Uint8Array.of(7) }],
    ]),
  );
});

Deno.test("Hostile names are plain data", () => {
  const names = ["__proto__", "constructor", "", "a\0b", "../../etc/passwd", "/", "10", "2"];
  const scalar: HostTensor = { dtype: "U8", shape: [], data: Uint8Array.of(1) };
  const { tensors } = parseSafetensors(formatSafetensors(new Map(names.map((n) => [n, scalar]))));
  assertEquals([...tensors.keys()].sort(), names.toSorted());
  assertEquals(Object.hasOwn(Object.prototype, "dtype"), false);
});

Deno.test("64-bit integers beyond 2^53 are exact", () => {
  const data = BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n));
  const bytes = formatSafetensors(new Map([["n", { dtype: "I64", shape: [2], data }]]));
  assertEquals(parseSafetensors(bytes).tensors.get("n")?.data, data);
});

Deno.test("A boolean is 0 or 1", () => {
  const bytes = formatSafetensors(
    new Map([["mask", { dtype: "BOOL", shape: [3], data: Uint8Array.of(0, 1, 2) }]]),
  );
  assertEquals(
    assertThrows(() => parseSafetensors(bytes), FplusxError).message,
    `Cannot read tensor "mask" of type BOOL: it has the value 2, need 0 or 1, at byte ${
      bytes.length - 1
    }`,
  );
});

Deno.test("A file that ends early, and a name that is not there, are said so", async () => {
  const bytes = formatSafetensors(
    new Map([["w", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }]]),
  );
  const { size } = source(bytes);
  const file = await openSafetensors({ ...source(bytes.subarray(0, size - 1)), size });
  const error = await assertRejects(() => file.read(["w"]), FplusxError);
  assertEquals(
    error.message,
    `Cannot read safetensors data: need 8 bytes, got 7, at byte ${size - 8}`,
  );
  const missing = await assertRejects(() => file.read(["v"]), FplusxError);
  assertEquals(missing.message, 'Cannot read tensor "v": the file has no tensor of that name');
});

Deno.test("formatSafetensors() refuses what would not come back", () => {
  const write = (name: string, tensor: HostTensor, metadata = {}) =>
    assertThrows(() => formatSafetensors(new Map([[name, tensor]]), metadata), FplusxError).message;
  const scalar: HostTensor = { dtype: "F32", shape: [], data: Float32Array.of(1) };
  assertEquals(
    write("__metadata__", scalar),
    'Cannot write a tensor named "__metadata__": the format reserves it',
  );
  assertEquals(
    write("w", { ...scalar, dtype: "F64" }),
    'Cannot write tensor "w" of type F64 from a Float32Array',
  );
  assertEquals(
    write("w", { ...scalar, shape: [2, 2] }),
    'Cannot write tensor "w" of shape [2,2]: need 4 values, got 1',
  );
  assertEquals(write("\ud800", scalar), 'Cannot write "\\ud800": need well-formed Unicode');
  assertEquals(
    write("w", scalar, { a: "\ud800" }),
    'Cannot write "\\ud800": need well-formed Unicode',
  );
});

Deno.test("Mutated files are read or refused with an error of ours, and quickly", () => {
  const { mutations, refused, read, slowest } = fuzz(4000, 1);
  assertEquals(refused + read, mutations);
  assert(refused > 1000 && read > 100, `${refused} refused, ${read} read`);
  assert(slowest < 1000, `${slowest} ms`);
});
