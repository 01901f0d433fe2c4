/**
 * Moving, turning and shearing with the nearest pixel, in Pillow's fixed-point arithmetic of 16 bits
 * after the point, so that the same pixels come out.
 *
 * @module
 */

import { blank, channelsOf, type Picture } from "../picture.ts";

/** Where in the old picture (x, y) is for a place in the new one: x' = a·x + b·y + c, y' = d·x + e·y + f. */
export type Affine = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
];

/** Shears along the rows: each row is shifted by `slope` times its distance from the top. */
export const shearX = (picture: Picture, slope: number): Picture =>
  affine(picture, [1, slope, 0, 0, 1, 0]);

/** Shears along the columns: each column is shifted by `slope` times its distance from the left. */
export const shearY = (picture: Picture, slope: number): Picture =>
  affine(picture, [1, 0, 0, slope, 1, 0]);

/** Moves to the right and down, by whole pixels. */
export const translate = (picture: Picture, right: number, down: number): Picture =>
  affine(picture, [1, 0, -right, 0, 1, -down]);

/** Turns against the clock, about the middle. */
export function rotate(picture: Picture, degrees: number): Picture {
  const angle = -degrees / 180 * Math.PI;
  // Rounded, so that a right angle is one.
  const round = (value: number) => Number(value.toFixed(15));
  const [cos, sin] = [round(Math.cos(angle)), round(Math.sin(angle))];
  const [x, y] = [picture.width / 2, picture.height / 2];
  return affine(picture, [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y]);
}

/** Gives the picture seen through an affine map, with zeros where it looks outside. */
export function affine(picture: Picture, [a, b, c, d, e, f]: Affine): Picture {
  const { height, width, data } = picture;
  const channels = channelsOf(picture);
  const moved = blank(data, data.length);
  const fixed = (value: number) => Math.floor(value * 65536 + 0.5);
  const [right, down] = [[fixed(a), fixed(d)], [fixed(b), fixed(e)]] as const;
  let startX = fixed(c + a / 2 + b / 2);
  let startY = fixed(f + d / 2 + e / 2);
  for (let row = 0, to = 0; row < height; row++) {
    let [x, y] = [startX, startY];
    for (let column = 0; column < width; column++, to += channels) {
      const [fromX, fromY] = [x >> 16, y >> 16];
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
        const from = (fromY * width + fromX) * channels;
        for (let channel = 0; channel < channels; channel++) {
          moved[to + channel] = data[from + channel]!;
        }
      }
      x += right[0];
      y += right[1];
    }
    startX += down[0];
    startY += down[1];
  }
  return { height, width, data: moved };
}
