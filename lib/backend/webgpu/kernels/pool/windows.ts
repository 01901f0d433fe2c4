/**
 * The windows of a pooling as text: a thread has some channels of one pixel, or of one window, and goes
 * over the pixels of windows, or over the windows around a pixel.
 *
 * @module
 */

import { type Element, entry, groupsFor, type Program } from "../../program.ts";

/** Sizes of a pooling of images `[batch, height, width, channels]`; pairs are of height and width. */
export interface Pooling {
  readonly batch: number;
  readonly channels: number;
  /** Pixels of the image. */
  readonly size: Pair;
  /** Number of windows. */
  readonly windows: Pair;
  /** Pixels of a window. */
  readonly window: Pair;
  readonly strides: Pair;
  /** Border before the first pixel. */
  readonly before: Pair;
}

type Pair = readonly [height: number, width: number];

/** Type of the channels that are done at once. */
export function typeOf({ channels }: Pooling): "f32" | "vec4f" {
  return channels % 4 === 0 ? "vec4f" : "f32";
}

const stripsOf = (pooling: Pooling) =>
  typeOf(pooling) === "vec4f" ? pooling.channels / 4 : pooling.channels;

/** A program with a body for each strip of each pixel of the image, or of each window. */
export function poolProgram(
  pooling: Pooling,
  name: string,
  of: "size" | "windows",
  declarations: string,
  body: string,
): Program {
  const [height, width] = pooling[of];
  const strips = stripsOf(pooling);
  const threads = pooling.batch * height * width * strips;
  const places = `  let strip = t % ${strips};
  let column = t / ${strips} % ${width};
  let row = t / ${strips * width} % ${height};
  let n = t / ${strips * width * height};
`;
  return {
    name,
    wgsl: declarations + entry(threads, places + body),
    groups: groupsFor(threads),
    rounds: pooling.window[0] * (1 + pooling.window[1]),
  };
}

/** A loop over the pixels of window `row`, `column` inside the image: `at` is the place of one. */
export function eachPixel(pooling: Pooling, row: string, column: string, body: string): string {
  const { size: [height, width], window, strides, before } = pooling;
  const first = (axis: 0 | 1, window: string) => `${window} * ${strides[axis]} - ${before[axis]}`;
  const range = (axis: 0 | 1, pixel: string, first: string) =>
    `for (var ${pixel} = max(${first}, 0); ` +
    `${pixel} < min(${first} + ${window[axis]}, ${pooling.size[axis]}); ${pixel}++) {`;
  return `  ${range(0, "down", first(0, row))}
    ${range(1, "right", first(1, column))}
      let at = ((n * ${height} + down) * ${width} + right) * ${stripsOf(pooling)} + strip;
      ${body}
    }
  }`;
}

/** A loop over the windows around the pixel: they are `i`, `j`, and `place` is where one is. */
export function eachWindow(pooling: Pooling, body: string): string {
  const { windows, window, strides, before } = pooling;
  const range = (axis: 0 | 1, name: string, pixel: string) => {
    // Rounded up, and towards zero where it is negative.
    const first = `max(${pixel} + ${before[axis] - window[axis] + strides[axis]}, 0) / ${
      strides[axis]
    }`;
    const last = `min((${pixel} + ${before[axis]}) / ${strides[axis]}, ${windows[axis] - 1})`;
    return `for (var ${name} = ${first}; ${name} <= ${last}; ${name}++) {`;
  };
  return `  ${range(0, "i", "row")}
  ${range(1, "j", "column")}
    let place = ((n * ${windows[0]} + i) * ${windows[1]} + j) * ${stripsOf(pooling)} + strip;
    ${body}
  }
  }`;
}

/** Names of bindings with the type of the channels that are done at once. */
export function strips(pooling: Pooling, ...names: readonly string[]): Record<string, Element> {
  return Object.fromEntries(names.map((name) => [name, typeOf(pooling)]));
}
