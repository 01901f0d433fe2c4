// Trains a residual network of your own on MNIST, in about twenty lines.
//
// deno run --allow-read=node_modules examples/mnist.ts
import {
  batchNorm,
  conv,
  cosineDecay,
  crossEntropy,
  dense,
  evaluate,
  globalAveragePool,
  initTraining,
  key,
  relu,
  residual,
  sequential,
  setup,
  sgd,
  train,
} from "@fplusx/nn";
import { batches } from "@fplusx/nn/data";
import { loadMnist } from "@fplusx/nn/deno";

const body = () => sequential(conv(32, 3), batchNorm(), relu, conv(32, 3), batchNorm());
const model = sequential(
  conv(32, 5, { stride: 4 }),
  residual(body()),
  relu,
  residual(body()),
  relu,
  globalAveragePool,
  dense(10),
);

await setup();
const mnist = await loadMnist();
const parts = { model, optimizer: sgd({ momentum: 0.9 }), loss: crossEntropy };
const steps = Number(Deno.args[0] ?? 400);
using training = train({
  ...parts,
  state: initTraining(parts, key(0), [64, 28, 28, 1]),
  batches: batches(mnist.train, { size: 64, key: key(1), epochs: Infinity }),
  schedule: cosineDecay(0.05, steps),
  steps,
});
for await (const event of training) {
  if (event.kind === "loss" && event.step % 50 === 0) console.log(event.step, event.loss);
}
const test = batches(mnist.test, { size: 500 });
const { top1 } = await evaluate(model, training.state, { batches: test });
console.log(`test accuracy ${(100 * top1).toFixed(2)} %`);
