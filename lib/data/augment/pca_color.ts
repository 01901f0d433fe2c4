/**
 * The colour augmentation of AlexNet: along the principal components of the colours of ImageNet, by
 * as much as they vary. The light of a picture changes, and what it shows does not.
 *
 * Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*
 * (NIPS 2012), section 4.1; the numbers are those of fb.resnet.torch.
 *
 * @module
 */

import { ArgumentError, ShapeError } from "../../errors.ts";
import { normalValues } from "../../random.ts";
import { channelsOf, floats } from "../picture.ts";
import type { Augmentation } from "./augmentation.ts";

/** Variances along the components, of values from 0 to 1. */
const VARIANCES = [0.2175, 0.0188, 0.0045] as const;

/** What each component adds to red, green and blue: one row for each colour. */
const COMPONENTS = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.8140],
  [-0.5836, -0.6948, 0.4203],
] as const;

/**
 * Adds a random mixture of the principal colours to every pixel. The picture becomes floats from about
 * 0 to 1, so that nothing is rounded or cut off.
 *
 * @param deviation How strong; 0.1 by default, as in AlexNet and the paper.
 * @throws {ArgumentError} If the deviation is negative.
 * @throws {ShapeError} When augmenting, if the picture does not have 3 channels.
 *
 * @example The whole picture moves the same way
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key } from "@fplusx/nn";
 * import { pcaColor } from "@fplusx/nn/data";
 *
 * const pair = { height: 1, width: 2, data: Uint8Array.of(0, 0, 0, 255, 255, 255) };
 * const { data } = pcaColor()(pair, key(0));
 * assertAlmostEquals(data[3]! - data[0]!, 1, 1e-6);
 * ```
 */
export function pcaColor(deviation = 0.1): Augmentation {
  if (!(deviation >= 0 && deviation < Infinity)) {
    throw new ArgumentError(
      `Cannot change colours with deviation ${deviation}: need a number of at least 0`,
    );
  }
  return (picture, key) => {
    if (channelsOf(picture) !== 3) {
      throw new ShapeError(
        `Cannot change the colours of a picture of ${channelsOf(picture)} channels: need 3`,
      );
    }
    const shift = colorShift(normalValues(key, 3).map((value) => value * deviation));
    const data = floats(picture.data);
    for (let i = 0; i < data.length; i += 3) {
      data[i]! += shift[0];
      data[i + 1]! += shift[1];
      data[i + 2]! += shift[2];
    }
    return { ...picture, data };
  };
}

/** What is added to red, green and blue, for these amounts of the components. */
export function colorShift(amounts: ArrayLike<number>): [number, number, number] {
  const [red, green, blue] = COMPONENTS.map((row) =>
    row.reduce((sum, part, i) => sum + part * amounts[i]! * VARIANCES[i]!, 0)
  );
  return [red!, green!, blue!];
}
