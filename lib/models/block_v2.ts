/**
 * The blocks of version 2: normalisation and activation come before each convolution, so that nothing
 * at all is on the way along the shortcuts.
 *
 * He et al., [Identity mappings in deep residual networks](https://arxiv.org/abs/1603.05027), 2016.
 *
 * @module
 */

import { type Branches, residual } from "../combinators/residual.ts";
import { named, sequential } from "../combinators/sequential.ts";
import { withShape } from "../combinators/with_shape.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm, type BatchNormParams, type BatchNormState } from "../layers/batch_norm.ts";
import { conv, type ConvParams } from "../layers/conv.ts";
import { dropout } from "../layers/dropout.ts";
import { identity } from "../layers/shape.ts";
import type { Empty, Tree } from "../tree.ts";

/** What comes before the first convolution of a block. */
export type BeforeParams = {
  /** First of all. */
  readonly bn1: BatchNormParams;
  /** After `bn1`. */
  readonly relu1: Empty;
};

/** Parameters of a body of two 3 × 3 convolutions, from its first convolution on. */
export type BasicV2Params = {
  /** 3 × 3, with the stride. */
  readonly conv1: ConvParams;
  /** After `conv1`. */
  readonly bn2: BatchNormParams;
  /** After `bn2`. */
  readonly relu2: Empty;
  /** Between the convolutions of wide networks. */
  readonly dropout: Empty;
  /** 3 × 3. */
  readonly conv2: ConvParams;
};

/** Parameters of a body of convolutions of 1 × 1, 3 × 3 and 1 × 1, from its first convolution on. */
export type BottleneckV2Params = {
  /** 1 × 1, to a fourth of the filters. */
  readonly conv1: ConvParams;
  /** After `conv1`. */
  readonly bn2: BatchNormParams;
  /** After `bn2`. */
  readonly relu2: Empty;
  /** 3 × 3, with the stride. */
  readonly conv2: ConvParams;
  /** After `conv2`. */
  readonly bn3: BatchNormParams;
  /** After `bn3`. */
  readonly relu3: Empty;
  /** 1 × 1, to the filters. */
  readonly conv3: ConvParams;
};

/** State in the form of the parameters of a body. */
export type BodyV2State<P> = {
  readonly [K in keyof P]: K extends `bn${number}` ? BatchNormState : Empty;
};

/**
 * Parameters of a block: where it keeps the shape all is in the body; where it does not, body and
 * projection branch off after the first activation, which they share.
 */
export type BlockV2Params<P extends Tree> =
  | Branches<BeforeParams & P>
  | (BeforeParams & {
    /** What comes after the first activation. */
    readonly branches: Branches<P, readonly [ConvParams]>;
  });

/** State in the form of {@linkcode BlockV2Params}. */
export type BlockV2State<P extends Tree> =
  | Branches<BodyV2State<BeforeParams & P>>
  | (BodyV2State<BeforeParams> & {
    /** What comes after the first activation. */
    readonly branches: Branches<BodyV2State<P>, readonly [Empty]>;
  });

/** How a block is made, from its filters and its stride. */
export type MakeBlock<P extends Tree> = (
  filters: number,
  stride: number,
) => Layer<BlockV2Params<P>, BlockV2State<P>>;

/** Makes blocks of two 3 × 3 convolutions, with a dropout between them. */
export const basicV2 = (rate: number): MakeBlock<BasicV2Params> => (filters, stride) => {
  const rest = {
    conv1: conv(filters, 3, { stride, bias: false }),
    bn2: batchNorm(),
    relu2: relu,
    dropout: rate === 0 ? identity : dropout(rate),
    conv2: conv(filters, 3, { bias: false }),
  };
  return block(filters, stride, named({ ...BEFORE, ...rest }), named(rest));
};

/** Makes blocks of convolutions of 1 × 1, 3 × 3 and 1 × 1. */
export const bottleneckV2: MakeBlock<BottleneckV2Params> = (filters, stride) => {
  const rest = {
    conv1: conv(filters / 4, 1, { bias: false }),
    bn2: batchNorm(),
    relu2: relu,
    conv2: conv(filters / 4, 3, { stride, bias: false }),
    bn3: batchNorm(),
    relu3: relu,
    conv3: conv(filters, 1, { bias: false }),
  };
  return block(filters, stride, named({ ...BEFORE, ...rest }), named(rest));
};

const BEFORE = { bn1: batchNorm(), relu1: relu };

function block<P extends Tree>(
  filters: number,
  stride: number,
  whole: Layer<BeforeParams & P, BodyV2State<BeforeParams & P>>,
  rest: Layer<P, BodyV2State<P>>,
): Layer<BlockV2Params<P>, BlockV2State<P>> {
  const project = sequential(conv(filters, 1, { stride, bias: false }));
  return withShape<BlockV2Params<P>, BlockV2State<P>>(
    (shape) =>
      stride === 1 && shape.at(-1) === filters
        ? residual(whole)
        : named({ ...BEFORE, branches: residual(rest, project) }),
    "preactivation",
  );
}
