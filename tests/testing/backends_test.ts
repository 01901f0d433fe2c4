import { assert, assertEquals, assertRejects } from "@std/assert";
import { activeBackend, setup } from "../../lib/backend/setup.ts";
import { basicBlock } from "../../lib/combinators/blocks.ts";
import { ArgumentError, MismatchError } from "../../lib/errors.ts";
import { customGrad } from "../../lib/grad.ts";
import { elementwise, type Layer, layer } from "../../lib/layer.ts";
import { batchNorm } from "../../lib/layers/batch_norm.ts";
import { add, clone, fill, mul } from "../../lib/ops.ts";
import { liveTensors } from "../../lib/ownership.ts";
import { draw } from "../../lib/random.ts";
import { compareBackends } from "../../lib/testing/backends.ts";
import { backends, webgpuSkipped } from "../backends.ts";

const here = backends.filter((name) => name !== "webgpu" || webgpuSkipped === undefined);
const onWasm = () => activeBackend().name === "wasm";

Deno.test("compareBackends() finds that a residual block is the same everywhere", async () => {
  await setup({ backend: "cpu" });
  const before = liveTensors();
  const found = await compareBackends(basicBlock(4, { stride: 2 }), [2, 6, 6, 3], {
    backends: here,
  });
  const paths = new Set(found.map(({ path }) => path));
  for (
    const path of [
      "train.y",
      "eval.y",
      "train.next.body.bn1.mean",
      "train.gradient.params.body.conv1.weight",
      "eval.gradient.x",
    ]
  ) assert(paths.has(path), path);
  for (const { difference, allowed } of found) assert(difference <= allowed);
  assertEquals(new Set(found.map(({ backend }) => backend)), new Set(here.slice(1)));
  assertEquals(activeBackend().name, "cpu");
  assertEquals(liveTensors(), before);
});

Deno.test("compareBackends() refuses an output that differs, and says where and how", async () => {
  await setup({ backend: "cpu" });
  const before = liveTensors();
  const odd = elementwise("odd", (x) => mul(fill(x.shape, 1), onWasm() ? 1.5 : 1));
  const error = await assertRejects(() => compareBackends(odd, [2, 2]), MismatchError);
  assertEquals(
    error.message,
    'Cannot rely on odd on wasm: value 0 is 1.5, and on cpu it is 1, at "train.y"',
  );
  assertEquals(activeBackend().name, "cpu");
  assertEquals(liveTensors(), before);
});

Deno.test("compareBackends() refuses a gradient that differs", async () => {
  await setup({ backend: "cpu" });
  const f = customGrad((x) => [clone(x!), []], (dy) => [mul(dy, onWasm() ? 2 : 1)]);
  const error = await assertRejects(
    () => compareBackends(elementwise("odd", (x) => f(x)), [2, 2]),
    MismatchError,
  );
  assertEquals(error.path, "train.gradient.x");
});

Deno.test("compareBackends() refuses a next state that differs, or is NaN on one side", async () => {
  await setup({ backend: "cpu" });
  const remembering = (odd: number): Layer =>
    layer({
      kind: "odd",
      init: (key, shape) => ({
        params: [],
        state: { sum: draw(key, [1], (n) => new Float32Array(n)) },
        shape,
      }),
      apply: ({ state }, x, mode) => [
        clone(x),
        mode.kind === "eval" ? state : { sum: add(state.sum, onWasm() ? odd : 1) },
      ],
    });
  await compareBackends(remembering(1), [2]);
  for (const odd of [1.001, NaN, Infinity]) {
    const error = await assertRejects(() => compareBackends(remembering(odd), [2]), MismatchError);
    assertEquals(
      error.message,
      `Cannot rely on odd on wasm: value 0 is ${
        Math.fround(odd)
      }, and on cpu it is 1, at "train.next.sum"`,
    );
  }
});

Deno.test("compareBackends() allows what it is told to", async () => {
  await setup({ backend: "cpu" });
  const odd = elementwise("odd", (x) => mul(fill(x.shape, 1), onWasm() ? 1.5 : 1));
  const found = await compareBackends(odd, [2, 2], { tolerance: 0.5 });
  assertEquals(found.find(({ path }) => path === "train.y"), {
    backend: "wasm",
    path: "train.y",
    difference: 0.5,
    allowed: 0.5,
  });
});

Deno.test("compareBackends() needs two backends", async () => {
  await setup({ backend: "cpu" });
  await assertRejects(
    () => compareBackends(batchNorm(), [2, 3], { backends: ["cpu"] }),
    ArgumentError,
    "Cannot compare backends: need at least two, got 1",
  );
});
