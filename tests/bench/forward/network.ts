/**
 * ResNet-18 and ResNet-50 once more, in the operations of any library, for inference. Weights are asked
 * for by the names of torchvision, with normalizations folded in.
 */

import { COLOURS, dense, foldedConv, type Linear } from "./problem.ts";

/** Table 1 of the paper: how much wider a block is than its inside, and how many there are. */
const TABLE_1 = {
  resnet18: { expansion: 1, counts: [2, 2, 2, 2] },
  resnet50: { expansion: 4, counts: [3, 4, 6, 3] },
} as const;

/** The networks that can be raced. */
export type Network = keyof typeof TABLE_1;

/** Number of classes. */
export const CLASSES = 1000;

/** The operations of a library that the networks are made of. */
export interface Arithmetic<T> {
  /** Convolves with padding that keeps the size at stride 1. */
  conv(x: T, linear: Linear, stride: number): T;
  relu(x: T): T;
  /** The largest of 3 × 3 values at stride 2, of an image without negative values, padded by 1. */
  maxPool(x: T): T;
  add(a: T, b: T): T;
  /** Means over the pixels. */
  mean(x: T): T;
  dense(x: T, linear: Linear): T;
  /** A second reference to a value that is used twice. */
  share(x: T): T;
}

/** Gives the scores of the classes. */
export function forward<T>(
  { conv, relu, maxPool, add, mean, dense: map, share }: Arithmetic<T>,
  network: Network,
  images: T,
): T {
  const { expansion, counts } = TABLE_1[network];
  let channels: number = COLOURS;
  const unit = (
    x: T,
    [from, to]: [from: number, to: number],
    size: number,
    stride: number,
    convolution: string,
    normalization = convolution.replace("conv", "bn"),
  ) => conv(x, foldedConv(convolution, normalization, [to, from, size, size]), stride);
  let x = maxPool(relu(unit(images, [channels, 64], 7, 2, "conv1")));
  channels = 64;
  counts.forEach((count, stage) => {
    const inside = 64 * 2 ** stage;
    const outside = inside * expansion;
    for (let i = 0; i < count; i++) {
      const block = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      let y = share(x);
      if (expansion === 1) {
        y = relu(unit(y, [channels, inside], 3, stride, `${block}.conv1`));
        y = unit(y, [inside, outside], 3, 1, `${block}.conv2`);
      } else {
        y = relu(unit(y, [channels, inside], 1, 1, `${block}.conv1`));
        y = relu(unit(y, [inside, inside], 3, stride, `${block}.conv2`));
        y = unit(y, [inside, outside], 1, 1, `${block}.conv3`);
      }
      const [shortcut, norm] = [`${block}.downsample.0`, `${block}.downsample.1`];
      if (channels !== outside) x = unit(x, [channels, outside], 1, stride, shortcut, norm);
      x = relu(add(y, x));
      channels = outside;
    }
  });
  return map(mean(x), dense("fc", [CLASSES, channels]));
}
