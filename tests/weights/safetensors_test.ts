/** The reader and writer of safetensors against the reference, hostile headers, and mutations. */

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
import { fuzz, randomTensors, source } from "./fuzz.ts";

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

/** A file with this header, with so many bytes of data behind it. */
function fileOf(header: string | Uint8Array, data = 0): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + bytes.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}

/** A file of 16 bytes that claims to have so long a header. */
function claiming(length: bigint): Uint8Array {
  const file = new Uint8Array(16);
  new DataView(file.buffer).setBigUint64(0, length, true);
  return file;
}

const info = (shape: string, offsets: string, dtype = "F32") =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
const INTEGER = "an integer from 0 to 9007199254740991";
const FIELDS = 'needs the fields "dtype", "shape" and "data_offsets" of two integers';
const OPEN = "the string is not closed or not JSON";

/** Files that break off before the header, or in it. */
const HOSTILE_FILES: [what: string, file: Uint8Array, message: string][] = [
  ["nothing", new Uint8Array(0), "the file has 0 bytes, need at least 8, at byte 0"],
  ["7 bytes", new Uint8Array(7), "the file has 7 bytes, need at least 8, at byte 7"],
  [
    "a header of 2^63 bytes",
    claiming(2n ** 63n),
    "the header has 9223372036854775808 bytes, need at most 100000000, at byte 0",
  ],
  [
    "a header of 2^53 + 1 bytes",
    claiming(2n ** 53n + 1n),
    "the header has 9007199254740993 bytes, need at most 100000000, at byte 0",
  ],
  [
    "a header of 100,000,001 bytes",
    claiming(100_000_001n),
    "the header has 100000001 bytes, need at most 100000000, at byte 0",
  ],
  [
    "a header longer than the file",
    claiming(9n),
    "the header has 9 bytes, the file only 8 after its length, at byte 0",
  ],
  ["bad UTF-8", fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), "the header is not UTF-8, at byte 8"],
];

