/** `data`: what is told of a data set. */

import { assertEquals } from "@std/assert";
import { main } from "@fplusx/nn/cli";
import { png } from "../deno/png.ts";
import { withFiles } from "../deno/temporary_folder.ts";

/** Runs the command line and collects what it prints to standard output. */
async function printed(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    assertEquals(await main(args), 0);
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

Deno.test("data counts the images of each class, and measures them", async () => {
  const picture = (value: number) => png(2, 2, new Uint8Array(12).fill(value));
  const parts = {
    "train/cat/1.png": await picture(0),
    "train/cat/2.png": await picture(0),
    "train/elephant/1.png": await picture(0),
    "train/elephant/2.png": await picture(255),
    "test/cat/1.png": await picture(7),
    "test/elephant/1.png": await picture(7),
    "test/elephant/2.png": await picture(7),
  };
  await withFiles(parts, async (folder) => {
    assertEquals(
      await printed("data", "--data", "images", "--folder", folder),
      [
        "images: images of 2 × 2 × 3",
        "",
        "class      train    test",
        "cat            2       1",
        "elephant       2       2",
        "all            4       3",
        "",
        "mean 0.2500 0.2500 0.2500, deviation 0.4330 0.4330 0.4330 (train, from 0 to 1)",
      ].join("\n"),
    );
    const json = await printed("data", "--data", "images", "--folder", folder, "--json");
    const { data, train, classes, mean } = JSON.parse(json);
    assertEquals([data, train, mean], ["images", [4, 2, 2, 3], [0.25, 0.25, 0.25]]);
    assertEquals(classes[1], { name: "elephant", train: 2, test: 2 });
  });
});
