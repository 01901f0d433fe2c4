/** Hostile headers: each is refused with its own text, at the byte where it goes wrong. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FplusxError } from "@fplusx/nn";
import { openSafetensors, parseSafetensors } from "@fplusx/nn/weights";
import { fileOf, source } from "./fuzz.ts";

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
