/** Decoding: golden bytes from Pillow, every way to be wrong, and files that are damaged anywhere. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { FormatError } from "@fplusx/nn";
import { decodeImage, type DecodeOptions } from "@fplusx/nn/images";
import { END, header, idat, png, zlib } from "./png_writer.ts";
import golden from "../golden/images.json" with { type: "json" };

const FILES = new Map(golden.decoded.map(({ name, file }) => [name, Uint8Array.fromBase64(file)]));
const fileOf = (name: string) => FILES.get(name)!.slice();
const PNG = "PNG, colour type 2, 8 bits";
const PALETTE = "PNG, colour type 3, 4 bits";
const JPEG = "JPEG, 4:2:0, sequential";
const PROGRESSIVE = "JPEG, 4:2:0, progressive";

for (const { name, file, pixels, size } of golden.decoded) {
  if (pixels === null) continue;
  Deno.test(`decodeImage() decodes ${name}, wherever it lies in memory`, async () => {
    const [height, width] = size as [number, number];
    const expected = { height, width, data: Uint8Array.fromBase64(pixels) };
    const bytes = Uint8Array.fromBase64(file);
    assertEquals(await decodeImage(bytes), expected);
    const moved = new Uint8Array(bytes.length + 3).subarray(3);
    moved.set(bytes);
    assertEquals(await decodeImage(moved), expected);
  });
}

const patched = (name: string, at: number, ...bytes: number[]) => {
  const file = fileOf(name);
  file.set(bytes, at);
  return file;
};
/** Where the marker 0xff `code` of a JPEG is. */
const markerAt = (file: Uint8Array, code: number) =>
  file.findIndex((byte, i) => byte === 0xff && file[i + 1] === code);
const withSize = (height: number, width: number) => {
  const file = fileOf(JPEG);
  new DataView(file.buffer).setUint16(markerAt(file, 0xc0) + 5, height);
  new DataView(file.buffer).setUint16(markerAt(file, 0xc0) + 7, width);
  return file;
};
const pixel = await zlib(Uint8Array.of(0, 1, 2, 3));
const bomb = await zlib(new Uint8Array(2 ** 24));
const insert = (file: Uint8Array, at: number, bytes: readonly number[]) =>
  Uint8Array.from([...file.subarray(0, at), ...bytes, ...file.subarray(at)]);