/** Headers with a mark where the mistake is to be found (it is taken out), and bytes of data. */
const HOSTILE_HEADERS: [what: string, header: string, data: number, message: string][] = [
  ["an empty header", "‸", 0, 'the header has the end, need "{"'],
  ["a byte order mark", "‸\ufeff{}", 0, 'the header has "\ufeff", need "{"'],
  ["white space in front", "‸ {}", 0, 'the header has " ", need "{"'],
  ["no JSON", "{‸safe}", 0, 'the header has "s", need a string'],
  ["an array", "‸[]", 0, 'the header has "[", need "{"'],
  ["deep nesting", `‸${"[".repeat(1e6)}`, 0, 'the header has "[", need "{"'],
  [
    "deep nesting inside",
    `{"w":{"a":‸${'{"a":'.repeat(1e5)}`,
    0,
    'tensor "w" has the field "a" twice or in excess',
  ],
  ["an open object", '{"w":‸', 0, 'the header has the end, need "{"'],
  ["an open string", '{‸"w', 0, OPEN],
  ["an open escape", '{‸"w\\"', 0, OPEN],
  ["a bad escape", '{‸"\\x":1}', 0, OPEN],
  ["half a surrogate pair", '{‸"\\ud800":1}', 0, OPEN],
  ["a line break in a string", '{‸"\n":1}', 0, OPEN],
  ["a number for a tensor", '{"é":‸1}', 0, 'the header has "1", need "{"'],
  ["text after the object", "{} ‸{}", 0, 'the header has "{", need the end'],
  ["a comma too many", "{‸,}", 0, 'the header has ",", need a string'],
  [
    "a name twice",
    `{"w":${info("[]", "[0,4]")},"w":‸${info("[]", "[0,4]")}}`,
    4,
    'the name "w" occurs twice',
  ],
  [
    "a name twice, once escaped",
    `{"w":${info("[]", "[0,4]")},"\\u0077":‸${info("[]", "[0,4]")}}`,
    4,
    'the name "w" occurs twice',
  ],
  [
    "metadata twice",
    '{"__metadata__":{},"__metadata__":‸{}}',
    0,
    'the name "__metadata__" occurs twice',
  ],
  [
    "reversed offsets",
    `{"a":${info("[1]", "[4,0]")}‸}`,
    4,
    'tensor "a" ends at 0, before its start at 4',
  ],
  [
    "a negative offset",
    `{"a":${info("[1]", "[‸-4,0]")}}`,
    0,
    `the header has "-4", need ${INTEGER}`,
  ],
  [
    "a fractional offset",
    `{"a":${info("[1]", "[‸0.5,4]")}}`,
    0,
    `the header has "0.5", need ${INTEGER}`,
  ],
  ["an exponent", `{"a":${info("[1]", "[0,‸4e0]")}}`, 0, `the header has "4e0", need ${INTEGER}`],
  ["a leading zero", `{"a":${info("[1]", "[0,‸04]")}}`, 0, `the header has "04", need ${INTEGER}`],
  [
    "an offset of 2^53",
    `{"a":${info("[1]", "[0,‸9007199254740992]")}}`,
    0,
    `the header has "9007199254740992", need ${INTEGER}`,
  ],
  [
    "an offset that is a string",
    `{"a":${info("[1]", '[‸"0",4]')}}`,
    0,
    `the header has "\\"", need ${INTEGER}`,
  ],
  ["three offsets", `{"a":${info("[1]", "[0,4,8]")}‸}`, 0, `tensor "a" ${FIELDS}`],
  ["no offsets", '{"a":{"dtype":"F32","shape":[1]}‸}', 0, `tensor "a" ${FIELDS}`],
  [
    "a field twice",
    '{"a":{"dtype":"F32","dtype":‸"F32"}}',
    0,
    'tensor "a" has the field "dtype" twice or in excess',
  ],
  [
    "a shape that does not fit",
    `{"a":${info("[2,2]", "[0,12]")}‸}`,
    12,
    'tensor "a" of type F32 and shape [2,2] needs 16 bytes, has 12',
  ],
  [
    "a product beyond all numbers",
    `{"a":${info("[4294967296,4294967296]", "[0,0]")}‸}`,
    0,
    'tensor "a" of shape [4294967296,4294967296] has more values than can be counted',
  ],
  [
    "a product beyond all numbers, times 0",
    `{"a":${info("[4294967296,4294967296,0]", "[0,0]")}‸}`,
    0,
    'tensor "a" of shape [4294967296,4294967296,0] has more values than can be counted',
  ],
  [
    "a size of 2^63",
    `{"a":${info("[2,‸9223372036854775808]", "[0,4]")}}`,
    0,
    `the header has "9223372036854775808", need ${INTEGER}`,
  ],
  [
    "metadata that are no string",
    '{"__metadata__":{"epoch":‸3}}',
    0,
    'the header has "3", need a string',
  ],
  [
    "metadata that occur twice",
    '{"__metadata__":{"a":"1","a":‸"2"}}',
    0,
    'the metadata "a" occur twice',
  ],
  ["metadata that are null", '{"__metadata__":‸null}', 0, 'the header has "n", need "{"'],
  [
    "too many metadata",
    `{"__metadata__":{${Array.from({ length: 1e5 }, (_, i) => `"${i}":""`)},"x":‸""}}`,
    0,
    "the metadata have more than 100000 entries",
  ],
  // From here on the mistake is in the data: the mark is at the end, and the message says where.
  [
    "overlapping tensors",
    `{"a":${info("[2]", "[0,8]")},"b":${info("[2]", "[4,12]")}}‸`,
    12,
    'tensor "b" leaves a hole or overlaps: it starts at 4, need 8',
  ],
  [
    "a hole",
    `{"a":${info("[1]", "[0,4]")},"b":${info("[1]", "[8,12]")}}‸`,
    12,
    'tensor "b" leaves a hole or overlaps: it starts at 8, need 4',
  ],
  [
    "a hole at the start",
    `{"a":${info("[1]", "[4,8]")}}‸`,
    8,
    'tensor "a" leaves a hole or overlaps: it starts at 4, need 0',
  ],
  [
    "bytes at the end",
    `{"a":${info("[1]", "[0,4]")}}‸`,
    5,
    "the tensors have 4 bytes, the file has 5 after its header",
  ],
  [
    "the last byte missing",
    `{"a":${info("[1]", "[0,4]")}}‸`,
    3,
    "the tensors have 4 bytes, the file has 3 after its header",
  ],
];

const HOSTILE = [
  ...HOSTILE_FILES,
  ...HOSTILE_HEADERS.map(([what, marked, data, message]) => {
    const [before, after] = marked.split("‸") as [string, string];
    const at = 8 + new TextEncoder().encode(before).length;
    return [what, fileOf(before + after, data), `${message}, at byte ${at}`] as const;
  }),
];

const READ = "Cannot read safetensors data: ";

for (const [what, file, message] of HOSTILE) {
  Deno.test(`A file with ${what} is refused`, async () => {
    assertEquals(assertThrows(() => parseSafetensors(file), FplusxError).message, READ + message);
    const opened = await assertRejects(() => openSafetensors(source(file)), FplusxError);
    assertEquals(opened.message, READ + message);
    assertEquals(opened.code, "FORMAT");
  });
}

Deno.test("An element type that is not supported is named", () => {
  const error = assertThrows(
    () => parseSafetensors(fileOf(`{"w":${info("[4]", "[0,4]", "F8_E4M3")}}`, 4)),
    FplusxError,
  );
  assertEquals(error.code, "DTYPE");
  assertEquals(
    error.message,
    'Cannot read tensor "w" of type "F8_E4M3": need one of U64, I64, F64, F32, U32, I32, BF16, F16, ' +
      "U16, I16, I8, U8, BOOL",
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
  assertEquals(error.message, `${READ}need 8 bytes, got 7, at byte ${size - 8}`);
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
