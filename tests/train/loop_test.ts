import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ArgumentError,
  assertNoLeaks,
  batchNorm,
  compile,
  crossEntropy,
  dense,
  dropout,
  elementwise,
  initTraining,
  key,
  knob,
  LabelError,
  type Layer,
  leaves,
  liveTensors,
  meanSquaredError,
  named,
  NonFiniteError,
  ops,
  release,
  relu,
  retain,
  sequential,
  setup,
  sgd,
  tensor,
  train,
  type TrainOptions,
  trainStep,
  type Tree,
} from "../../mod.ts";
import { testEach } from "../backends.ts";

const line = (slope: number) => ({
  x: tensor([-1, 0, 1, 2], [4, 1]),
  y: tensor([-1, 0, 1, 2].map((x) => slope * x), [4, 1]),
});

function* endless() {
  while (true) yield line(3);
}

const parts = { model: dense(1), optimizer: sgd({ momentum: 0.9 }), loss: meanSquaredError };

function options(
  more: Partial<TrainOptions<Tree, Tree>> = {},
): TrainOptions<Tree, Tree> {
  const all = { ...parts, ...more } as typeof parts & Partial<TrainOptions<Tree, Tree>>;
  return {
    state: more.state ?? initTraining(all, key(0), [4, 1]),
    batches: endless(),
    schedule: () => 0.05,
    ...all,
  } as unknown as TrainOptions<Tree, Tree>;
}

async function values(tree: Tree): Promise<number[][]> {
  return await Promise.all(leaves(tree).map(async (leaf) => [...await leaf.data()]));
}

testEach("train() learns a line, and tells of every step and then of its loss", async () => {
  using training = train(options({ steps: 60 }));
  const steps: number[] = [];
  const losses: number[] = [];
  for await (const event of training) {
    if (event.kind === "step") steps.push(event.step);
    else {
      assertEquals(event.step, losses.length);
      assertEquals(event.examples, 4);
      losses.push(event.loss);
    }
  }
  assertEquals(steps, Array.from({ length: 60 }, (_, i) => i));
  assertEquals(losses.length, 60);
  assert(losses.at(-1)! < losses[0]! / 100, `${losses}`);
  assertEquals(training.step, 60);
});

testEach(
  "train() reads the losses of several steps in one go, so many steps late at most",
  async () => {
    const { mapAsync } = GPUBuffer.prototype;
    let reads = 0;
    GPUBuffer.prototype.mapAsync = function (...args) {
      reads++;
      return mapAsync.apply(this, args);
    };
    try {
      using training = train(options({ steps: 12, inFlight: 4 }));
      const late: number[] = [];
      let taken = 0;
      for await (const event of training) {
        if (event.kind === "step") taken++;
        else late.push(taken - event.step);
      }
      assertEquals(late, [5, 4, 3, 5, 4, 3, 5, 4, 3, 3, 2, 1]);
      assertEquals(reads, 4);
    } finally {
      GPUBuffer.prototype.mapAsync = mapAsync;
    }
  },
  ["webgpu"],
);

testEach("train() goes the same way however late the losses are read", async () => {
  const ends: number[][][] = [];
  for (const inFlight of [0, 1, 5]) {
    using training = train(options({ steps: 7, inFlight }));
    for await (const _ of training);
    ends.push(await values(training.state));
  }
  assertEquals(ends[0], ends[1]);
  assertEquals(ends[0], ends[2]);
});

testEach("train() keeps the state when it is left by break, and takes it up again", async () => {
  using whole = train(options({ steps: 9 }));
  for await (const _ of whole);
  using first = train(options());
  for await (const event of first) if (event.kind === "step" && event.step === 3) break;
  assertEquals(first.step, 4);
  using second = train(options({ state: retain(first.state), firstStep: first.step, steps: 9 }));
  for await (const _ of second);
  assertEquals(await values(second.state), await values(whole.state));
});

testEach("train() stops at the signal, between two steps", async () => {
  const abort = new AbortController();
  using training = train(options({ signal: abort.signal }));
  for await (const event of training) {
    if (event.kind === "step" && event.step === 5) abort.abort();
  }
  assertEquals(training.step, 6);
});

testEach("train() draws from the seed: the same seed the same way, another another", async () => {
  const model = sequential(dense(16), relu, dropout(0.5), dense(1)) as Layer;
  const ends: number[][][] = [];
  for (const seed of [1, 1, 2]) {
    using training = train(options({ model, seed, steps: 3 } as never));
    for await (const _ of training);
    ends.push(await values(training.state));
  }
  assertEquals(ends[0], ends[1]);
  assert(JSON.stringify(ends[0]) !== JSON.stringify(ends[2]));
});

/** Divides by zero from the third batch on: the slope of the data becomes infinite. */
function* spoilt() {
  for (let i = 0;; i++) {
    const batch = line(3);
    if (i < 3) yield batch;
    else {
      release(batch);
      yield { x: tensor([0, 1, NaN, 3], [4, 1]), y: tensor([1, 1, 1, 1], [4, 1]) };
    }
  }
}

