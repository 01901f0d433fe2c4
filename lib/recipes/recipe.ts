/**
 * A recipe says with plain data how a model is trained: what is made of it is decided here, and how in
 * `training_parts.ts`. Being data, it can be printed, compared, changed by a line and kept in a
 * checkpoint; so every field is there, and what is not used is `null`, neutral or an empty list. A file
 * may leave out what it does not use.
 *
 * @module
 */

import type { ShortcutOption } from "../combinators/shortcut.ts";

/** How a model is trained. */
export type Recipe = {
  /** What it is for, in a line. */
  readonly about: string;
  /** What is trained. */
  readonly model: ModelChoice;
  /** What it is trained on. */
  readonly data: DataChoice;
  /** Images in a batch. */
  readonly batch: number;
  /** Batches whose mean gradient makes one step of the optimizer; 1 is every one. */
  readonly accumulate: number;
  /** How long; everything that has a place in the training is counted in its unit. */
  readonly length: LengthChoice;
  /** The learning rate. */
  readonly schedule: ScheduleChoice;
  /** What comes before the schedule. */
  readonly warmup: WarmupChoice | null;
  /** How gradients become steps. */
  readonly optimizer: OptimizerChoice;
  /** The longest gradient, over all parameters; a longer one is scaled down. */
  readonly clip: number | null;
  /** Share of the target that is spread over all classes; 0 is none. */
  readonly labelSmoothing: number;
  /** What is done to pictures before they are normalised, in turn. */
  readonly augment: readonly AugmentChoice[];
  /** What is done to pictures after they were normalised, when 0 is the mean. */
  readonly augmentNormalized: readonly AugmentChoice[];
  /** How the pictures of a batch are mixed, in one of these ways; in none when there are none. */
  readonly mix: readonly MixChoice[];
  /** Share of the running average of the parameters that is kept at each step; tested in their place. */
  readonly ema: number | null;
  /**
   * Number of training images over which batch normalisations are estimated anew at the end, exactly and
   * with the last parameters; `null` keeps their running averages.
   */
  readonly reestimate: number | null;
  /** Tests in a row without a smaller loss after which the training ends. */
  readonly patience: number | null;
  /**
   * With patience, whether the weights of the smallest loss are what the training comes to, and not the
   * last; as in a file that does not say so.
   */
  readonly keepBest: boolean;
  /** `"mixed"` has WebGPU keep halves between layers, in less memory; elsewhere it changes nothing. */
  readonly precision: "single" | "mixed";
  /** Seed of everything random. */
  readonly seed: number;
};

/** Which model; a family takes those of the options that it has. */
export type ModelChoice = {
  /** Its name, one of {@linkcode models}. */
  readonly name: string;
  /** Filters of the first stage, of networks for CIFAR. */
  readonly width?: number;
  /** How shortcuts change the shape. */
  readonly shortcut?: ShortcutOption;
  /** Which convolution of a bottleneck has the stride. */
  readonly strideIn?: "1x1" | "3x3";
  /** Whether each block begins as the identity. */
  readonly zeroInit?: boolean;
  /** Stochastic depth: probability that the last block is kept. */
  readonly survival?: number;
  /** What stochastic depth drops at once. */
  readonly dropPer?: "batch" | "sample";
};

/** A data set by name; `images` is a folder of images by class. */
export type DataName = "mnist" | "fashion-mnist" | "cifar10" | "cifar100" | "images";

/** Which data set, and how it is shown. */
export type DataChoice = {
  /** Its name. */
  readonly name: DataName;
  /**
   * What is subtracted and divided by: mean and deviation of each channel, or nothing but the mean of
   * each value of a picture, as the paper does.
   */
  readonly normalize: "channels" | "pixel-mean";
  /** Number of training images, drawn at random, that are set aside to test on while training. */
  readonly validation: number | null;
  /** Only the first images of each part. */
  readonly limit: number | null;
  /** What is seen of a picture that is tested on; all of it when `null`. */
  readonly testCrop: TestCrop | null;
};

/** A square in the middle of a picture. */
export type TestCrop = {
  /** Pixels of the shorter side before. */
  readonly side: number;
  /** Pixels of the square. */
  readonly size: number;
};

/** A number of steps, one for each batch, or of times to go through the data. */
export type LengthChoice = {
  /** What is counted. */
  readonly unit: "steps" | "epochs";
  /** How many. */
  readonly count: number;
};

