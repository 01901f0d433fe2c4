/**
 * The networks once more, in the operations of any library: what a peer computes is the same by
 * construction, and the losses prove it. Those made of plain operations are spared the running averages
 * that the library's own batch normalization keeps.
 */

import type { Network } from "./problem.ts";

/** Heads of the attention. */
export const HEADS = 4;

/** The operations of a library that the networks are made of. */
export interface Arithmetic<T> {
  /** Convolves with padding that keeps the size at stride 1. */
  conv(x: T, weight: T, stride: number): T;
  /** Normalizes over all but the channels. */
  norm(x: T, weight: T, bias: T): T;
  relu(x: T): T;
  /** The largest of 3 × 3 values at stride 2, of an image without negative values, padded by 1. */
  maxPool(x: T): T;
  add(a: T, b: T): T;
  /** Means over the pixels, or over time. */
  mean(x: T): T;
  /** A linear map of the last axis. */
  dense(x: T, weight: T, bias: T): T;
  /** A second reference to a value that is used twice. */
  share(x: T): T;
  /** Only in libraries that have them all. */
  readonly sequences?: {
    /** Normalizes each vector. */
    norm(x: T, weight: T, bias: T): T;
    /** Attention of queries, keys and values, which come side by side in this order. */
    attention(x: T, heads: number): T;
  };
}

type Params<T> = Readonly<Record<string, T>>;

/** Gives the scores of the classes from parameters by path. */
export function forward<T>(
  arithmetic: Arithmetic<T>,
  network: Network,
  params: Params<T>,
  x: T,
): T {
  switch (network) {
    case "mlp":
      return mlp(arithmetic, params, x);
    case "transformer":
      return transformer(arithmetic, params, x);
    default:
      return residual(arithmetic, network, params, x);
  }
}

/** A linear map by its path. */
const linear = <T>({ dense }: Arithmetic<T>, params: Params<T>) => (path: string, x: T): T =>
  dense(x, params[`${path}.weight`]!, params[`${path}.bias`]!);

function mlp<T>(arithmetic: Arithmetic<T>, params: Params<T>, x: T): T {
  const [map, { relu }] = [linear(arithmetic, params), arithmetic];
  return map("out", relu(map("hidden2", relu(map("hidden1", x)))));
}

function transformer<T>(arithmetic: Arithmetic<T>, params: Params<T>, x: T): T {
  const { relu, add, mean, share, sequences } = arithmetic;
  if (sequences === undefined) throw new Error("Cannot make a transformer: there is no attention");
  const map = linear(arithmetic, params);
  const norm = (path: string, x: T): T =>
    sequences.norm(x, params[`${path}.weight`]!, params[`${path}.bias`]!);
  for (let i = 0; `blocks.${i}.attend.body.norm.weight` in params; i++) {
    const [attend, feed] = [`blocks.${i}.attend.body`, `blocks.${i}.feed.body`];
    const all = map(`${attend}.attention.inProj`, norm(`${attend}.norm`, share(x)));
    x = add(map(`${attend}.attention.outProj`, sequences.attention(all, HEADS)), x);
    const inner = relu(map(`${feed}.inner`, norm(`${feed}.norm`, share(x))));
    x = add(map(`${feed}.outer`, inner), x);
  }
  return map("fc", mean(norm("norm", x)));
}

function residual<T>(
  arithmetic: Arithmetic<T>,
  network: Network,
  params: Params<T>,
  images: T,
): T {
  const { conv, norm, relu, maxPool, add, mean, share } = arithmetic;
  const p = (path: string): T => params[path]!;
  const unit = (x: T, convolution: string, normalization: string, stride: number): T =>
    norm(
      conv(x, p(`${convolution}.weight`), stride),
      p(`${normalization}.weight`),
      p(`${normalization}.bias`),
    );
  const [stem, pools] = [
    network === "mnist" || network === "resnet50" ? 2 : 1,
    network === "resnet50",
  ];
  let x = relu(unit(images, "conv1", "bn1", stem));
  if (pools) x = maxPool(x);
  for (const stage of [1, 2, 3, 4]) {
    for (let i = 0; `layer${stage}.${i}.body.conv1.weight` in params; i++) {
      const [block, body] = [`layer${stage}.${i}`, `layer${stage}.${i}.body`];
      const stride = stage > 1 && i === 0 ? 2 : 1;
      const deep = `${body}.conv3.weight` in params;
      let y = relu(unit(share(x), `${body}.conv1`, `${body}.bn1`, deep ? 1 : stride));
      y = unit(y, `${body}.conv2`, `${body}.bn2`, deep ? stride : 1);
      if (deep) y = unit(relu(y), `${body}.conv3`, `${body}.bn3`, 1);
      if (`${block}.shortcut.0.weight` in params) {
        x = unit(x, `${block}.shortcut.0`, `${block}.shortcut.1`, stride);
      }
      x = relu(add(y, x));
    }
  }
  return linear(arithmetic, params)("fc", mean(x));
}
