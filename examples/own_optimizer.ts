// An optimizer of your own is one more link in a chain: here updates that keep only the sign of the
// momentum (sign descent), followed by the library's decay of weights and learning rate.
//
// deno run examples/own_optimizer.ts
import {
  addDecayedWeights,
  chain,
  dense,
  type GradientTransformation,
  initTraining,
  key,
  leaves,
  map,
  meanSquaredError,
  ops,
  scaleByLearningRate,
  setup,
  tensor,
  trace,
  train,
} from "@fplusx/nn";

const keepSign: GradientTransformation = {
  kind: "keepSign",
  init: () => [],
  update: (updates, state) => [map((leaf) => ops.sign(leaf), updates), state],
};

const optimizer = chain(
  trace(0.9),
  keepSign,
  addDecayedWeights(1e-4),
  scaleByLearningRate(),
);

await setup();
const parts = { model: dense(1), optimizer, loss: meanSquaredError };
function* batches() {
  while (true) yield { x: tensor([1, 2, 3], [3, 1]), y: tensor([3, 5, 7], [3, 1]) };
}
using training = train({
  ...parts,
  state: initTraining(parts, key(0), [3, 1]),
  batches: batches(),
  schedule: (step) => 0.1 * 0.98 ** step,
  steps: 300,
});
for await (const event of training) {
  if (event.kind === "loss" && event.step % 60 === 0) console.log(event.step, event.loss);
}
const [weight, bias] = await Promise.all(leaves(training.state.params).map((leaf) => leaf.data()));
console.log("y =", weight![0], "x +", bias![0]);
