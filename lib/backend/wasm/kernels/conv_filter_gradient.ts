/**
 * `Conv2DBackpropFilter`, which tfjs lacks on WASM: for each tap of the kernel the product of the
 * input's channels with the output's gradients, summed over all pixels. It is added up a band of an
 * image at a time, so that what is read again and again stays in the cache. All taps in a row of the
 * kernel are one matrix, because they lie side by side in the image, too.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { COLUMNS } from "../simd/tile.ts";
import { framed, type Geometry } from "./conv.ts";

/** How many numbers of both operands are gone through at a time: 256 KiB. */
const BAND = 2 ** 16;

/** Steps from which on a sum pays for looking up and putting back what it is added to. */
const LONG = 64;

/** The gradient `[height, width, in, out]` for the kernel of a convolution. */
export const convFilterGradient: Kernel = (pad, { x, dy }, attributes) => {
  const { strides, pad: padding, dimRoundingMode, dataFormat, filterShape } = attributes;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    padding,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
  const missing = (4 - info.outChannels % 4) % 4; // to whole vectors
  if (missing === 0) return correlate(pad, x, dy, info, info.outChannels);
  const none = [[0, 0], [0, 0], [0, 0]];
  const padded = pad.run("PadV2", { x: dy }, {
    paddings: [...none, [0, missing]],
    constantValue: 0,
  });
  const wide = correlate(pad, x, padded, info, info.outChannels + missing);
  return pad.run("Slice", { x: wide }, { begin: [0, 0, 0, 0], size: filterShape });
};

function correlate(
  pad: Scratch,
  x: TensorInfo,
  dy: TensorInfo,
  info: Geometry,
  outputs: number,
): TensorInfo {
  const { batchSize, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth } = info;
  const image = framed(pad, x, info);
  const [, height, width] = image.shape as [number, number, number, number];
  const taps = filterWidth * inChannels;
  const gradient = pad.zeros([filterHeight, filterWidth, inChannels, outputs]);
  const [from, by, to] = [pad.address(image), pad.address(dy), pad.address(gradient)];

  const row = strideHeight * width * inChannels + outWidth * outputs;
  const band = Math.min(outHeight, Math.max(1, Math.floor(BAND / row)));
  // Images whose band is a short sum are taken together, as many as make a long one.
  let together = Math.min(batchSize, Math.ceil(LONG / (outWidth * band)));
  while (batchSize % together > 0) together--;
  const [pixels, outPixels] = [height * width, outHeight * outWidth];
  for (let top = 0; top < outHeight; top += band) {
    pad.compute("rows", [{
      images: batchSize / together,
      from: 0,
      rows: filterHeight * taps,
      perLine: taps,
      columns: outputs,
      inner: outWidth,
      outer: Math.min(band, outHeight - top),
      outermost: together,
      adds: true,
      a: {
        at: from + 4 * top * strideHeight * width * inChannels,
        image: 4 * together * pixels * inChannels,
        line: 4 * width * inChannels,
        row: 4,
        inner: 4 * strideWidth * inChannels,
        outer: 4 * strideHeight * width * inChannels,
        outermost: 4 * pixels * inChannels,
      },
      b: {
        at: by + 4 * top * outWidth * outputs,
        image: 4 * together * outPixels * outputs,
        group: 4 * COLUMNS,
        inner: 4 * outputs,
        outer: 4 * outWidth * outputs,
        outermost: 4 * outPixels * outputs,
      },
      c: { at: to, row: 4 * outputs },
    }]);
  }
  return gradient;
}
