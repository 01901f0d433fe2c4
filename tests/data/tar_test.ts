/** tar archives: as `tar` writes them, and damaged ones. */

import { assertEquals, assertThrows } from "@std/assert";
import { FormatError } from "@fplusx/nn";
import { untar } from "@fplusx/nn/data";
import { tar } from "./tar.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("untar() gives files by name, whatever their length, and leaves folders out", () => {
  const files = { "a/one": bytes("1"), "a/none": bytes(""), "b": new Uint8Array(512).fill(7) };
  const archive = tar({ ...files, "a/": bytes("") });
  assertEquals(Object.fromEntries(untar(archive)), files);
});

Deno.test("untar() puts the two parts of a long name together", () => {
  const archive = tar({ short: bytes("x") }, "a/long/prefix");
  assertEquals([...untar(archive).keys()], ["a/long/prefix/short"]);
});

const good = tar({ name: bytes("content") });
const WRONG: [what: string, archive: Uint8Array<ArrayBuffer>, message: string][] = [
  ["nothing", new Uint8Array(), "its end is missing, at byte 0"],
  ["no end", good.slice(0, 1024), "its end is missing, at byte 1024"],
  ["half a header", good.slice(0, 1300), "its end is missing, at byte 1024"],
  [
    "half a file",
    good.slice(0, 515),
    'the file "name" has 7 bytes, and 3 are there, at byte 512',
  ],
  [
    "a changed name",
    good.map((byte, i) => i === 2 ? byte ^ 1 : byte),
    "a header has another checksum than it says, at byte 0",
  ],
  [
    "a size that is no number",
    tar({ name: bytes("content") }, "", "7z"),
    "the size of a file is not a number, at byte 124",
  ],
  [
    "something else",
    new Uint8Array(2048).fill(0x20),
    "a header has another checksum than it says, at byte 0",
  ],
];

for (const [what, archive, message] of WRONG) {
  Deno.test(`untar() refuses an archive with ${what}`, () => {
    assertEquals(
      assertThrows(() => untar(archive), FormatError).message,
      `Cannot unpack tar data: ${message}`,
    );
  });
}
