/**
 * `Conv2DBackpropFilter`, which tfjs lacks on WASM: for each tap of the kernel a product of the
 * shifted input, channels first, with the output's gradient, summed over all pixels of all images.
 * All three ways of doing it hand the work to XNNPACK:
 *
 * - a 1×1 kernel needs one matrix product;
 * - with few channels the shifted inputs are laid out as one matrix (im2col) for one product;
 * - otherwise nothing is copied for a tap. The images lie in padded planes on one long row a channel,
 *   where a shift is an offset. XNNPACK multiplies no matrix whose rows lie further apart than they
 *   are long, but a one-dimensional convolution whose stride is that distance is such a product, and
 *   the gradient, which is its filter, is packed once for all taps. A stride of the original
 *   convolution splits the planes into phases.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import { type Kernel, type Scratch, sizeOf, type TensorInfo, view } from "../scratch.ts";
import { multiply, multiplyInto } from "./mat_mul.ts";

type Geometry = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** With fewer input channels than this, im2col is faster. */
const FEW_CHANNELS = 8;
/** Most elements of an im2col matrix at a time: 16 MiB. */
const COLUMNS = 2 ** 22;
/** Most pixels in one product, so that what it reads stays in the cache. */
const PIXELS = 8192;
/** What the row of a strided convolution is made of, as channels; rows are padded to it. */
const GROUP = 16;

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
  const { filterHeight, filterWidth, padInfo, inChannels } = info;
  const pointwise = filterHeight * filterWidth === 1 && padInfo.top === 0 && padInfo.left === 0;
  const gradient = pointwise ? product : inChannels < FEW_CHANNELS ? byColumns : byShifts;
  return view(gradient(pad, x, dy, info), filterShape);
};

function product(pad: Scratch, x: TensorInfo, dy: TensorInfo, info: Geometry): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, strideHeight, strideWidth } = info;
  const { outHeight, outWidth, outChannels } = info;
  let used = x;
  if (strideHeight > 1 || strideWidth > 1 || outHeight < inHeight || outWidth < inWidth) {
    used = pad.make([batchSize, outHeight, outWidth, inChannels]);
    const row = inWidth * inChannels;
    pad.copy(
      used.shape,
      { of: x, strides: [inHeight * row, strideHeight * row, strideWidth * inChannels, 1] },
      { of: used },
    );
  }
  const pixels = batchSize * outHeight * outWidth;
  const turned = pad.run("Transpose", { x: view(used, [pixels, inChannels]) }, { perm: [1, 0] });
  return multiply(pad, turned, view(dy, [pixels, outChannels]));
}

function byColumns(pad: Scratch, x: TensorInfo, dy: TensorInfo, info: Geometry): TensorInfo {
  const { batchSize, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } =
    info;
  const { strideHeight, strideWidth } = info;
  const height = Math.max(info.inHeight + info.padInfo.top, needed(info).height);
  const width = Math.max(info.inWidth + info.padInfo.left, needed(info).width);
  const plane = height * width;
  const planes = layOut(pad, x, info, { height, width, pitch: batchSize * plane, phases: [1, 1] });

  const rows = filterHeight * filterWidth * inChannels;
  const pixels = outHeight * outWidth;
  const images = Math.min(batchSize, Math.max(1, Math.floor(COLUMNS / (rows * pixels))));
  const partial = pad.make([Math.ceil(batchSize / images), rows, outChannels]);
  for (let first = 0, i = 0; first < batchSize; first += images, i++) {
    const count = Math.min(images, batchSize - first);
    const columns = pad.make([rows, count * pixels]);
    pad.copy(
      [filterHeight, filterWidth, inChannels, count, outHeight, outWidth],
      {
        of: planes,
        at: first * plane,
        strides: [width, 1, batchSize * plane, plane, strideHeight * width, strideWidth],
      },
      { of: columns },
    );
    multiplyInto(
      pad,
      columns,
      pad.alias(dy, first * pixels * outChannels, [count * pixels, outChannels]),
      pad.alias(partial, i * rows * outChannels, [rows, outChannels]),
    );
    pad.free(columns);
  }
  return pad.run("Sum", { x: partial }, { axis: 0, keepDims: false });
}

