/**
 * The recipes by name: those of the paper and of its best-known reproductions, and small ones that end
 * on a laptop. Every number says where it is from.
 *
 * He et al., [Deep residual learning for image recognition](https://arxiv.org/abs/1512.03385), 2015,
 * here "the paper"; what it leaves open is from its authors' notes on their models,
 * {@link https://github.com/KaimingHe/deep-residual-networks}.
 *
 * @module
 */

import { parseRecipe } from "./parse.ts";
import type { Recipe } from "./recipe.ts";

/** A recipe that leaves out what it does not use. */
type Defined =
  & Pick<Recipe, "about" | "model" | "batch" | "length" | "schedule" | "optimizer">
  & Partial<Omit<Recipe, "data">>
  & { readonly data: Pick<Recipe["data"], "name" | "normalize"> & Partial<Recipe["data"]> };

/** Momentum 0.9 and weight decay 1e-4 (the paper, 3.4 and 4.2). */
const PAPER_SGD = {
  kind: "sgd",
  momentum: 0.9,
  nesterov: false,
  // The authors used Caffe, whose momentum remembers steps; only weights decayed (fb.resnet.torch).
  convention: "caffe",
  weightDecay: 1e-4,
  decay: "weights",
} as const;

/**
 * The authors' notes: statistics are computed "using average (not moving average) on a sufficiently
 * large training batch after the training procedure"; how large is our choice.
 */
const ESTIMATED = 12_800;

const FLIP = { kind: "flip", probability: 0.5 } as const;

/** Section 4.2 of the paper. */
const paperCifar = {
  about: "ResNet-20 on CIFAR-10 as in section 4.2 of the paper",
  model: { name: "resnet20", shortcut: "A" }, // "identity shortcuts in all cases"
  data: { name: "cifar10", normalize: "pixel-mean" },
  batch: 128,
  length: { unit: "steps", count: 64_000 },
  schedule: { kind: "steps", peak: 0.1, at: [32_000, 48_000], divideBy: 10 },
  optimizer: PAPER_SGD,
  reestimate: ESTIMATED,
  // "4 pixels are padded on each side, and a 32 × 32 crop is randomly sampled from the padded image or
  // its horizontal flip": after the mean was subtracted, so the border is the mean.
  augmentNormalized: [{ kind: "crop", size: null, padding: 4 }, FLIP],
} as const satisfies Defined;

/** Section 3.4 of the paper. */
const paperImagenet = {
  about: "ResNet-50 on ImageNet as in section 3.4 of the paper",
  // The stride is in the first 1 × 1 convolution of a bottleneck (the authors' models).
  model: { name: "resnet50", strideIn: "1x1" },
  // The paper subtracts the mean of each pixel; pictures that are read one by one have that of channels.
  data: { name: "images", normalize: "channels", testCrop: { side: 256, size: 224 } },
  batch: 256,
  length: { unit: "steps", count: 600_000 }, // "up to 60 × 10⁴ iterations"
  // "Divided by 10 when the error plateaus": when five tests bring nothing, which is our reading.
  schedule: { kind: "plateau", peak: 0.1, divideBy: 10, patience: 5 },
  optimizer: PAPER_SGD,
  reestimate: ESTIMATED,
  augment: [
    { kind: "scale", least: 256, most: 480 },
    { kind: "crop", size: 224, padding: 0 },
    FLIP,
    { kind: "pca-color", deviation: 0.1 }, // "the standard color augmentation in [21]"
  ],
} as const satisfies Defined;

/** Torchvision's defaults, and fb.resnet.torch's where they agree. */
const torchvisionV1 = {
  about: "ResNet-50 as torchvision's first weights, 76.130 % top-1",
  model: { name: "resnet50" },
  data: { name: "images", normalize: "channels", testCrop: { side: 256, size: 224 } },
  batch: 256, // 8 processes of 32
  length: { unit: "epochs", count: 90 },
  schedule: { kind: "steps", peak: 0.1, at: [30, 60], divideBy: 10 },
  optimizer: { ...PAPER_SGD, convention: "torch", decay: "all" },
  augment: [{ kind: "resized-crop", size: 224, least: 0.08 }, FLIP],
} as const satisfies Defined;

