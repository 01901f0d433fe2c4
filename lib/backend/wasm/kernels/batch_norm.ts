/**
 * Batch normalization in train mode, in one pass over the data for its moments, one forward and two
 * back. Several rows of channels are one long row, so that vectors are full whatever the number of
 * channels; blocks of long rows are summed in floats, and their sums in doubles. The elements after
 * the last long row are done in plain loops, which say what the fast ones do.
 *
 * @module
 */

import { sizeOf } from "../../../tensor.ts";
import type { Kernel, Scratch, TensorInfo } from "../scratch.ts";
import { sharesOf } from "../simd/product.ts";
import { STRIP } from "../simd/normalization.ts";

/** Long rows of a block: more would round worse. */
const BLOCK = 256;
/** Length from which on a row pays for its loop. */
const LONG = 256;

/** How the elements of a tensor make long rows. */
interface Layout {
  readonly channels: number;
  /** Length of a long row. */
  readonly width: number;
  /** Number of long rows. */
  readonly rows: number;
  /** Number of elements in them. */
  readonly end: number;
  readonly size: number;
}

function layoutOf({ shape }: TensorInfo, least: number): Layout {
  const [channels, size] = [shape.at(-1)!, sizeOf(shape)];
  let width = channels;
  while (width % STRIP > 0 || width < least) width *= 2;
  const rows = Math.floor(size / width);
  return { channels, width, rows, end: rows * width, size };
}

/** What is known of a block of rows: some numbers for each column. */
interface Block {
  readonly rows: number;
  readonly columns: readonly Float32Array[];
}

/** Goes through blocks with a function that leaves so many numbers for each column, strip by strip. */
function blocksOf(
  pad: Scratch,
  { width, rows, end }: Layout,
  name: "moments" | "gradientSums",
  results: number,
  inputs: readonly TensorInfo[],
  whole: readonly number[] = [],
): Block[] {
  const blocks = sharesOf(rows, Math.ceil(rows / BLOCK));
  const sums = pad.make([blocks.length, results * width]);
  pad.perform(
    blocks.map(({ first, count }, i) => [
      name,
      ...inputs.map((x) => pad.address(x) + 4 * first * width),
      ...[...whole, 4 * width, count, width / STRIP],
      pad.address(sums) + 4 * i * results * width,
    ]),
    end,
  );
  const values = pad.floats(sums);
  let at = 0;
  return blocks.map(({ count }) => {
    const columns = Array.from({ length: results }, () => new Float32Array(width));
    for (let column = 0; column < width; column += STRIP) {
      for (const each of columns) each.set(values.subarray(at, at += STRIP), column);
    }
    return { rows: count, columns };
  });
}

/** `FplusxMoments`: the mean and the biased variance `[channels]`, over all other axes. */
export const moments: Kernel = (pad, { x }) => {
  const layout = layoutOf(x, STRIP);
  const { channels, width, end, size } = layout;
  const blocks = blocksOf(pad, layout, "moments", 3, [x]);
  const [mean, variance] = [pad.make([channels]), pad.make([channels])];
  const values = pad.floats(x);

  const means = new Float64Array(channels);
  for (const { rows, columns: [pivot, sum] } of blocks) {
    for (let i = 0; i < width; i++) means[i % channels]! += rows * pivot![i]! + sum![i]!;
  }
  for (let i = end; i < size; i++) means[i % channels]! += values[i]!;
  for (let c = 0; c < channels; c++) means[c]! /= size / channels;

  const squares = new Float64Array(channels);
  for (const { rows, columns: [pivot, sum, square] } of blocks) {
    for (let i = 0; i < width; i++) {
      const shift = pivot![i]! - means[i % channels]!;
      squares[i % channels]! += square![i]! + shift * (2 * sum![i]! + rows * shift);
    }
  }
  for (let i = end; i < size; i++) {
    squares[i % channels]! += (values[i]! - means[i % channels]!) ** 2;
  }

  pad.floats(mean).set(means);
  pad.floats(variance).set(squares.map((sum) => sum / (size / channels)));
  return [mean, variance];
};