testEach("train() stops at a loss that is not finite, and keeps the last good state", async () => {
  using good = train(options({ steps: 2 }));
  for await (const _ of good);
  using training = train(options({ batches: spoilt() }));
  const error = await assertRejects(async () => {
    for await (const _ of training);
  }, NonFiniteError);
  assertEquals(
    error.message,
    "Cannot go on training: the loss of step 3 is NaN, and the first value that is not finite " +
      "comes from the input; the state before step 2 is kept",
  );
  assertEquals([error.code, error.step, training.step], ["NONFINITE", 3, 2]);
  assertEquals(await values(training.state), await values(good.state));
});

testEach("train() names the first layer whose output is not finite", async () => {
  const burst = elementwise("burst", (x) => ops.exp(ops.mul(ops.abs(x), 1e4)));
  const model = named({ stem: dense(2), block: named({ burst, norm: batchNorm() }), fc: dense(1) });
  using training = train(options({ model: model as unknown as Layer } as never));
  await assertRejects(
    async () => {
      for await (const _ of training);
    },
    NonFiniteError,
    "Cannot go on training: the loss of step 0 is NaN, and the first value that is not finite " +
      'comes from "block.burst"; the state before step 0 is kept',
  );
});

testEach("train() names the parameter that had become infinite", async () => {
  const model = named({ fc: dense(1) });
  const state = initTraining({ ...parts, model }, key(0), [4, 1]);
  state.params.fc.weight.dispose();
  const params = { fc: { ...state.params.fc, weight: tensor([Infinity], [1, 1]) } };
  using training = train(options({ model, state: { ...state, params } } as never));
  await assertRejects(
    async () => {
      for await (const _ of training);
    },
    NonFiniteError,
    'the first value that is not finite comes from the parameter "fc.weight"',
  );
});

testEach("train() holds as many tensors after a thousand steps as after a dozen", async () => {
  using training = train(options({ steps: 1000 }));
  const counts: number[] = [];
  for await (const event of training) if (event.kind === "step") counts.push(liveTensors());
  assertEquals(counts[999], counts[11]); // losses are read in pairs
}, ["wasm"]);

testEach("train() leaves nothing behind when a step throws", async () => {
  const wrong = { x: tensor([1, 2], [2, 1]), y: tensor(Int32Array.of(0, 9)) };
  using training = train(options({ batches: [wrong], loss: crossEntropy }));
  await assertRejects(
    async () => {
      for await (const _ of training);
    },
    LabelError,
  );
});

Deno.test("train() refuses numbers of steps that are none", async () => {
  await setup({ backend: "cpu" });
  await assertNoLeaks(() => {
    const state = initTraining(parts, key(0), [4, 1]);
    const refuse = (more: object, message: string) =>
      assertThrows(() => train(options({ state, ...more })), ArgumentError, message);
    refuse({ inFlight: -1 }, "Cannot train with -1 losses in flight: need an integer ≥ 0");
    refuse({ inFlight: 1.5 }, "Cannot train with 1.5 losses in flight: need an integer ≥ 0");
    refuse({ steps: 3, firstStep: 4 }, "Cannot train up to step 3: it begins at step 4");
    refuse(
      { state: { ...state, params: [] } },
      "Cannot train a model without parameters: there is nothing to learn",
    );
    release(state);
  });
});

testEach("two trainings side by side do not disturb each other", async () => {
  using alone = train(options({ steps: 5 }));
  for await (const _ of alone);
  using a = train(options({ steps: 5 }));
  using b = train(options({ steps: 5, schedule: () => 0.01 }));
  const [ia, ib] = [a[Symbol.asyncIterator](), b[Symbol.asyncIterator]()];
  for (let done = 0; done < 2;) {
    done = 0;
    for (const iterator of [ia, ib]) if ((await iterator.next()).done) done++;
  }
  assertEquals(await values(a.state), await values(alone.state));
});

testEach("train() turns the knobs by their schedules", async () => {
  const turned = sgd({ momentum: knob("momentum") });
  const schedules = { momentum: (step: number) => step < 2 ? 0.5 : 0.25 };
  using training = train(options({ optimizer: turned, schedules, steps: 4 }));
  for await (const _ of training);
  using first = train(options({ optimizer: sgd({ momentum: 0.5 }), steps: 2 }));
  for await (const _ of first);
  const state = retain(first.state);
  const rest = { optimizer: sgd({ momentum: 0.25 }), state, firstStep: 2, steps: 4 };
  using second = train(options(rest as unknown as Partial<TrainOptions<Tree, Tree>>));
  for await (const _ of second);
  assertEquals(await values(training.state), await values(second.state));
});

testEach("train() refuses a step that takes over its state", () => {
  using step = compile(trainStep(parts), { donate: true });
  const all = options({ step: step as never });
  assertThrows(
    () => train(all),
    ArgumentError,
    "Cannot train with a step that takes over its state: compile it without `donate`",
  );
  release(all.state);
}, ["cpu"]);

testEach(
  "train() goes the same way with a compiled step, and back from a loss that is not finite",
  async () => {
    using step = compile(trainStep(parts));
    const ends: number[][][] = [];
    const errors: string[] = [];
    for (const more of [{}, { step: step as never }]) {
      for (const inFlight of [0, 1, 5]) {
        using training = train(options({ batches: spoilt(), inFlight, ...more }));
        const error = await assertRejects(async () => {
          for await (const _ of training);
        }, NonFiniteError);
        ends.push(await values(training.state));
        errors.push(error.message);
      }
    }
    for (const end of ends) assertEquals(end, ends[0]);
    assertEquals(new Set(errors).size, 1);
  },
);