/**
 * For few epochs: one cycle (Smith and Topin 2018) down to nothing, Nesterov's momentum, and the weight
 * decay of wide residual networks (Zagoruyko and Komodakis 2016), which the fastest trainings on
 * CIFAR-10 have too (Page 2018, "How to train your ResNet"). The peak is the paper's rate.
 */
const QUICK = {
  batch: 64,
  schedule: { kind: "one-cycle", peak: 0.1, rise: 0.2, start: 0.1, end: 0 },
  optimizer: {
    kind: "sgd",
    momentum: 0.9,
    nesterov: true,
    convention: "torch",
    weightDecay: 5e-4,
    decay: "all",
  },
} as const;

const DEFINED = {
  "quick-mnist": {
    ...QUICK,
    about: "a small residual network on MNIST: 99 % in a minute on two cores",
    model: { name: "mnist-resnet" },
    data: { name: "mnist", normalize: "channels" },
    length: { unit: "epochs", count: 2 },
  },
  // On two threads of wasm and an idle machine a step of 32 images took 163 ms with ResNet-20, and three
  // fifths of that with ResNet-14: so many epochs, and a test after each, are half an hour. Beside other
  // work 7 epochs were 27 minutes, to 84.64 % (examples/cifar).
  "cifar-30min": {
    ...QUICK,
    about: "ResNet-14 on CIFAR-10 in half an hour on two cores",
    model: { name: "resnet14" },
    data: { name: "cifar10", normalize: "channels" },
    length: { unit: "epochs", count: 10 },
    augmentNormalized: [{ kind: "crop", size: null, padding: 4 }, FLIP],
  },
  "paper-cifar": paperCifar,
  // "We use 0.01 to warm up the training until the training error is below 80 % (about 400
  // iterations), and then go back to 0.1."
  "paper-cifar-110": {
    ...paperCifar,
    about: "ResNet-110 on CIFAR-10 as in section 4.2 of the paper, with its warm-up",
    model: { ...paperCifar.model, name: "resnet110" },
    warmup: { kind: "until-error", rate: 0.01, error: 0.8 },
  },
  "paper-imagenet": paperImagenet,
  // github.com/facebookarchive/fb.resnet.torch: train.lua and opts.lua, without its colour jitter.
  "fair-imagenet": {
    ...torchvisionV1,
    about: "ResNet-50 on ImageNet as fb.resnet.torch, 75.99 % top-1",
    optimizer: { ...torchvisionV1.optimizer, nesterov: true },
    augment: [...torchvisionV1.augment, { kind: "pca-color", deviation: 0.1 }],
  },
  // github.com/pytorch/vision, references/classification: the defaults of train.py.
  "torchvision-v1": torchvisionV1,
  // The same, README.md, "New Recipe": ResNet50_Weights.IMAGENET1K_V2, without repeated augmentation.
  "torchvision-v2": {
    ...torchvisionV1,
    about: "ResNet-50 as torchvision's second weights, 80.858 % top-1",
    data: { ...torchvisionV1.data, testCrop: { side: 232, size: 224 } },
    batch: 1024, // 8 processes of 128
    length: { unit: "epochs", count: 600 },
    schedule: { kind: "cosine", peak: 0.5, end: 0 },
    warmup: { kind: "linear", length: 5, start: 0.01 },
    optimizer: { ...torchvisionV1.optimizer, weightDecay: 2e-5, decay: "weights" },
    labelSmoothing: 0.1,
    augment: [
      { kind: "resized-crop", size: 176, least: 0.08 },
      FLIP,
      { kind: "trivial-augment" },
    ],
    augmentNormalized: [{ kind: "erase", probability: 0.1 }],
    mix: [{ kind: "mixup", alpha: 0.2 }, { kind: "cutmix", alpha: 1 }],
    // 1 - 2e-5 · 1024 · 32 / 600 after every 32 steps, here after every one.
    ema: 0.999966,
  },
} as const satisfies Readonly<Record<string, Defined>>;

/**
 * The recipes by name.
 *
 * @example Of the paper
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recipes } from "@fplusx/nn/recipes";
 *
 * const { batch, optimizer } = recipes["paper-cifar"]!;
 * assertEquals([batch, optimizer.weightDecay], [128, 1e-4]);
 * ```
 */
export const recipes: Readonly<Record<string, Recipe>> = Object.freeze(
  Object.fromEntries(
    Object.entries(DEFINED).map(([name, defined]) => [name, parseRecipe(defined)]),
  ),
);
