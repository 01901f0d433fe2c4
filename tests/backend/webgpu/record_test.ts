import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  BackendError,
  compile,
  type CompileOptions,
  key,
  knobs,
  MismatchError,
  normal,
  ops,
  OutOfMemoryError,
  randomBits,
  RecordingError,
  release,
  type Step,
  type Tensor,
  tensor,
} from "@fplusx/nn";
import { dispatch } from "../../../lib/backend/webgpu/dispatch.ts";
import { entry, type Program } from "../../../lib/backend/webgpu/program.ts";
import { whyNotRecordable } from "../../../lib/backend/webgpu/record_stage.ts";
import { keep } from "../../../lib/ops.ts";
import { isRecording } from "../../../lib/recording.ts";
import type { tf } from "../../../lib/tfjs.ts";
import { gpu, testWebgpu } from "./program.ts";

type State = { readonly w: Tensor };
/** What the step makes of `w`, `x` and the seed. */
type Body = (w: Tensor, x: Tensor, seed: Tensor) => Tensor;

const stepOf = (body: Body): Step<State> => ({ w }, { x }, { seed }) =>
  ops.tidy(() => [{ w: body(w, x, seed) }, ops.sum(w)]);

/** Gives what `count` steps end with, from `w` = [1, 2, 3] and `x` = [1, 1, 1]. */
async function run(step: Step<State>, count: number): Promise<number[]> {
  let state: State = { w: tensor([1, 2, 3]) };
  try {
    for (let i = 0; i < count; i++) {
      const [data, turn] = [{ x: tensor([1, 1, 1]), y: tensor([0]) }, knobs(0.5, 0, i)];
      try {
        const [next, loss] = step(state, data, turn);
        release(state, next);
        state = next;
        loss.dispose();
      } finally {
        release([data, turn]);
      }
    }
    return [...await state.w.data()];
  } finally {
    release(state);
  }
}

/** Checks that call number `at` fails, with this message, and that the device is none the worse. */
async function assertFails(
  body: Body,
  at: number,
  message: string | RegExp,
  kind: new (...args: never[]) => Error = RecordingError,
  options?: CompileOptions,
): Promise<void> {
  using step = compile(stepOf(body), options);
  let calls = 0;
  const counted: Step<State> = (...inputs) => (calls++, step(...inputs));
  try {
    await run(counted, at + 2);
  } catch (error) {
    assert(error instanceof kind, `${error}`);
    if (typeof message === "string") assertEquals(error.message, message);
    else assertMatch(error.message, message);
    assertEquals(calls, at + 1);
    using plain = compile(stepOf((w, x) => ops.add(w, x)));
    assertEquals(await run(plain, 2), [3, 4, 5]);
    return;
  }
  throw new Error("No call failed");
}

testWebgpu("a step is recorded at the first call, and looked at again at the second", async () => {
  const calls: boolean[] = [];
  using step = compile(stepOf((w, x) => {
    calls.push(isRecording());
    return ops.add(w, x);
  }));
  assertEquals(await run(step, 4), [5, 6, 7]);
  assertEquals([calls, isRecording()], [[true, true], false]);
  const [graph] = step.stats.graphs;
  assertEquals([step.stats.plain, graph!.dispatches, graph!.replays], [undefined, 2, 4]);
  assert(step.stats.bytes > graph!.bytes);
});

testWebgpu("as many calls are looked at again as one asks for", async () => {
  for (const check of [0, 2, Infinity]) {
    let calls = 0;
    using step = compile(stepOf((w, x) => (calls++, ops.add(w, x))), { check });
    await run(step, 5);
    assertEquals(calls, 1 + Math.min(check, 4));
  }
});

testWebgpu("a number that is not a tensor and changes is found", async () => {
  let factor = 0;
  await assertFails(
    (w) => ops.mul(w, ++factor),
    1,
    "Cannot replay the step: operation 0, Multiply, takes 2, and when it was recorded it took 1; " +
      "what changes has to be a tensor of the state, the batch or the knobs",
    MismatchError,
  );
  let low = 0;
  await assertFails(
    (w) => ops.clip(w, ++low, 9),
    1,
    "Cannot replay the step: operation 0, ClipByValue, takes other values than when it was recorded; " +
      "what changes has to be a tensor of the state, the batch or the knobs",
    MismatchError,
  );
});

testWebgpu("a number that changes late is found if one goes on looking", async () => {
  let calls = 0;
  const body: Body = (w) => ops.mul(w, calls++ < 3 ? 1 : 2);
  const message =
    "Cannot replay the step: operation 0, Multiply, takes 2, and when it was recorded " +
    "it took 1; what changes has to be a tensor of the state, the batch or the knobs";
  await assertFails(body, 3, message, MismatchError, { check: Infinity });
});