const WRONG: [what: string, file: Uint8Array, message: string, options?: DecodeOptions][] = [
  ["nothing", new Uint8Array(0), "an image: need a PNG or JPEG, but it has no bytes, at byte 0"],
  [
    "something else",
    new TextEncoder().encode("GIF89a"),
    "an image: need a PNG or JPEG, but it starts with 0x47494638, at byte 0",
  ],
  [
    "a PNG with a wrong signature",
    patched(PNG, 5, 0),
    "an image: need a PNG or JPEG, but it starts with 0x89504e47, at byte 0",
  ],
  ["a signature only", png(), "a PNG: it ends without the chunk IEND, at byte 8"],
  [
    "a PNG of 40 bytes",
    fileOf(PNG).subarray(0, 40),
    "a PNG: the last chunk is cut off, at byte 33",
  ],
  [
    "a PNG without its last byte",
    fileOf(PNG).subarray(0, -1),
    `a PNG: the last chunk is cut off, at byte ${fileOf(PNG).length - 12}`,
  ],
  [
    "a chunk longer than the file",
    patched(PNG, 33, 0xff),
    `a PNG: the chunk tEXt has ${0xff000011} bytes, but ${
      fileOf(PNG).length - 45
    } are left, at byte 33`,
  ],
  [
    "a wrong checksum",
    patched(PNG, 41, 0),
    "a PNG: the chunk tEXt is damaged, its checksum differs, at byte 33",
  ],
  [
    "a name of no letters",
    patched(PNG, 37, 0),
    "a PNG: the name of a chunk is not four letters, at byte 37",
  ],
  ["no header", png(END), "a PNG: the first chunk is IEND, need IHDR, at byte 8"],
  [
    "two headers",
    png(header(1, 1), header(1, 1)),
    "a PNG: the chunk IHDR is not known or comes twice, at byte 33",
  ],
  [
    "a short header",
    png(["IHDR", new Uint8Array(12)]),
    "a PNG: the header has 12 bytes, need 13, at byte 8",
  ],
  ["no rows", png(header(1, 0)), "a PNG: it is 0 × 1 pixels, at byte 16"],
  [
    "60000 × 60000 pixels of nothing",
    png(header(60_000, 60_000), END),
    "a PNG of 60000 × 60000 pixels: need at most 67108864, or more in the option maxPixels, " +
    "at byte 16",
  ],
  [
    "more pixels than asked for",
    fileOf(PNG),
    "a PNG of 9 × 11 pixels: need at most 98, or more in the option maxPixels, at byte 16",
    { maxPixels: 98 },
  ],
  [
    "colour of 4 bits",
    png(header(1, 1, 4)),
    "a PNG: there is no colour type 2 with 4 bits, at byte 8",
  ],
  [
    "colour type 5",
    png(header(1, 1, 8, 5)),
    "a PNG: there is no colour type 5 with 8 bits, at byte 8",
  ],
  [
    "another compression",
    png(header(1, 1, 8, 2, 1)),
    "a PNG: compression, filter and interlacing are 1, 0, 0, at byte 8",
  ],
  ["no pixels", png(header(1, 1), END), "a PNG: there is no chunk IDAT, at byte 33"],
  [
    "no palette",
    png(header(1, 1, 8, 3), idat(pixel), END),
    `a PNG: there is no chunk PLTE, at byte ${45 + pixel.length}`,
  ],
  [
    "a palette of 4 bytes",
    png(header(1, 1, 8, 3), ["PLTE", new Uint8Array(4)]),
    "a PNG: the palette has 4 bytes, need 3 for each of up to 256 colours, at byte 33",
  ],
  [
    "a colour outside of the palette",
    png(
      header(1, 1, 8, 3),
      ["PLTE", new Uint8Array(3)],
      idat(await zlib(Uint8Array.of(0, 1))),
      END,
    ),
    "a PNG: a pixel has colour 1 of 1 in the palette, at byte 48",
  ],
  [
    "an unknown chunk that is critical",
    png(header(1, 1), ["NEWS", new Uint8Array(0)]),
    "a PNG: the chunk NEWS is not known or comes twice, at byte 33",
  ],
  [
    "a filter 5",
    png(header(1, 1), idat(await zlib(Uint8Array.of(5, 1, 2, 3))), END),
    "a PNG: a row has filter 5, need one from 0 to 4, at byte 33",
  ],
  [
    "pixels that are cut off",
    png(header(1, 1), idat(pixel.subarray(0, 4)), END),
    "a PNG: its pixels need 4 bytes, but 1 are packed, at byte 33",
  ],
  [
    "pixels whose checksum differs",
    png(header(1, 1), idat(pixel.map((byte, i) => i === pixel.length - 1 ? byte ^ 1 : byte)), END),
    "a PNG: its compressed pixels are damaged or cut off, at byte 33",
  ],
  [
    "a pixel too few",
    png(header(2, 1), idat(pixel), END),
    "a PNG: its pixels need 7 bytes, but 4 are packed, at byte 33",
  ],
  [
    "a bomb",
    png(header(1, 1), idat(bomb), END),
    "a PNG: its pixels need 4 bytes, but more are packed, at byte 33",
  ],
  ["a JPEG of 3 bytes", fileOf(JPEG).subarray(0, 3), "a JPEG: there is no frame, at byte 3"],
  [
    "a JPEG that ends in its header",
    fileOf(JPEG).subarray(0, 30),
    "a JPEG: the segment 0xdb is cut off, at byte 21",
  ],
  [
    "a JPEG without its last bytes",
    fileOf(JPEG).subarray(0, -40),
    `a JPEG: Premature end of JPEG file, at byte ${markerAt(fileOf(JPEG), 0xc0) + 2}`,
  ],
  [
    "a JPEG with a marker in its pixels",
    insert(fileOf(JPEG), markerAt(fileOf(JPEG), 0xda) + 20, [0xff, 0xd9]),
    "a JPEG: Corrupt JPEG data: premature end of data segment, at byte " +
    (markerAt(fileOf(JPEG), 0xc0) + 2),
  ],
  [
    "a JPEG for print",
    fileOf("JPEG, print"),
    "a JPEG: it has 4 components, need 1 (grey) or 3 (colour), at byte " +
    (markerAt(fileOf("JPEG, print"), 0xc0) + 2),
  ],
  [
    "a JPEG of no rows",
    withSize(0, 23),
    `a JPEG: it is 0 × 23 pixels, at byte ${markerAt(fileOf(JPEG), 0xc0) + 2}`,
  ],
  [
    "a JPEG of 60000 × 60000 pixels",
    withSize(60_000, 60_000),
    "a JPEG of 60000 × 60000 pixels: need at most 67108864, or more in the option maxPixels, " +
    `at byte ${markerAt(fileOf(JPEG), 0xc0) + 2}`,
  ],
  [
    "a JPEG of a thousand scans",
    (() => {
      const file = fileOf(PROGRESSIVE);
      const at = markerAt(file, 0xda);
      const scan = [...file.subarray(at, at + 2 + file[at + 3]!)];
      return insert(file, at, Array.from({ length: 1000 }, () => scan).flat());
    })(),
    "a JPEG: it has 1010 scans, need at most 100, at byte " +
    (markerAt(fileOf(PROGRESSIVE), 0xc2) + 2),
  ],
];

