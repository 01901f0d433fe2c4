/**
 * The blocks of the laboratory, by name: plain, residual with each of the paper's shortcuts, what its
 * second version put on the shortcut instead, and the neighbours. All but the bottleneck have two
 * layers of 3 × 3, so that networks of as many blocks are as deep; where a block changes the shape and
 * nothing else is said, its shortcut is option A.
 *
 * @module
 */

import { basicBlock, basicBody, bottleneck } from "../combinators/blocks.ts";
import { highway, transformGate } from "../combinators/highway.ts";
import { residual } from "../combinators/residual.ts";
import { named, sequential } from "../combinators/sequential.ts";
import { shortcut } from "../combinators/shortcut.ts";
import { withShape } from "../combinators/with_shape.ts";
import type { Layer } from "../layer.ts";
import { relu } from "../layers/activation.ts";
import { batchNorm } from "../layers/batch_norm.ts";
import { conv } from "../layers/conv.ts";
import { dropout } from "../layers/dropout.ts";
import { constant } from "../layers/initializers.ts";
import { normal } from "../random.ts";
import { gatedShortcut, scaled, shift } from "./small_layers.ts";

/** What a block is told by its place in the network. */
export type BlockPlace = {
  /** Channels that come out; those of a bottleneck are four times as many. */
  readonly filters: number;
  /** 2 in the first block of a later stage, else 1. */
  readonly stride: number;
  /** Which block of the network it is, from 1. */
  readonly number: number;
  /** Blocks in the network. */
  readonly total: number;
};

/** Makes a block for a place. */
export type MakeBlock = (place: BlockPlace) => Layer;

const basic = (option: "A" | "B" | "C"): MakeBlock => ({ filters, stride }) =>
  basicBlock(filters, { stride, shortcut: option });

/** A basic block whose shortcut is option A and then something else. */
const onShortcut = (what: Layer): MakeBlock => ({ filters, stride }) =>
  residual(
    basicBody(filters, { stride }),
    sequential(shortcut("A", filters, stride), what),
    { activation: relu },
  );

/** A body without normalisation, which ends with a learned factor that starts at `first`. */
function unnormalized({ filters, stride }: BlockPlace, first: number): Layer {
  return residual(
    named({
      conv1: conv(filters, 3, { stride }),
      relu1: relu,
      conv2: conv(filters, 3),
      gain: scaled(first),
    }),
    shortcut("A", filters, stride),
    { activation: relu },
  );
}

/** Zhang et al., [Fixup initialization](https://arxiv.org/abs/1901.09321), 2019, for two layers a block. */
const fixup: MakeBlock = ({ filters, stride, total }) => {
  // He's deviation, times 1 / √total.
  const deviation = Math.sqrt(2 / (9 * filters * total));
  return residual(
    named({
      bias1: shift,
      conv1: conv(filters, 3, {
        stride,
        bias: false,
        weightInit: (key, shape) => normal(key, shape, { deviation }),
      }),
      bias2: shift,
      relu1: relu,
      bias3: shift,
      conv2: conv(filters, 3, { bias: false, weightInit: constant(0) }),
      gain: scaled(1),
      bias4: shift,
    }),
    shortcut("A", filters, stride),
    { activation: relu },
  );
};

/** Version 2, with nothing after the addition. */
const preactivation: MakeBlock = ({ filters, stride }) =>
  residual(
    named({
      bn1: batchNorm(),
      relu1: relu,
      conv1: conv(filters, 3, { stride, bias: false }),
      bn2: batchNorm(),
      relu2: relu,
      conv2: conv(filters, 3, { bias: false }),
    }),
    shortcut("A", filters, stride),
  );

/** Two gated layers; the first is plain where it changes the shape, since a gate cannot. */
const highways: MakeBlock = ({ filters, stride }) => {
  const body = (stride: number) =>
    sequential(conv(filters, 3, { stride, bias: false }), batchNorm(), relu);
  return withShape((shape) =>
    named({
      first: stride === 1 && shape[3] === filters
        ? highway(body(1), transformGate({ bias: -2 }))
        : body(stride),
      second: highway(body(1), transformGate({ bias: -2 })),
    })
  );
};

/** A basic block whose body and shortcut share one gate, a 1 × 1 convolution. */
const gatedBlock = (filters: number): Layer =>
  sequential(highway(basicBody(filters), conv(filters, 1, { biasInit: constant(-2) })), relu);

/** The name of a block. */
export type BlockName =
  | "plain"
  | "A"
  | "B"
  | "C"
  | "constant 0.5"
  | "gated"
  | "gated shortcut"
  | "dropout"
  | "1 × 1"
  | "bottleneck"
  | "zero gamma"
  | "stochastic depth"
  | "pre-activation"
  | "highway"
  | "no normalisation"
  | "SkipInit"
  | "Fixup";

/** The blocks by name. */
export const BLOCKS: Readonly<Record<BlockName, MakeBlock>> = Object.freeze({
  plain: ({ filters, stride }) => named({ body: basicBody(filters, { stride }), activation: relu }),
  A: basic("A"),
  B: basic("B"),
  C: basic("C"),
  "constant 0.5": onShortcut(scaled(0.5, false)),
  gated: (place) =>
    withShape(({ 3: channels }) =>
      place.stride === 1 && channels === place.filters ? gatedBlock(channels) : basic("A")(place)
    ),
  "gated shortcut": ({ filters, stride }) =>
    residual(
      basicBody(filters, { stride }),
      sequential(shortcut("A", filters, stride), gatedShortcut),
      { activation: relu },
    ),
  dropout: onShortcut(dropout(0.5)),
  "1 × 1": ({ filters, stride }) =>
    residual(
      basicBody(filters, { stride }),
      conv(filters, 1, { stride, bias: false }),
      { activation: relu },
    ),
  bottleneck: ({ filters, stride }) => bottleneck(4 * filters, { stride, shortcut: "B" }),
  "zero gamma": ({ filters, stride }) =>
    basicBlock(filters, { stride, shortcut: "A", zeroInit: true }),
  "stochastic depth": ({ filters, stride, number, total }) =>
    basicBlock(filters, { stride, shortcut: "A", survival: 1 - 0.5 * number / total }),
  "pre-activation": preactivation,
  highway: highways,
  "no normalisation": (place) => unnormalized(place, 1),
  SkipInit: (place) => unnormalized(place, 0),
  Fixup: fixup,
});
