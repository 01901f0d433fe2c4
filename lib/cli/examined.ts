/**
 * A model examined on a data set, with the pictures of its mistakes, as it is kept in a folder and
 * shown in a report.
 *
 * @module
 */

import { type Picture, readBatches, type Samples } from "../data/mod.ts";
import { channelsOf } from "../data/picture.ts";
import { encodePng, type Image, image, resizeShorter } from "../images/mod.ts";
import type { PicturedMistake } from "../inspect/mod.ts";
import type { Layer, Variables } from "../layer.ts";
import type { Confusion } from "../train/confusion.ts";
import { examine } from "../train/examine.ts";

/** What an examination found. */
export type Examined = {
  /** What is taken for what. */
  readonly confusion: Confusion;
  /** The mistakes that the model is most sure of. */
  readonly mistakes: readonly PicturedMistake[];
  /** Name of each class. */
  readonly classNames: readonly string[];
};

/** A picture whose shorter side is longer is made smaller. */
const MOST_PIXELS = 128;

/** Examines a model on a data set. */
export async function examineOn(
  data: Samples,
  model: Layer,
  variables: Variables,
  progress?: (examples: number) => void,
): Promise<Examined> {
  const found = await examine(model, variables, {
    batches: readBatches(data, { size: 250 }),
    ...progress === undefined ? {} : { progress },
  });
  const mistakes: PicturedMistake[] = [];
  for (const mistake of found.mistakes) {
    const seen = visible((await data.sample(mistake.index)).picture);
    mistakes.push(seen ? { ...mistake, png: (await encodePng(seen)).toBase64() } : mistake);
  }
  return { confusion: found.confusion, mistakes, classNames: data.classNames };
}

/** Makes an image of a picture, if it has one channel or three. */
function visible(picture: Picture): Image | undefined {
  const { height, width, data } = picture;
  const channels = channelsOf(picture);
  if (channels !== 1 && channels !== 3) return;
  const scale = data instanceof Uint8Array ? 1 : 255;
  const at = (i: number) => data[channels === 1 ? Math.floor(i / 3) : i]! * scale;
  const bytes = Uint8ClampedArray.from({ length: height * width * 3 }, (_, i) => at(i));
  const whole = image(height, width, new Uint8Array(bytes.buffer));
  return Math.min(height, width) > MOST_PIXELS ? resizeShorter(whole, MOST_PIXELS) : whole;
}
