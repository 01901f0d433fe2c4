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
  const u = uniform(key);
  const value = shape.length > 1
    ? scaled(u, Math.sqrt(6 / sizeOf(shape.slice(1))))
    : key.endsWith("running_var")
    ? (i: number) => 1 + u(i) / 2
    : key.endsWith("weight")
    ? (i: number) => 0.5 + u(i) / 4
    : scaled(u, 1 / 8);
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = value(i);
  return values;
}

const scaled = (u: (i: number) => number, scale: number) => (i: number): number => u(i) * scale;

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