/** `FplusxNormalize`: `(x - mean) / √(variance + epsilon) · weight + bias`. */
export const normalize: Kernel = (pad, { x, ...inputs }, { epsilon }) => {
  const { mean, variance, weight, bias } = read(pad, inputs);
  const scale = weight!.map((w, c) => w / Math.sqrt(variance![c]! + epsilon));
  const layout = layoutOf(x, LONG);
  const y = pad.make(x.shape);
  transform(pad, layout, "normalize", [x, y], [mean!, scale, bias!]);

  const [from, to] = [pad.floats(x), pad.floats(y)];
  for (let i = layout.end; i < layout.size; i++) {
    const c = i % layout.channels;
    to[i] = (from[i]! - mean![c]!) * scale[c]! + bias![c]!;
  }
  return y;
};

/** `FplusxNormalizeGradient`: the gradients by `x`, by `weight` and by `bias`. */
export const normalizeGradient: Kernel = (pad, { dy, x, ...inputs }, { epsilon }) => {
  const { mean, variance, weight } = read(pad, inputs);
  const layout = layoutOf(x, STRIP);
  const { channels, width, end, size } = layout;
  const [dx, dWeight, dBias] = [pad.make(x.shape), pad.make([channels]), pad.make([channels])];

  const means = pad.make([width]);
  pad.floats(means).set(Float32Array.from({ length: width }, (_, i) => mean![i % channels]!));
  const blocks = blocksOf(pad, layout, "gradientSums", 2, [dy, x], [pad.address(means)]);
  const [shift, slope] = [new Float64Array(channels), new Float64Array(channels)];
  for (const { columns: [first, second] } of blocks) {
    for (let i = 0; i < width; i++) {
      shift[i % channels]! += first![i]!;
      slope[i % channels]! += second![i]!;
    }
  }
  const [g, from] = [pad.floats(dy), pad.floats(x)];
  for (let i = end; i < size; i++) {
    const c = i % channels;
    shift[c]! += g[i]!;
    slope[c]! += g[i]! * (from[i]! - mean![c]!);
  }

  const inverse = Float64Array.from(variance!, (v) => 1 / Math.sqrt(v + epsilon));
  const each = (f: (c: number) => number) =>
    Float32Array.from({ length: channels }, (_, c) => f(c));
  const share = channels / size;
  const scale = each((c) => weight![c]! * inverse[c]!);
  const along = each((c) => -weight![c]! * inverse[c]! ** 3 * slope[c]! * share);
  const aside = each((c) => -weight![c]! * inverse[c]! * shift[c]! * share);
  const long = layoutOf(x, LONG);
  transform(pad, long, "normalizeGradient", [dy, x, dx], [mean!, along, aside, scale]);
  const [gradients, values, to] = [dy, x, dx].map((x) => pad.floats(x)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let i = long.end; i < size; i++) {
    const c = i % channels;
    to[i] = gradients[i]! * scale[c]! + ((values[i]! - mean![c]!) * along[c]! + aside[c]!);
  }
  pad.floats(dWeight).set(slope.map((sum, c) => sum * inverse[c]!));
  pad.floats(dBias).set(shift);
  return [dx, dWeight, dBias];
};

/** Copies of the values of inputs. */
function read(
  pad: Scratch,
  inputs: Readonly<Record<string, TensorInfo>>,
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => [name, pad.floats(x).slice()]),
  );
}

/** Goes over the long rows of tensors with coefficients for each channel. */
function transform(
  pad: Scratch,
  { channels, width, rows, end }: Layout,
  name: "normalize" | "normalizeGradient",
  tensors: readonly TensorInfo[],
  coefficients: readonly Float32Array[],
): void {
  const table = pad.make([coefficients.length * width]);
  const values = pad.floats(table);
  // Vector by vector, four numbers of each coefficient.
  coefficients.forEach((each, j) => {
    for (let i = 0; i < width; i++) {
      values[(i - i % 4) * coefficients.length + 4 * j + i % 4] = each[i % channels]!;
    }
  });
  pad.perform(
    sharesOf(rows, pad.parts).map(({ first, count }) => [
      name,
      ...tensors.map((x) => pad.address(x) + 4 * first * width),
      ...[pad.address(table), width / 4, count],
    ]),
    end,
  );
}