for (const [what, file, message, options] of WRONG) {
  Deno.test(`decodeImage() refuses ${what}`, async () => {
    const error = await assertRejects(() => decodeImage(file, options), FormatError);
    assertEquals(error.message, `Cannot decode ${message}`);
  });
}

Deno.test("decodeImage() takes a damaged JPEG as far as it goes when asked to", async () => {
  const whole = await decodeImage(fileOf(JPEG));
  const cut = await decodeImage(fileOf(JPEG).subarray(0, -40), { tolerant: true });
  assertEquals(cut.data.subarray(0, 3 * cut.width), whole.data.subarray(0, 3 * cut.width));
  assert(cut.data.some((byte, i) => byte !== whole.data[i]));
});

for (const name of [PNG, PALETTE, JPEG, PROGRESSIVE]) {
  Deno.test(`decodeImage() decodes or refuses ${name} with any one bit changed`, async () => {
    const file = fileOf(name);
    let refused = 0;
    for (let i = 0; i < 250; i++) {
      const at = Math.floor(i * file.length / 250);
      const changed = file.map((byte, j) => j === at ? byte ^ 1 << i % 8 : byte);
      try {
        const { height, width, data } = await decodeImage(changed, { maxPixels: 10_000 });
        assertEquals(data.length, height * width * 3);
      } catch (error) {
        assert(error instanceof FormatError, String(error));
        refused++;
      }
    }
    assert(refused > 10, `${refused}`);
    assertEquals((await decodeImage(file)).data, (await decodeImage(fileOf(name))).data);
  });

  Deno.test(`decodeImage() refuses ${name} that ends early, wherever it does`, async () => {
    const file = fileOf(name);
    for (let length = 0; length < file.length - 2; length += 7) {
      await assertRejects(() => decodeImage(file.subarray(0, length)), FormatError);
    }
  });
}

Deno.test("decodeImage() decodes many images at a time", async () => {
  const names = [JPEG, PROGRESSIVE, PNG, PALETTE];
  const files = Array.from({ length: 12 }, (_, i) => fileOf(names[i % names.length]!));
  const together = await Promise.all(files.map((file) => decodeImage(file)));
  for (const [i, file] of files.entries()) assertEquals(together[i], await decodeImage(file));
});