testWebgpu("a branch that is taken on the host is found", async () => {
  let calls = 0;
  await assertFails(
    (w, x) => calls++ === 0 ? ops.add(w, x) : ops.sub(w, x),
    1,
    "Cannot replay the step: operation 0 is Sub, and when it was recorded it was Add; " +
      "what a step does may depend on shapes alone",
    MismatchError,
  );
  await assertFails(
    (w, x) => calls++ % 2 === 0 ? ops.add(w, x) : ops.add(ops.add(w, x), x),
    1,
    "Cannot replay the step: operation 1 is Add, and when it was recorded it was Sum; " +
      "what a step does may depend on shapes alone",
    MismatchError,
  );
  await assertFails(
    (w, x) => calls++ % 2 === 0 ? ops.sub(w, x) : ops.sub(x, w),
    1,
    "Cannot replay the step: operation 0, Sub, takes other values than when it was recorded; " +
      "what changes has to be a tensor of the state, the batch or the knobs",
    MismatchError,
  );
  await assertFails(
    (w, x) => ops.clone(calls++ % 2 === 0 ? w : x),
    1,
    "Cannot replay the step: it gives other tensors than when it was recorded",
    MismatchError,
  );
});

testWebgpu("random numbers come from the device, and are refused on the host", async () => {
  await assertFails(
    (w, _, seed) => ops.mul(w, randomBits(key(seed), 1)[0]!),
    0,
    "Cannot draw on the host from this key: its seed is abstract or lives on a device only",
  );
  await assertFails(
    (w) => ops.mul(w, tensor([Math.random()])),
    1,
    new RegExp(
      "^Cannot replay the step: operation 0, Multiply, takes [\\d.e-]+, and when it was recorded it " +
        "took [\\d.e-]+; what changes has to be a tensor of the state, the batch or the knobs$",
    ),
    MismatchError,
  );
  const noisy = stepOf((w, _, seed) => ops.add(w, normal(key(seed), [3])));
  using step = compile(noisy, { check: 0 });
  assertEquals(await run(step, 4), await run(noisy, 4));
});

testWebgpu("a tensor that is kept is refused, unless the host made it", async () => {
  let kept: Tensor | undefined;
  await assertFails(
    (w, x) => ops.add(kept = keep(ops.mul(w, x)), x),
    0,
    "Cannot record the step: it keeps a tensor of shape [3] that it does not return, which a replay " +
      "could not do again",
  );
  kept!.dispose();
  let once: Tensor | undefined;
  using step = compile(stepOf((w) => ops.add(w, once ??= keep(tensor([1, 2, 3])))));
  assertEquals(await run(step, 3), [4, 8, 12]);
  assertEquals([...await once!.data()], [1, 2, 3]);
  once!.dispose();
});

testWebgpu(
  "what throws in a step throws when it is recorded, and leaves nothing behind",
  async () => {
    await assertFails(
      (w, x) => {
        ops.add(w, x);
        throw new TypeError("of the caller");
      },
      0,
      "of the caller",
      TypeError,
    );
  },
);

testWebgpu("what is above the limits is refused before anything is submitted", async () => {
  const { maxStorageBufferBindingSize: most, maxComputeWorkgroupsPerDimension: groups } =
    gpu().device.limits;
  await assertFails(
    (w) => ops.sum(ops.fill([most / 4 + 1], 1)) && w,
    0,
    `Cannot allocate ${most + 4} bytes for one tensor: the GPU allows at most ${most}; ` +
      "a smaller batch needs less",
    OutOfMemoryError,
  );
  const huge: Program = { name: "huge", wgsl: entry(1, ""), groups: [groups + 1, 1, 1] };
  await assertFails(
    (w) => {
      dispatch(gpu(), huge, [w as unknown as tf.TensorInfo], []);
      return w;
    },
    0,
    `Cannot run kernel huge: it needs [${
      groups + 1
    }, 1, 1] groups of threads, and the GPU takes at ` +
      `most ${groups} along an axis`,
    BackendError,
  );
});

testWebgpu("a backend without what recording needs is told by what it lacks", () => {
  assertEquals(whyNotRecordable(gpu()), undefined);
  const { queue: _, ...rest } = Object.fromEntries(
    ["bufferManager", "commandEncoder", "computePassEncoder", "endComputePassEncoder"]
      .concat("makeUniforms", "queue", "recordAndSubmit", "submitQueue", "tensorMap", "uploadToGPU")
      .map((name) => [name, null]),
  );
  assertEquals(
    whyNotRecordable(rest),
    "this version of tfjs's WebGPU backend has no queue, tensorToBinding",
  );
});

testWebgpu("calls make no buffers when they have been made once", async () => {
  using step = compile(stepOf((w, x) => ops.mul(ops.add(w, x), ops.sub(w, x))));
  await run(step, 3);
  const { device } = gpu();
  const create = device.createBuffer;
  let made = 0;
  device.createBuffer = (descriptor) => (made++, create.call(device, descriptor));
  try {
    await run(step, 50);
  } finally {
    Reflect.deleteProperty(device, "createBuffer");
  }
  assertEquals(made, 0);
});

testWebgpu("the recordings that were used longest ago are forgotten", async () => {
  using step = compile<State>(({ w }, { x }) => ops.tidy(() => [{ w: ops.clone(w) }, ops.sum(x)]));
  using w = tensor([1]);
  const sums: number[] = [];
  for (let round = 0; round < 2; round++) {
    for (let size = 1; size <= 9; size++) {
      const [data, turn] = [{ x: ops.fill([size], 2), y: w }, knobs(0, 0, 0)];
      const [next, loss] = step({ w }, data, turn);
      sums.push((await loss.data())[0]!);
      release([data.x, turn, next, loss]);
    }
  }
  const once = Array.from({ length: 9 }, (_, i) => 2 * (i + 1));
  assertEquals(sums, [...once, ...once]);
  assertEquals(step.stats.graphs.length, 8);
});
