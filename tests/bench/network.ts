/**
 * The residual networks once more, in the operations of any library: what a peer computes is the
 * same by construction, and the losses prove it. Those made of plain operations are spared the running averages that the
 * library's own batch normalization keeps.
 */

import { type Network, STEM_STRIDE } from "./problem.ts";

/** The operations of a library that the network is made of. */
export interface Arithmetic<T> {
  /** Convolves with padding that keeps the size at stride 1. */
  conv(x: T, weight: T, stride: number): T;
  /** Normalizes over all but the channels. */
  norm(x: T, weight: T, bias: T): T;
  relu(x: T): T;
  add(a: T, b: T): T;
  /** Means over the pixels, then a linear map. */
  head(x: T, weight: T, bias: T): T;
  /** A second reference to a value that is used twice. */
  share(x: T): T;
}

/** Gives the scores of the classes from parameters by path. */
export function forward<T>(
  { conv, norm, relu, add, head, share }: Arithmetic<T>,
  network: Network,
  params: Readonly<Record<string, T>>,
  images: T,
): T {
  const p = (path: string): T => params[path]!;
  const unit = (x: T, convolution: string, normalization: string, stride: number): T =>
    norm(
      conv(x, p(`${convolution}.weight`), stride),
      p(`${normalization}.weight`),
      p(`${normalization}.bias`),
    );
  let x = relu(unit(images, "conv1", "bn1", STEM_STRIDE[network]));
  for (const stage of [1, 2, 3]) {
    for (let i = 0; `layer${stage}.${i}.body.conv1.weight` in params; i++) {
      const block = `layer${stage}.${i}`;
      const projected = `${block}.shortcut.0.weight` in params;
      const stride = projected ? 2 : 1;
      const inner = relu(unit(share(x), `${block}.body.conv1`, `${block}.body.bn1`, stride));
      const outer = unit(inner, `${block}.body.conv2`, `${block}.body.bn2`, 1);
      const shortcut = projected
        ? unit(x, `${block}.shortcut.0`, `${block}.shortcut.1`, stride)
        : x;
      x = relu(add(outer, shortcut));
    }
  }
  return head(x, p("fc.weight"), p("fc.bias"));
}
