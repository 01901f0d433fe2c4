/**
 * The question every backend is asked before it is trusted: one convolution and its gradient, on
 * numbers small enough to do again here in plain loops. Drivers do miscompile shaders, and a GPU
 * that silently gives zeros is worse than none.
 *
 * @module
 */

import { BackendError } from "../errors.ts";
import { valueAndGrad } from "../grad.ts";
import { clone, conv2d, mul, square, sum, tensor, tidy } from "../ops.ts";
import { release } from "../ownership.ts";
import type { Tensor } from "../tensor.ts";

const SIDE = 4;
const CHANNELS = 4;
const IMAGE = [1, SIDE, SIDE, CHANNELS];
const KERNEL = [3, 3, CHANNELS, CHANNELS];
const TOLERANCE = 1e-4;

const sequence = (length: number, step: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * step) % 11 - 5) / 8);
const image = sequence(SIDE * SIDE * CHANNELS, 7);
const kernel = sequence(9 * CHANNELS * CHANNELS, 5);

/**
 * Convolves on the active backend and compares with plain loops.
 *
 * @throws {BackendError} If a number is wrong.
 */
export async function selfTest(backend: string, adapter: string): Promise<void> {
  const results = tidy(() => {
    const [[loss, y], [dx, dw]] = valueAndGrad(half, { aux: true })([
      tensor(image, IMAGE),
      tensor(kernel, KERNEL),
    ]);
    loss.dispose();
    return [y, dx, dw];
  });
  try {
    const values = await Promise.all(results.map((result) => result.data()));
    for (const [i, [what, right]] of reference().entries()) {
      const at = right.findIndex((value, j) => !(Math.abs(value - values[i]![j]!) < TOLERANCE));
      if (at < 0) continue;
      throw new BackendError(
        `Cannot trust ${backend} on "${adapter}": element ${at} of ${what} is ` +
          `${values[i]![at]}, need ${right[at]}`,
      );
    }
  } finally {
    release(results);
  }
}

/** Half the sum of squares, so that the gradient of `y` is `y`. */
function half([x, w]: [Tensor, Tensor]): [Tensor, Tensor] {
  const y = conv2d(x, w, { strides: [1, 1], padding: [[1, 1], [1, 1]] });
  return [mul(sum(square(y)), 0.5), clone(y)];
}

function reference(): [what: string, values: Float64Array][] {
  const y = new Float64Array(image.length);
  const dx = new Float64Array(image.length);
  const dw = new Float64Array(kernel.length);
  everyProduct((x, w, out) => y[out]! += image[x]! * kernel[w]!);
  everyProduct((x, w, out) => {
    dx[x]! += y[out]! * kernel[w]!;
    dw[w]! += y[out]! * image[x]!;
  });
  return [["a convolution", y], ["its input gradient", dx], ["its filter gradient", dw]];
}

/** Visits the elements of image and kernel whose product is part of an element of the result. */
function everyProduct(visit: (x: number, w: number, out: number) => void): void {
  for (let at = 0; at < SIDE * SIDE; at++) {
    for (let tap = 0; tap < 9; tap++) {
      const row = Math.floor(at / SIDE) + Math.floor(tap / 3) - 1;
      const column = at % SIDE + tap % 3 - 1;
      if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
      for (let from = 0; from < CHANNELS; from++) {
        for (let to = 0; to < CHANNELS; to++) {
          visit(
            (row * SIDE + column) * CHANNELS + from,
            (tap * CHANNELS + from) * CHANNELS + to,
            at * CHANNELS + to,
          );
        }
      }
    }
  }
}
