import { assertEquals } from "@std/assert";
import { decodeImage, encodePng, image } from "@fplusx/nn/images";

Deno.test("encodePng() is undone by decodeImage()", async () => {
  for (const [height, width] of [[1, 1], [1, 7], [5, 1], [32, 33]] as const) {
    const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => i * i * 31 + i >> 3);
    const picture = image(height, width, data);
    assertEquals(await decodeImage(await encodePng(picture)), picture);
  }
});
