import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  ArgumentError,
  BackendError,
  type Batch,
  compile,
  DisposedError,
  grad,
  initTraining,
  key,
  knobs,
  LabelError,
  ops,
  RecordingError,
  release,
  retain,
  type Step,
  type Tensor,
  tensor,
  type TrainState,
  trainStep,
} from "@fplusx/nn";
import { type BackendName, testEach } from "../backends.ts";
import { type Case, perceptron, resnet8, run, transformer } from "./compile_cases.ts";

const NOT_CPU: readonly BackendName[] = ["wasm", "webgpu"];

function testCourse(name: string, example: Case, only?: readonly BackendName[]): void {
  testEach(`A compiled step is the plain one bit for bit, 20 times: ${name}`, async () => {
    const plain = trainStep(example.parts);
    const course = await run(example, plain);
    for (const options of [{}, { donate: true }]) {
      using step = compile(plain, options);
      assertEquals(await run(example, step), course);
    }
  }, only);
}

testCourse("a perceptron with dropout and Adam", perceptron);
testCourse("a small transformer", transformer);
testCourse("ResNet-8", resnet8, NOT_CPU);

testEach("A compiled step draws from the seed: the same again, another another", async () => {
  using step = compile(trainStep(perceptron.parts));
  const courses = [];
  for (const seed of [1, 1, 2]) courses.push(await run(perceptron, step, { seed, steps: 3 }));
  assertEquals(courses[0], courses[1]);
  assertNotEquals(courses[0], courses[2]);
});

/* ------------------------------------------------------------- what is given and what is taken */

type State = { readonly w: Tensor; readonly still: Tensor };

const start = (): State => ({ w: tensor([1, 2, 3]), still: tensor([5]) });
const halves = (i = 0) => ({
  data: { x: tensor([i, 0, 4]), y: tensor([1]) },
  turn: knobs(0.5, 0, i),
});

/** Goes half of the way to the batch; `still` is handed on. */
const approach: Step<State> = ({ w, still }, { x }, { learningRate }) =>
  ops.tidy(() => [
    { w: ops.add(w, ops.mul(ops.sub(x, w), learningRate)), still },
    ops.sum(ops.square(w)),
  ]);

async function valuesOf(x: Tensor): Promise<number[]> {
  return [...await x.data()];
}

/** Takes a step on batch number `i`, and lets go of the batch and the loss. */
function take(step: Step<State>, state: State, i = 0): State {
  const { data, turn } = halves(i);
  const [next, loss] = step(state, data, turn);
  release([data, turn, loss]);
  return next;
}

testEach(
  "A compiled step leaves the state that it is given alone, and hands on what it hands on",
  async () => {
    using step = compile(approach);
    const first = start();
    const second = take(step, first);
    const third = take(step, second, 2);
    assertStrictEquals(third.still, first.still);
    assertEquals(await valuesOf(first.w), [1, 2, 3]);
    assertEquals(await valuesOf(second.w), [0.5, 1, 3.5]);
    assertEquals(await valuesOf(third.w), [1.25, 0.5, 3.75]);
    const again = take(step, first, 2);
    assertEquals(await valuesOf(again.w), [1.5, 1, 3.5]);
    release([first, second, third, again]);
  },
);

testEach(
  "A compiled step that is donated to takes the tensors of the state, and no other handle",
  async () => {
    using step = compile(approach, { donate: true });
    assertEquals([step.donate, compile(approach).donate], [true, false]);
    let state = start();
    const held: [State, number[]][] = [];
    for (let i = 0; i < 4; i++) {
      held.push([retain(state), await valuesOf(state.w)]);
      const next = take(step, state, i);
      assert(state.w.isDisposed);
      assertStrictEquals(next.still, state.still);
      state = next;
    }
    for (const [copy, values] of held) assertEquals(await valuesOf(copy.w), values);
    assertEquals(await valuesOf(state.w), [2.1875, 0.125, 3.9375]);
    release([held.map(([copy]) => copy), state]);
  },
);

