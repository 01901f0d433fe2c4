/** The networks as the library makes them, and the problems that are made of them. */

import {
  abstractKey,
  batchNorm,
  conv,
  dense,
  entries,
  globalAveragePool,
  type Layer,
  layerNorm,
  multiHeadAttention,
  named,
  relu,
  repeat,
  residual,
} from "@fplusx/nn";
import { mnistResnet, resnet, resnetCifar } from "@fplusx/nn/models";
import { HEADS } from "./network.ts";
import { drawn, type Network, type Problem } from "./problem.ts";

/** As wide as a picture of MNIST is large. */
const mlp = () =>
  named({ hidden1: dense(512), relu1: relu, hidden2: dense(512), relu2: relu, out: dense(10) });

/** So little to compute that what is left is the way from one operation to the next. */
const tiny = () =>
  named({
    conv1: conv(4, 3, { bias: false }),
    bn1: batchNorm(),
    relu,
    avgpool: globalAveragePool,
    fc: dense(10),
  });

/** Two blocks that normalize before they compute, on sequences of vectors. */
function transformer(): Layer {
  const attend = () => named({ norm: layerNorm(), attention: multiHeadAttention(HEADS) });
  const feed = () => named({ norm: layerNorm(), inner: dense(256), relu, outer: dense(64) });
  const block = () => named({ attend: residual(attend()), feed: residual(feed()) });
  return named({
    blocks: repeat(2, block),
    norm: layerNorm(),
    avgpool: globalAveragePool,
    fc: dense(10),
  });
}

/** A network, what an example is, and the number of classes. */
interface Task {
  readonly make: () => Layer;
  readonly example: readonly number[];
  readonly classes: number;
  /** That of the ResNet paper by default; smaller where rounding would decide what the second loss is. */
  readonly learningRate?: number;
}

/** The networks by name. */
export const models: Readonly<Record<Network, Task>> = {
  mlp: { make: mlp, example: [784], classes: 10 },
  mnist: { make: () => mnistResnet(), example: [28, 28, 1], classes: 10 },
  resnet20: { make: () => resnetCifar(20, { shortcut: "B" }), example: [32, 32, 3], classes: 10 },
  resnet50: {
    make: () => resnet(50),
    example: [224, 224, 3],
    classes: 1000,
    learningRate: 1e-6, // two images are normalized: at 1e-5 one step takes the loss from 7.6 to 6.2
  },
  resnet56: {
    make: () => resnetCifar(56, { shortcut: "B" }),
    example: [32, 32, 3],
    classes: 10,
    learningRate: 1e-3,
  },
  tiny: { make: tiny, example: [8, 8, 3], classes: 10 },
  transformer: { make: transformer, example: [32, 64], classes: 10 },
};

/** Makes a problem from nothing but its name and size. */
export function makeProblem(network: Network, batch: number): Problem {
  const { make, example, classes, learningRate = 0.1 } = models[network];
  const shape = [batch, ...example];
  const { params } = make().init(abstractKey, shape);
  const label = (share: number) => Math.floor((share + 1) / 2 * classes);
  return {
    network,
    shapes: Object.fromEntries(entries(params).map(([path, { shape }]) => [path, [...shape]])),
    examples: drawn("examples", shape),
    labels: Int32Array.from(drawn("labels", [batch]).values, label),
    classes,
    learningRate,
  };
}
