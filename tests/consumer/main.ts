/**
 * A project of someone else's: it imports the package by its name, puts a layer of its own between
 * ours, and trains the whole. It is run without any permission.
 */

import {
  dense,
  initTraining,
  key,
  meanSquaredError,
  named,
  normal,
  ops,
  relu,
  residual,
  sequential,
  setup,
  sgd,
  stateless,
  type Tensor,
  tensor,
  train,
} from "@fplusx/nn";

/** Scales each feature by a learned gate: `y = x * sigmoid(gate)`. */
const gate = stateless<{ readonly gate: Tensor }>({
  kind: "gate",
  init: (key, shape) => ({
    params: { gate: normal(key, shape.slice(-1)) },
    shape,
  }),
  apply: ({ gate }, x) => ops.mul(x, ops.sigmoid(gate)),
});

const model = named({
  stem: dense(8),
  block: residual(sequential(dense(8), relu, gate)),
  head: dense(1),
});

const { name: backend } = await setup({ backend: "wasm" });

/** The same sixteen points and their sums, again and again. */
function* batches() {
  const points = Array.from(
    { length: 16 },
    (_, i) => [i % 4, (i >> 2) % 4, i % 3].map((v) => v / 4),
  );
  const sums = points.map((point) => point.reduce((a, b) => a + b));
  while (true) {
    yield { x: tensor(points.flat(), [16, 3]), y: tensor(sums, [16, 1]) };
  }
}

const parts = {
  model,
  optimizer: sgd({ momentum: 0.9 }),
  loss: meanSquaredError,
};
const losses: number[] = [];
using training = train({
  ...parts,
  state: initTraining(parts, key(0), [16, 3]),
  batches: batches(),
  schedule: () => 0.02,
  steps: 100,
});
for await (const event of training) {
  if (event.kind === "loss") losses.push(event.loss);
}

// Its own parameters have their place, and their type, in the tree of the whole.
const learned = await training.state.params.block.body[2].gate.data();
console.log(JSON.stringify({ backend, losses, gate: [...learned] }));