function byShifts(pad: Scratch, x: TensorInfo, dy: TensorInfo, info: Geometry): TensorInfo {
  const { batchSize, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } =
    info;
  const { strideHeight, strideWidth, padInfo: { top, left } } = info;
  // Without a stride, a row's padding on the left serves the row before it on the right.
  const [above, before] = [strideHeight === 1 ? top : 0, strideWidth === 1 ? left : 0];
  const tall = Math.max(info.inHeight + top, needed(info).height - above);
  const wide = Math.max(info.inWidth + left, needed(info).width - before);
  const height = Math.max(Math.ceil(tall / strideHeight), outHeight);
  const width = Math.max(Math.ceil(wide / strideWidth), outWidth);
  const plane = height * width;

  const images = Math.min(batchSize, Math.max(1, Math.floor(PIXELS / plane)));
  const chunks = Math.ceil(batchSize / images);
  const pixels = roundUp(images * plane); // of a chunk; what is too much meets zeros of the gradient
  const offset = (i: number, j: number) =>
    Math.floor(i / strideHeight) * width + Math.floor(j / strideWidth);
  const reach = (chunks - 1) * images * plane + pixels + offset(filterHeight - 1, filterWidth - 1);
  const pitch = roundUp(reach);
  const phases: [number, number] = [strideHeight, strideWidth];
  const planes = layOut(pad, x, info, { height, width, pitch, phases });
  const gradients = pad.zeros([chunks, pixels, outChannels]);
  for (let first = 0, i = 0; first < batchSize; first += images, i++) {
    pad.copy(
      [Math.min(images, batchSize - first), outHeight, outWidth * outChannels],
      {
        of: dy,
        at: first * outHeight * outWidth * outChannels,
        strides: [outHeight * outWidth * outChannels, outWidth * outChannels, 1],
      },
      {
        of: gradients,
        at: i * pixels * outChannels,
        strides: [plane * outChannels, width * outChannels, 1],
      },
    );
  }

  const size = inChannels * outChannels;
  const taps = filterHeight * filterWidth;
  const partial = pad.make([chunks, taps * size]);
  const length = (inChannels - 1) * pitch + pixels;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const filter = pad.alias(gradients, chunk * pixels * outChannels, [pixels, outChannels]);
    for (let tap = 0; tap < taps; tap++) {
      const [i, j] = [Math.floor(tap / filterWidth), tap % filterWidth];
      const phase = (i % strideHeight) * strideWidth + j % strideWidth;
      const start = phase * inChannels * pitch + chunk * images * plane + offset(i, j);
      const out = pad.alias(partial, (chunk * taps + tap) * size, [inChannels, outChannels]);
      const row = pad.alias(planes, start, [length]);
      // deno-fmt-ignore -- image [1, 1, length / group, group]; filter; padding, "same"; dilation, stride; channels
      pad.native("Conv2D", [
        row, 1, 1, length / GROUP, filter, 1, pixels / GROUP, 0, 0, 0, 0, 0,
        1, 1, 1, pitch / GROUP, GROUP, outChannels, out,
      ]);
    }
  }
  return chunks === 1 ? partial : pad.run("Sum", { x: partial }, { axis: 0, keepDims: false });
}

const roundUp = (n: number): number => Math.ceil(n / GROUP) * GROUP;

/** Height and width that the windows of a convolution cover, padding included. */
function needed(info: Geometry): { height: number; width: number } {
  return {
    height: (info.outHeight - 1) * info.strideHeight + info.filterHeight,
    width: (info.outWidth - 1) * info.strideWidth + info.filterWidth,
  };
}

interface Layout {
  /** Size of a plane: an image's pixels of one channel and phase, padding included. */
  readonly height: number;
  readonly width: number;
  /** Distance of channels; the planes of all images lie in between. */
  readonly pitch: number;
  /** Into how many phases rows and columns are dealt out. */
  readonly phases: readonly [number, number];
}

/** The input as `[phase, channel, pitch]`, with zeros all around. */
function layOut(pad: Scratch, x: TensorInfo, info: Geometry, layout: Layout): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, padInfo } = info;
  const { height, width, pitch, phases } = layout;
  const pixels = batchSize * inHeight * inWidth;
  const turned = pad.run("Transpose", { x: view(x, [pixels, inChannels]) }, { perm: [1, 0] });
  const planes = pad.zeros([sizeOf(phases), inChannels, pitch]);
  for (let i = 0; i < phases[0]; i++) {
    const rows = dealt(inHeight, padInfo.top, i, phases[0]);
    for (let j = 0; j < phases[1]; j++) {
      const columns = dealt(inWidth, padInfo.left, j, phases[1]);
      pad.copy(
        [inChannels, batchSize, rows.count, columns.count],
        {
          of: turned,
          at: rows.first * inWidth + columns.first,
          strides: [pixels, inHeight * inWidth, phases[0] * inWidth, phases[1]],
        },
        {
          of: planes,
          at: (i * phases[1] + j) * inChannels * pitch + rows.target * width + columns.target,
          strides: [pitch, height * width, width, 1],
        },
      );
    }
  }
  pad.free(turned);
  return planes;
}

/** Which of `size` rows, after padding, fall in phase `phase` of `phases`, and where they go there. */
function dealt(size: number, padding: number, phase: number, phases: number) {
  const first = (((phase - padding) % phases) + phases) % phases;
  const count = Math.max(0, Math.ceil((size - first) / phases));
  return { first, count, target: (first + padding - phase) / phases };
}
