/** IDX files: every element type, every way to be wrong, and packed files that are bombs. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FormatError } from "@fplusx/nn";
import { gunzip, type IdxData, parseIdx } from "@fplusx/nn/data";

function idx(type: number, shape: readonly number[], values: readonly number[]): Uint8Array {
  const header = shape.flatMap((size) => [24, 16, 8, 0].map((shift) => size >>> shift & 0xff));
  return Uint8Array.from([0, 0, type, shape.length, ...header, ...values]);
}

const TYPES: [type: number, bytes: number[], data: IdxData][] = [
  [0x08, [1, 255], Uint8Array.of(1, 255)],
  [0x09, [1, 255], Int8Array.of(1, -1)],
  [0x0b, [1, 2, 255, 254], Int16Array.of(258, -2)],
  [0x0c, [0, 0, 1, 2, 255, 255, 255, 254], Int32Array.of(258, -2)],
  [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], Float32Array.of(1, -2)],
  [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], Float64Array.of(1, -2)],
];

for (const [type, bytes, data] of TYPES) {
  Deno.test(`parseIdx() reads a ${data.constructor.name}, wherever it lies in memory`, () => {
    const file = idx(type, [1, 2], bytes);
    assertEquals(parseIdx(file), { shape: [1, 2], data });
    const moved = new Uint8Array(file.length + 3).subarray(3);
    moved.set(file);
    assertEquals(parseIdx(moved), { shape: [1, 2], data });
  });
}

const WRONG: [what: string, file: Uint8Array, message: string, offset: number][] = [
  ["nothing", new Uint8Array(0), "the file has 0 bytes, need at least 4", 0],
  ["three bytes", new Uint8Array(3), "the file has 3 bytes, need at least 4", 3],
  [
    "a wrong start",
    Uint8Array.of(0x1f, 0x8b, 8, 0),
    "the file starts with 0x1f8b0800, need two zero bytes, a type from 0x08 to 0x0e and a rank",
    0,
  ],
  [
    "an unknown type",
    idx(0x0a, [1], [0]),
    "the file starts with 0x00000a01, need two zero bytes, a type from 0x08 to 0x0e and a rank",
    0,
  ],
  ["rank 0", idx(8, [], [1]), "the rank is 0, need at least 1", 3],
  ["half a header", Uint8Array.of(0, 0, 8, 3, 0, 0), "the header ends early, need 16 bytes", 6],
  ["a size of 0", idx(8, [2, 0], []), "the shape [2,0] has a size of 0", 8],
  [
    "a byte missing",
    idx(8, [2, 2], [1, 2, 3]),
    "the shape [2,2] needs 4 bytes of values, the file has 3",
    12,
  ],
  [
    "a byte too many",
    idx(0x0c, [1], [0, 0, 0, 1, 9]),
    "the shape [1] needs 4 bytes of values, the file has 5",
    8,
  ],
  [
    "enormous sizes",
    idx(0x0e, [2 ** 31, 2 ** 31, 2 ** 31], []),
    "the shape [2147483648,2147483648,2147483648] needs 7.922816251426434e+28 bytes of values, " +
    "the file has 0",
    16,
  ],
  [
    "255 enormous sizes",
    idx(8, Array(255).fill(2 ** 31), []),
    `the shape [${Array(255).fill(2 ** 31)}] needs Infinity bytes of values, the file has 0`,
    1024,
  ],
];

for (const [what, file, message, offset] of WRONG) {
  Deno.test(`parseIdx() refuses a file with ${what}`, () => {
    const error = assertThrows(() => parseIdx(file), FormatError);
    assertEquals(error.message, `Cannot read IDX data: ${message}, at byte ${offset}`);
    assertEquals(error.offset, offset);
  });
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

Deno.test("gunzip() stops at its limit", async () => {
  const bomb = await gzip(new Uint8Array(2 ** 24));
  assertEquals((await gunzip(bomb)).length, 2 ** 24);
  assertEquals(
    (await assertRejects(() => gunzip(bomb, 2 ** 20), FormatError)).message,
    "Cannot unpack gzip data: it holds more than 1048576 bytes, at byte 0",
  );
});

Deno.test("gunzip() refuses what is not gzip, or not all of it", async () => {
  const whole = await gzip(Uint8Array.of(1, 2, 3));
  for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3), whole.slice(0, -4)]) {
    assertEquals(
      (await assertRejects(() => gunzip(bytes), FormatError)).message,
      "Cannot unpack gzip data: it is damaged, or not gzip, at byte 0",
    );
  }
});
