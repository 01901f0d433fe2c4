/**
 * The ways in which papers test on one image: a crop from its middle, ten crops, several sizes, several
 * models. Each is a function from a model and an image to probabilities, so that they can be put into
 * one another.
 *
 * He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015, section 3.4.
 *
 * @module
 */

import { EmptyError, ShapeError, showShape } from "../errors.ts";
import { abstractKey } from "../key.ts";
import type { Model } from "../combinators/fold_batch_norm.ts";
import { evalMode, type Layer, type Variables } from "../layer.ts";
import { concat, mean, reshape, softmax, tidy } from "../ops.ts";
import type { Tensor } from "../tensor.ts";
import { entries, flatten } from "../tree.ts";
import { tenCrops } from "./crop.ts";
import type { Image } from "./image.ts";
import { normalize, prepare, type Preset } from "./preset.ts";
import { resizeShorter } from "./resize.ts";

/**
 * A way to test: gives the probabilities `[classes]` that a model sees in an image; the model gives
 * scores `[batch, classes]`, before the softmax. What comes out is the caller's.
 */
export type Protocol = (
  model: Layer,
  variables: Variables,
  image: Image,
  preset: Preset,
) => Tensor;

/**
 * Tests on the middle of an image, as the preset says: the protocol of torchvision's tables.
 *
 * @example Probabilities
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { key, ops, setup } from "@fplusx/nn";
 * import { image, preset, singleCrop } from "@fplusx/nn/images";
 * import { mnistResnet } from "@fplusx/nn/models";
 *
 * await setup({ backend: "cpu" });
 * const model = mnistResnet();
 * const variables = model.init(key(0), [1, 28, 28, 1]);
 * const black = image(28, 28, new Uint8Array(28 * 28 * 3));
 * using probabilities = singleCrop(model, variables, black, preset("mnist"));
 * assertAlmostEquals((await ops.sum(probabilities).data())[0]!, 1, 1e-5);
 * ```
 */
export function singleCrop(
  model: Layer,
  variables: Variables,
  image: Image,
  preset: Preset,
): Tensor {
  return tidy(() => average([probabilities(model, variables, prepare([image], preset))]));
}

/**
 * Tests on ten crops, see {@linkcode tenCrops}, of the image resized as the preset says, and averages
 * the probabilities: the protocol of the paper's comparisons.
 *
 * @throws {ArgumentError} If the crop of the preset is larger than the image is then.
 */
export function tenCrop(
  model: Layer,
  variables: Variables,
  image: Image,
  { side, crop, statistics }: Preset,
): Tensor {
  return tidy(() => {
    const views = tenCrops(resizeShorter(image, side), crop);
    return average([probabilities(model, variables, normalize(views, statistics))]);
  });
}

/** The shorter sides of the paper's best results. */
const SIDES = [224, 256, 384, 480, 640];

/**
 * Gives a protocol that tests on the whole image in several sizes, and averages the probabilities. The
 * model is applied to all pixels at once (fully convolutionally), so it has to end in a pooling of
 * them. For the paper's best results, `sides` are 224, 256, 384, 480 and 640, the default.
 *
 * @param sides Pixels of the shorter side.
 * @throws {EmptyError} If there are no sides.
 * @throws {ShapeError} From the protocol, if the model takes images of one size only.
 *
 * @example Two sizes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup } from "@fplusx/nn";
 * import { image, multiScale, preset } from "@fplusx/nn/images";
 * import { mnistResnet } from "@fplusx/nn/models";
 *
 * await setup({ backend: "cpu" });
 * const model = mnistResnet();
 * const variables = model.init(key(0), [1, 28, 28, 1]);
 * const wide = image(28, 56, new Uint8Array(28 * 56 * 3));
 * using probabilities = multiScale([28, 32])(model, variables, wide, preset("mnist"));
 * assertEquals(probabilities.shape, [10]);
 * ```
 */
export function multiScale(sides: readonly number[] = SIDES): Protocol {
  if (sides.length === 0) throw new EmptyError("Cannot test at several sizes: there is none");
  return (model, variables, image, { statistics }) =>
    tidy(() =>
      average(sides.map((side) => {
        const x = normalize([resizeShorter(image, side)], statistics);
        checkFits(model, variables, x);
        return probabilities(model, variables, x);
      }))
    );
}

/**
 * Averages the probabilities that several models see in an image.
 *
 * @param protocol How each is tested; {@linkcode singleCrop} by default.
 * @throws {EmptyError} If there is no model.
 *
 * @example Twice the same is the same
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { key, setup } from "@fplusx/nn";
 * import { ensemble, image, preset, singleCrop } from "@fplusx/nn/images";
 * import { mnistResnet } from "@fplusx/nn/models";
 *
 * await setup({ backend: "cpu" });
 * const model = mnistResnet();
 * const variables = model.init(key(0), [1, 28, 28, 1]);
 * const black = image(28, 28, new Uint8Array(28 * 28 * 3));
 * using one = singleCrop(model, variables, black, preset("mnist"));
 * const members = [{ model, variables }, { model, variables }];
 * using both = ensemble(members, black, preset("mnist"));
 * assertEquals(await both.data(), await one.data());
 * ```
 */
export function ensemble(
  members: readonly Model[],
  image: Image,
  preset: Preset,
  protocol: Protocol = singleCrop,
): Tensor {
  if (members.length === 0) throw new EmptyError("Cannot average models: there is none");
  return tidy(() =>
    average(members.map(({ model, variables }) => protocol(model, variables, image, preset)))
  );
}

function probabilities(model: Layer, variables: Variables, x: Tensor): Tensor {
  const [scores] = model.apply(variables, x, evalMode);
  return softmax(scores); // [images, classes]
}

/** The mean of rows `[classes]`, and of matrices `[images, classes]` row by row. */
function average(parts: readonly Tensor[]): Tensor {
  return mean(concat(parts.map((part) => reshape(part, [-1, part.shape.at(-1)!])), 0), 0);
}

/** Checks that the parameters are those of a model for images of this size. */
function checkFits(model: Layer, { params }: Variables, x: Tensor): void {
  const needed = flatten(model.init(abstractKey, x.shape).params);
  for (const [path, { shape }] of entries(params)) {
    const need = needed.get(path)?.shape ?? [];
    if (showShape(need) === showShape(shape)) continue;
    throw new ShapeError(
      `Cannot apply the model to images of ${x.shape[1]} × ${x.shape[2]} pixels: it needs shape ` +
        `${showShape(need)} where it has ${showShape(shape)}`,
      path,
    );
  }
}
