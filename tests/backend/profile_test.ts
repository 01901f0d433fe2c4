/**
 * What a profile of a function tells, on every backend.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { watchKernels } from "../../lib/backend/kernel_calls.ts";
import { measurePeak } from "../../lib/backend/peak.ts";
import { type KernelRun, runKernels } from "../../lib/backend/profile.ts";
import { setup } from "../../lib/backend/setup.ts";
import { grad } from "../../lib/grad.ts";
import { add, conv2d, fill, matMul, mul, relu, reshape, sum, tensor, tidy } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { tf } from "../../lib/tfjs.ts";
import { testEach, webgpuSkipped } from "../backends.ts";

/** Runs of one kernel. */
const of = (kernels: readonly KernelRun[], name: string) =>
  kernels.filter(({ kernel }) => kernel === name);

testEach("a profile has every kernel, with its time and what it moves", async (backend) => {
  const x = fill([8, 4], 1);
  const f = () => tidy(() => relu(add(x, reshape(x, [8, 4]))));
  const { kernels, hostMilliseconds } = await runKernels(f);
  assertEquals(kernels.map(({ kernel }) => kernel), ["Reshape", "Add", "Relu"]);
  assertEquals(kernels.map(({ bytes }) => bytes), [0, 3 * 128, 2 * 128]);
  for (const [i, run] of kernels.entries()) {
    assert(run.start >= 0 && run.start + run.hostMilliseconds <= hostMilliseconds);
    assert(run.start >= (kernels[i - 1]?.start ?? 0));
    assertEquals(run.multiplyAdds, 0);
    if (backend === "webgpu") checkPrograms(run, i === 0 ? 0 : 1);
    else assertEquals([run.milliseconds, run.programs], [run.hostMilliseconds, []]);
  }
  release([x]);
});

function checkPrograms({ milliseconds, programs }: KernelRun, count: number): void {
  assertEquals(programs.length, count);
  assertEquals(milliseconds, programs.reduce((sum, run) => sum + run.milliseconds, 0));
  for (const { program, start, milliseconds } of programs) {
    assert(program !== "" && start >= 0 && milliseconds > 0);
  }
}

testEach("products are counted as they are in the formulas", async () => {
  const [x, w] = [fill([2, 6, 6, 4], 1), fill([3, 3, 4, 8], 1)];
  const geometry = { strides: [2, 2], padding: [[1, 1], [1, 1]] } as const;
  const loss = ([x, w]: [Tensor, Tensor]) => sum(conv2d(x, w, geometry));
  const { kernels } = await runKernels(() => grad(loss)([x, w]));
  const products = 2 * 3 * 3 * 8 * 3 * 3 * 4;
  for (const name of ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"]) {
    assertEquals(of(kernels, name).map(({ multiplyAdds }) => multiplyAdds), [products], name);
  }

  const v = fill([3, 3, 1, 8], 1);
  const depthwise = ([x, v]: [Tensor, Tensor]) => sum(conv2d(x, v, { ...geometry, groups: 4 }));
  const grouped = await runKernels(() => grad(depthwise)([x, v]));
  for (const name of ["Native", "NativeBackpropInput", "NativeBackpropFilter"]) {
    assertEquals(
      of(grouped.kernels, `DepthwiseConv2d${name}`).map(({ multiplyAdds }) => multiplyAdds),
      [2 * 3 * 3 * 8 * 3 * 3],
      name,
    );
  }

  const [a, b] = [fill([5, 2, 3], 1), fill([5, 7, 2], 1)];
  const product = await runKernels(() => matMul(a, b, { transposeA: true, transposeB: true }));
  assertEquals(
    of(product.kernels, "BatchMatMul").map(({ multiplyAdds }) => multiplyAdds),
    [5 * 3 * 2 * 7],
  );
  release([x, w, v, a, b]);
});

testEach(
  "a profile changes no result, and a function that throws leaves nothing behind",
  async () => {
    const x = tensor([1, -2, 3]);
    const f = () => tidy(() => mul(relu(x), x));
    using plain = f();
    const results: Tensor[] = [];
    await runKernels(() => void results.push(f()));
    assertEquals(await results[0]!.data(), await plain.data());
    const before = Object.getOwnPropertyNames(tf.engine());
    await assertRejects(
      () =>
        runKernels(() => {
          throw new RangeError("stop");
        }),
      RangeError,
      "stop",
    );
    assertEquals(Object.getOwnPropertyNames(tf.engine()), before);
    using again = f();
    assertEquals(await again.data(), await plain.data());
    release([x, results]);
  },
);

testEach("a watch inside another leaves it as it was", () => {
  using x = fill([2], 1);
  const outer = watchKernels();
  const inner = watchKernels();
  relu(x).dispose();
  inner.stop();
  add(x, x).dispose();
  outer.stop();
  relu(x).dispose();
  assertEquals(inner.calls.map(({ kernel }) => kernel), ["Relu"]);
  assertEquals(outer.calls.map(({ kernel }) => kernel), ["Relu", "Add"]);
  assertEquals(outer.current, undefined);
});

testEach("the peak is measured", async () => {
  const { multiplyAddsPerSecond, bytesPerSecond } = await measurePeak();
  // Less than a tenth of a slow processor, more than any.
  for (const rate of [multiplyAddsPerSecond, bytesPerSecond]) assert(rate > 1e7 && rate < 1e16);
});

testEach("more programs are timed than fit a set of timestamps", async () => {
  const x = fill([4], 1);
  const { kernels } = await runKernels(() => {
    for (let i = 0; i < 2100; i++) relu(x).dispose();
  });
  assertEquals(kernels.length, 2100);
  for (const run of kernels) checkPrograms(run, 1);
  const starts = kernels.map(({ programs: [run] }) => run!.start);
  assertEquals(starts, starts.toSorted((a, b) => a - b));
  release([x]);
}, ["webgpu"]);

Deno.test({
  name: "a device without a clock still tells what it runs",
  ignore: webgpuSkipped !== undefined,
  async fn() {
    const adapter = (await navigator.gpu.requestAdapter())!;
    const device = await adapter.requestDevice();
    await setup({ device });
    using x = fill([4], 1);
    const { kernels } = await runKernels(() => relu(x));
    const [{ kernel, milliseconds, programs }] = kernels as [KernelRun];
    assertEquals([kernel, milliseconds, programs.length], ["Relu", NaN, 1]);
    assertEquals([programs[0]!.start, programs[0]!.milliseconds], [NaN, NaN]);
  },
});
