import { assertEquals } from "@std/assert";
import {
  batchNorm,
  compile,
  conv,
  crossEntropy,
  dense,
  globalAveragePool,
  identity,
  initTraining,
  key,
  knobs,
  type Layer,
  maxPool,
  release,
  relu,
  residual,
  sequential,
  sgd,
  type Shape,
  type Step,
  type StepParts,
  tensor,
  type TrainState,
  trainStep,
  type Tree,
} from "@fplusx/nn";
import { testEach } from "../backends.ts";

const SHAPE: Shape = [2, 8, 8, 3];

const parts: StepParts<Tree, Tree> = {
  model: sequential(
    conv(4, 3),
    batchNorm(),
    relu,
    maxPool(2),
    residual(sequential(conv(4, 3), batchNorm()), identity, { activation: relu }),
    globalAveragePool,
    dense(3),
  ) as Layer,
  optimizer: sgd(),
  loss: crossEntropy,
};

/** Tells of steps on sound pictures and on one with a bad pixel, in turn, whether the loss is a number. */
async function areNumbers(step: Step<TrainState>, bad: number): Promise<boolean[]> {
  const found: boolean[] = [];
  for (const pixel of [0.5, bad, 0.5, bad]) {
    const state: TrainState = initTraining(parts, key(0), SHAPE);
    const values = Float32Array.from({ length: 384 }, (_, i) => i === 200 ? pixel : Math.sin(i));
    const [batch, turn] = [
      { x: tensor(values, SHAPE), y: tensor(Int32Array.of(0, 2)) },
      knobs(0.1, 0, 0),
    ];
    const [next, loss] = step(state, batch, turn);
    found.push(Number.isFinite((await loss.data())[0]));
    release([state, next, batch, turn, loss]);
  }
  return found;
}

testEach("One bad pixel shows in the loss of a step, and in no later one", async () => {
  for (const precision of ["single", "mixed"] as const) {
    const plain = trainStep({ ...parts, precision });
    using compiled = compile(plain);
    using donated = compile(plain, { donate: true });
    for (const step of [plain, compiled, donated]) {
      for (const bad of [NaN, Infinity]) {
        assertEquals(await areNumbers(step, bad), [true, false, true, false]);
      }
    }
  }
});
