/**
 * Weights that both sides of a comparison with PyTorch have without a file: tests/golden/torch_nets.py
 * computes the same numbers to the last bit, and says why they are what they are.
 *
 * @module
 */

import { type Shape, sizeOf } from "../lib/tensor.ts";
import type { SafetensorsFile } from "../lib/weights/safetensors.ts";

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  return new TextEncoder().encode(name)
    .reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5);
}

/** A function from places to numbers in [-1, 1): MurmurHash3's finaliser over a Weyl sequence. */
export function uniform(name: string): (i: number) => number {
  const start = hashOf(name);
  return (i) => {
    let x = Math.imul(i, 0x9e3779b1) + start | 0;
    x = Math.imul(x ^ x >>> 16, 0x85ebca6b);
    x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
    return ((x ^ x >>> 16) >>> 8) / 2 ** 23 - 1;
  };
}

/** The values of a tensor of a state dict. */
export function formula(key: string, shape: Shape): Float32Array {
  const [u, value] = [uniform(key), valueOf(key, shape)];
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = value(u(i));
  return values;
}

function valueOf(key: string, shape: Shape): (u: number) => number {
  if (shape.length > 1) {
    const scale = Math.sqrt(6 / sizeOf(shape.slice(1)));
    return (u) => u * scale;
  }
  if (key.endsWith("running_var")) return (u) => 1 + u / 2;
  if (!key.endsWith("weight")) return (u) => u / 8;
  const last = /bn[23]\.weight$/.test(key) ? 8 : 1;
  return (u) => (0.5 + u / 4) / last;
}

/** Sixteen squares of a colour each, and noise: `[batch, height, width, channels]`. */
export function images([batch, height, width, channels]: Shape4): Float32Array {
  const [squares, noise] = [uniform("squares"), uniform("noise")];
  return Float32Array.from({ length: batch * height * width * channels }, (_, i) => {
    const channel = i % channels, pixel = Math.floor(i / channels);
    const column = Math.floor(pixel % width / (width / 4)), line = Math.floor(pixel / width);
    const row = Math.floor(line % height / (height / 4)), image = Math.floor(line / height);
    const square = ((image * 4 + row) * 4 + column) * channels + channel;
    return 1.5 * squares(square) + noise(i) / 2;
  });
}

type Shape4 = readonly [batch: number, height: number, width: number, channels: number];

/** A file with these tensors, whose values are those of the formula. */
export function formulaFile(shapes: ReadonlyMap<string, Shape>): SafetensorsFile {
  return {
    tensors: new Map(
      [...shapes].map(([key, shape]) => [key, { dtype: "F32", shape, begin: 0, end: 0 }]),
    ),
    metadata: new Map(),
    read: (keys) => {
      const tensors = [...keys].map((key) => {
        const shape = shapes.get(key)!;
        return [key, { dtype: "F32", shape, data: formula(key, shape) }] as const;
      });
      return Promise.resolve(new Map(tensors));
    },
  };
}
