import { assertEquals } from "@std/assert";
import type { Result } from "./race.ts";
import { section, tableRows, withSection } from "./table.ts";

const figures = { medianMs: 10, firstMs: 99.6, imagesPerSecond: 3200, memoryMB: 300 };
const result: Result = {
  ...figures,
  name: "resnet20",
  backend: "webgpu",
  adapter: "a GPU",
  batch: 32,
  gpuMB: 120.4,
  peers: { slow: { ...figures, medianMs: 40, scaledFromBatch: 4 } },
  ratios: { slow: 4 },
};

Deno.test("A race is a line for each library", () => {
  assertEquals(tableRows(result), [
    ["resnet20, batch 32", "**fplusx**", "10", "", "100", "3200", "300 + 120"],
    ["resnet20, batch 32", "slow (scaled from batch 4)", "40", "4×", "100", "3200", "300"],
  ]);
});

Deno.test("A section is replaced, and the others stay", () => {
  const first = withSection(withSection("", "one", "## one\n\n1\n"), "two", "## two\n\n2\n");
  const second = withSection(first, "one", section("one", "bench one", [result]));
  assertEquals(second.match(/^## .*/gm), ["## one", "## two"]);
  assertEquals(second.includes("`bench one` on a GPU"), true);
  assertEquals(second.endsWith("## two\n\n2\n"), true);
  assertEquals(withSection(first, "one", "## one\n\n1\n"), first);
});
