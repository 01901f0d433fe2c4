/** Images from files: read, or refused by name. */

import { assertEquals, assertRejects } from "@std/assert";
import { FileError, FormatError } from "@fplusx/nn";
import { loadImage } from "@fplusx/nn/deno";
import { greyPng } from "../images/png_writer.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  await Deno.mkdir("runs", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "runs", prefix: "image-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadImage() decodes a file, by path and by URL", () =>
  inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/two.png`, await greyPng(2, Uint8Array.of(5, 250)));
    const expected = { height: 1, width: 2, data: Uint8Array.of(5, 5, 5, 250, 250, 250) };
    assertEquals(await loadImage(`${folder}/two.png`), expected);
    assertEquals(await loadImage(new URL(`file://${Deno.cwd()}/${folder}/two.png`)), expected);
  }));

Deno.test("loadImage() says which file it cannot read or decode", () =>
  inFolder(async (folder) => {
    const missing = await assertRejects(() => loadImage(`${folder}/none.png`), FileError);
    assertEquals(
      missing.message,
      `Cannot read "${folder}/none.png": no such file or directory (ENOENT)`,
    );
    await Deno.writeTextFile(`${folder}/text.png`, "GIF89a");
    const wrong = await assertRejects(() => loadImage(`${folder}/text.png`), FormatError);
    assertEquals(
      wrong.message,
      "Cannot decode an image: need a PNG or JPEG, but it starts with 0x47494638, at byte 0, " +
        `at "${folder}/text.png"`,
    );
    await Deno.writeFile(`${folder}/large.png`, await greyPng(2, Uint8Array.of(5, 250)));
    await assertRejects(() => loadImage(`${folder}/large.png`, { maxPixels: 1 }), FormatError);
  }));
