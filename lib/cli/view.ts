/**
 * What `predict` looks at: a test image of a data set, or a picture in a file.
 *
 * @module
 */

import { pickSamples, type Picture, readBatches, type Samples } from "../data/mod.ts";
import { channelsOf } from "../data/picture.ts";
import { fileError, loadImage } from "../deno/mod.ts";
import { ArgumentError } from "../errors.ts";
import { prepare, preset } from "../images/mod.ts";
import type { Tensor } from "../tensor.ts";
import type { Trained } from "./load_model.ts";

/** Something to look at. */
export type View = {
  /** `[1, height, width, channels]`, as the model takes it; owned by the caller. */
  readonly x: Tensor;
  /** What to print above the classes. */
  readonly caption: string;
  /** What to report as JSON. */
  readonly report: Readonly<Record<string, unknown>>;
  /** Name of each class; numbers where there is none. */
  readonly classNames: readonly string[];
};

/**
 * Shows a test image.
 *
 * @throws {ArgumentError} If there is none of this number.
 */
export async function testImage(test: Samples, index: number): Promise<View> {
  if (index >= test.count) {
    throw new ArgumentError(`Cannot use --index ${index}: the test set has ${test.count} images`);
  }
  const { picture, label } = await test.sample(index);
  const [batch] = await Array.fromAsync(
    readBatches(pickSamples(test, Uint32Array.of(index)), { size: 1 }),
  );
  batch!.y.dispose();
  const truth = test.classNames[label]!;
  return {
    x: batch!.x,
    caption: `${drawing(picture)}\ntest image ${index}, labelled ${truth}`,
    report: { index, truth },
    classNames: test.classNames,
  };
}

/**
 * Shows a PNG or JPEG, prepared as the model needs it.
 *
 * @param names File with the name of each class, one a line.
 * @throws {ArgumentError} If it is not known how pictures are prepared for the model.
 * @throws {FileError} If a file cannot be read.
 * @throws {FormatError} If the file is not an image.
 */
export async function picture(
  path: string,
  { name, entry }: Pick<Trained, "name" | "entry">,
  names?: string,
): Promise<View> {
  if (entry.preset === undefined) {
    throw new ArgumentError(
      `Cannot use --image with ${name}: it is not known how its pictures are prepared`,
    );
  }
  const classNames = names === undefined ? [] : await linesOf(names);
  const image = await loadImage(path);
  return {
    x: prepare([image], preset(entry.preset)),
    caption: `${path}, ${image.height} × ${image.width} pixels`,
    report: { image: path, height: image.height, width: image.width },
    classNames,
  };
}

async function linesOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((cause) => {
    throw fileError("read", path, cause);
  });
  return text.trimEnd().split(/\r?\n/);
}

const SHADES = " ░▒▓█";

/** Draws the first channel of a picture, two characters to a pixel. */
function drawing(picture: Picture): string {
  const { height, width, data } = picture;
  const scale = data instanceof Uint8Array ? 255 : 1;
  const shade = (y: number, x: number) => {
    const pixel = data[(y * width + x) * channelsOf(picture)]! / scale;
    return SHADES[Math.max(0, Math.min(4, Math.round(pixel * 4)))]!.repeat(2);
  };
  return Array.from(
    { length: height },
    (_, y) => Array.from({ length: width }, (_, x) => shade(y, x)).join("").trimEnd(),
  ).join("\n");
}
