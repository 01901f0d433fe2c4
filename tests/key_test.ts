import { assertEquals } from "@std/assert";
import { threefry, type Words } from "../lib/key.ts";

/** Known answers published with Random123 (`kat_vectors`, threefry4x32 with 20 rounds). */
const KNOWN: [counter: Words, key: Words, answer: Words][] = [
  [[0, 0, 0, 0], [0, 0, 0, 0], [0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8]],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
    [0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84],
  ],
];

Deno.test("threefry() gives the known answers of Random123", () => {
  for (const [counter, key, answer] of KNOWN) assertEquals(threefry(counter, key), answer);
});