/** A learning rate that changes, and `peak`, the highest. */
export type ScheduleChoice =
  | {
    /** Always the same. */
    readonly kind: "constant";
    /** The rate. */
    readonly peak: number;
  }
  | {
    /** Down in steps. */
    readonly kind: "steps";
    /** The first rate. */
    readonly peak: number;
    /** Where it is divided, counted from the start of the training. */
    readonly at: readonly number[];
    /** What it is divided by. */
    readonly divideBy: number;
  }
  | {
    /** Down in steps, each when tests get no better. */
    readonly kind: "plateau";
    /** The first rate. */
    readonly peak: number;
    /** What it is divided by. */
    readonly divideBy: number;
    /** How many tests in a row may have no smaller loss before. */
    readonly patience: number;
  }
  | {
    /** Down along half a cosine. */
    readonly kind: "cosine";
    /** The first rate. */
    readonly peak: number;
    /** The last. */
    readonly end: number;
  }
  | {
    /** Up and down along two half cosines. */
    readonly kind: "one-cycle";
    /** The highest rate. */
    readonly peak: number;
    /** Share of the steps in which it grows. */
    readonly rise: number;
    /** What the first rate is of the highest. */
    readonly start: number;
    /** What the last rate is of the highest. */
    readonly end: number;
  };

/** What comes before a schedule. */
export type WarmupChoice =
  | {
    /** Up in a line to where the schedule begins. */
    readonly kind: "linear";
    /** For how long, in the unit of the length. */
    readonly length: number;
    /** What the first rate is of the peak. */
    readonly start: number;
  }
  | {
    /** At a low rate until the model has learned something; the schedule then goes on where it is. */
    readonly kind: "until-error";
    /** The low rate. */
    readonly rate: number;
    /** It ends when less than this share of the last batches is classified wrong. */
    readonly error: number;
  };

/** An optimizer, and which parameters decay: all, or what has two axes or more. */
export type OptimizerChoice =
  | {
    /** Stochastic gradient descent. */
    readonly kind: "sgd";
    /** Share of the last direction that is kept. */
    readonly momentum: number;
    /** Looks one step ahead. */
    readonly nesterov: boolean;
    /** Where the learning rate comes in, see `sgd`. */
    readonly convention: "torch" | "caffe";
    /** Is multiplied with each parameter that decays and added to its gradient. */
    readonly weightDecay: number;
    /** Which parameters decay. */
    readonly decay: "all" | "weights";
  }
  | {
    /** Adam with decoupled weight decay. */
    readonly kind: "adamw";
    /** Decay of the average of gradients. */
    readonly beta1: number;
    /** Decay of the average of squared gradients. */
    readonly beta2: number;
    /** How much of each parameter that decays is taken off, times the rate. */
    readonly weightDecay: number;
    /** Which parameters decay. */
    readonly decay: "all" | "weights";
  };

/** One augmentation. */
export type AugmentChoice =
  | {
    /** A window at a random place. */
    readonly kind: "crop";
    /** Height and width of the window; those of the picture when `null`. */
    readonly size: number | null;
    /** How far it may reach over each edge. */
    readonly padding: number;
  }
  | {
    /** Left and right exchanged. */
    readonly kind: "flip";
    /** Share of the pictures. */
    readonly probability: number;
  }
  | {
    /** The shorter side of a random number of pixels. */
    readonly kind: "scale";
    /** The least. */
    readonly least: number;
    /** The most. */
    readonly most: number;
  }
  | {
    /** A rectangle of random area and form, resized to a square. */
    readonly kind: "resized-crop";
    /** Height and width. */
    readonly size: number;
    /** The least share of the area. */
    readonly least: number;
  }
  | {
    /** Light, along the principal colours of ImageNet. */
    readonly kind: "pca-color";
    /** How strong. */
    readonly deviation: number;
  }
  | {
    /** One operation of random strength. */
    readonly kind: "trivial-augment";
  }
  | {
    /** A rectangle that is covered. */
    readonly kind: "erase";
    /** Share of the pictures. */
    readonly probability: number;
  };

/** A way to mix the pictures of a batch. */
export type MixChoice = {
  /** One over the other, or a rectangle of the other. */
  readonly kind: "mixup" | "cutmix";
  /** How even the shares are. */
  readonly alpha: number;
};