testEach("A state that was donated says so when it is used again", async () => {
  using step = compile(approach, { donate: true });
  const old = start();
  const state = take(step, old);
  const reason =
    "Cannot use a float32 tensor of shape [3]: it was donated to a compiled step, which " +
    "gave the next one";
  assertThrows(() => ops.neg(old.w), DisposedError, reason);
  const { data, turn } = halves();
  const error = assertThrows(() => step(old, data, turn), DisposedError);
  assertEquals(error.message, `${reason}, at "state.w"`);
  // Going back to a copy is no trouble, and neither is the state that it leaves behind.
  const copy = start();
  const other = take(step, copy);
  assertEquals(await valuesOf(state.w), [0.5, 1, 3.5]);
  assertEquals(await valuesOf(other.w), [0.5, 1, 3.5]);
  release([data, turn, state, other]);
});

testEach(
  "A tensor that is read while its state is donated has the values of its time",
  async () => {
    using step = compile(approach, { donate: true });
    let state = take(step, start());
    const reading = state.w.data();
    state = take(step, state, 2);
    assertEquals([...await reading], [0.5, 1, 3.5]);
    assertEquals(await valuesOf(state.w), [1.25, 0.5, 3.75]);
    release(state);
  },
);

testEach("A compiled step names an input that is gone, whatever it is", () => {
  using step = compile(approach);
  const [state, { data, turn }] = [start(), halves()];
  data.x.dispose();
  const { message } = assertThrows(() => step(state, data, turn), DisposedError);
  assertEquals(
    message,
    'Cannot use a float32 tensor of shape [3]: it was disposed, at "batch.x"',
  );
  release([state, data, turn]);
});

testEach("Values that were read are not those of a later call", async () => {
  for (const donate of [false, true]) {
    using step = compile(approach, { donate });
    let state = start();
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { data, turn } = halves(i);
      const [next, loss] = step(state, data, turn);
      seen.push((await loss.data())[0]!, (await next.w.data())[0]!);
      release(state, next);
      release([data, turn, loss]);
      state = next;
    }
    assertEquals(seen, [14, 0.5, 13.5, 0.75, 14.875, 1.375, 16.96875, 2.1875]);
    release(state);
  }
});

testEach(
  "A batch of another shape or type is another recording, and no other result",
  async (backend) => {
    const mean: Step<State> = ({ w, still }, { x }) =>
      ops.tidy(() => [{ w: ops.clone(w), still }, ops.mean(ops.cast(x, "float32"))]);
    using step = compile(mean);
    const state = start();
    const means: number[] = [];
    const inputs = [
      () => tensor([1, 2]),
      () => tensor([1, 2, 6]),
      () => tensor(Int32Array.of(1, 4)),
      () => tensor(Uint8Array.of(1, 0)),
      () => tensor([3, 4]),
      () => tensor([4, 5, 6], [3, 1]),
    ];
    for (const make of inputs) {
      const [data, turn] = [{ x: make(), y: tensor([0]) }, knobs(1, 0, 0)];
      const [next, loss] = step(state, data, turn);
      means.push((await loss.data())[0]!);
      release([data, turn, loss, next.w]);
    }
    assertEquals(means, [1.5, 3, 2.5, 0.5, 3.5, 5]);
    assertEquals(step.stats.graphs.length, backend === "webgpu" ? 5 : 0);
    release(state);
  },
);

testEach("Compiled steps run side by side, and beside plain ones", async () => {
  using one = compile(approach);
  using two = compile(approach, { donate: true });
  let [a, b, c] = [start(), start(), start()];
  for (let i = 0; i < 3; i++) {
    const next = [take(one, a, i), take(two, b, i), take(approach, c, i)] as const;
    release([a, b, c], next);
    [a, b, c] = next;
  }
  assertEquals(await valuesOf(a.w), [1.375, 0.25, 3.875]);
  assertEquals(await valuesOf(b.w), await valuesOf(a.w));
  assertEquals(await valuesOf(c.w), await valuesOf(a.w));
  // What one has made, another takes, and what it gives outlives both.
  const d = take(two, take(one, a, 3), 4);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
  assertEquals(await valuesOf(d.w), [3.09375, 0.0625, 3.96875]);
  release([a, b, c, d]);
});

testEach("A compiled step may use tensors from outside, and holds on to them", async () => {
  const weights = tensor([2, 0, 1]);
  const computed = ops.tidy(() => ops.neg(weights));
  const weigh: Step<State> = ({ w, still }) =>
    ops.tidy(() => [{ w: ops.add(ops.mul(w, weights), computed), still }, ops.sum(computed)]);
  const step = compile(weigh);
  const first = start();
  const second = take(step, first);
  const third = take(step, second);
  assertEquals(await valuesOf(third.w), [-2, 0, 1]);
  release([first, second, third, weights, computed]);
  step[Symbol.dispose]();
});

