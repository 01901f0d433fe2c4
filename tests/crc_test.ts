import { assertEquals } from "@std/assert";
import { crc32, crc32c } from "../lib/crc.ts";

Deno.test("checksums have the check values of their catalogue", () => {
  const digits = new TextEncoder().encode("123456789");
  assertEquals([crc32(digits), crc32c(digits)], [0xcbf43926, 0xe3069283]);
});