testEach(
  "A compiled step gives numbers, inputs, and one tensor twice as the plain one does",
  async () => {
    type Odd = { readonly a: Tensor; readonly b: Tensor; readonly c: Tensor; readonly n: Tensor };
    const odd: Step<Odd> = ({ a, b, n }, { x }) =>
      ops.tidy(() => {
        const sum = ops.add(a, x);
        return [{ a: b, b: sum, c: ops.reshape(sum, [2, 1]), n: ops.add(n, 1) }, ops.scalar(7)];
      });
    const start = (): Odd => ({
      a: tensor([1, 2]),
      b: tensor([3, 4]),
      c: tensor([0, 0], [2, 1]),
      n: tensor(Float32Array.of(), [0]),
    });
    for (const donate of [false, true]) {
      using compiled = compile(odd, { donate });
      for (const step of [odd, compiled]) {
        let state = start();
        let given = 0;
        for (let i = 0; i < 3; i++) {
          const [data, turn] = [{ x: tensor([10, 20]), y: tensor([0]) }, knobs(1, 0, i)];
          const [next, loss] = step(state, data, turn);
          release(state, next);
          given += (await loss.data())[0]!;
          release([data, turn, loss]);
          state = next;
        }
        const { a, b, c, n } = state;
        assertEquals([c.shape, n.shape, given], [[2, 1], [0], 21]);
        assertEquals([await valuesOf(a), await valuesOf(b)], [[13, 24], [21, 42]]);
        assertEquals([await valuesOf(c), await valuesOf(n)], [[21, 42], []]);
        release(state);
      }
    }
  },
);

/* -------------------------------------------------------------------------- what is refused */

testEach("compile() refuses a number of checks that is none", () => {
  for (const check of [-1, NaN]) {
    assertThrows(
      () => compile(approach, { check }),
      ArgumentError,
      `Cannot compile a step with check ${check}: need a number of at least 0`,
    );
  }
});

/** Takes steps that fail, each with this message, and leaves the state usable. */
function assertFails(step: Step<State>, message: string, kind = RecordingError): void {
  const [state, { data, turn }] = [start(), halves()];
  const error = assertThrows(() => step(state, data, turn), kind);
  assertEquals(error.message, message);
  release([state, data, turn]);
}

testEach("A compiled step may not read a tensor", () => {
  const read: Step<State> = (state, batch, knobs) => {
    const [next, loss] = approach(state, batch, knobs);
    loss.data().then(console.log);
    return [next, loss];
  };
  using step = compile(read);
  assertFails(
    step,
    "Cannot read a float32 tensor of shape [] inside a compiled step: return it, and read it after " +
      "the step",
  );
});

testEach("No gradient is taken through a compiled step", () => {
  using step = compile(approach);
  const { data, turn } = halves();
  const state = start();
  const slope = grad((state: State) => step(state, data, turn)[1]);
  assertThrows(
    () => slope(state),
    BackendError,
    "Cannot take the gradient of a compiled step: compile the function that takes it",
  );
  release([state, data, turn]);
});

testEach("A compiled step checks labels and hyper-parameters at every call", () => {
  const { parts, shape, batch } = perceptron;
  const spoil = ({ x, y }: Batch): Batch => {
    y.dispose();
    return { x, y: tensor(Int32Array.of(0, 1, 2, 1, 3)) };
  };
  for (const donate of [false, true]) {
    using step = compile(trainStep(parts), { donate });
    let state: TrainState = initTraining(parts, key(0), shape);
    for (let i = 0; i < 4; i++) {
      const [data, bad] = [batch(i), spoil(batch(i))];
      const [turn, back] = [knobs(0.1, 0, i), knobs(-1, 0, i)];
      assertThrows(
        () => step(state, data, back),
        ArgumentError,
        "Cannot take a step with learning rate -1: need a finite number of at least 0",
      );
      assertThrows(
        () => step(state, bad, turn),
        LabelError,
        "Cannot use label 3 at index 4: need an integer from 0 to 2",
      );
      const [next, loss] = step(state, data, turn);
      release(state, next);
      state = next;
      release([data, bad, turn, back, loss]);
    }
    release(state);
  }
});
