import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { activeBackend, BackendError, type BackendName, ops, setup, tensor } from "@fplusx/nn";
import { selfTest } from "../../lib/backend/self_test.ts";
import { describeAdapter, requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { tf } from "../../lib/tfjs.ts";
import { backends, testEach, webgpuSkipped } from "../backends.ts";
import { runProgram } from "./subprocess.ts";

const adapter = await requestAdapter();
const gpu = adapter === null ? undefined : describeAdapter(adapter.info);
/** Takes away the adapter: an API that the system does not have. */
const noAdapter = { DENO_WEBGPU_BACKEND: Deno.build.os === "windows" ? "metal" : "dx12" };
const onWebgpu = { ignore: webgpuSkipped !== undefined };

Deno.test(
  `Tests run on cpu, on wasm, and ${
    gpu === undefined ? "not on webgpu: no adapter" : `on webgpu: ${gpu.adapter}`
  }`,
  () => {
    assert(
      adapter !== null || webgpuSkipped !== undefined,
      "webgpu is required, without an adapter",
    );
  },
);

testEach("setup describes the backend that it made active", async (name) => {
  const backend = await setup({ backend: name });
  assertEquals(backend.name, name);
  assertEquals(activeBackend(), backend);
  assert(Object.isFrozen(backend));
  assertEquals(backend.reason, "asked for");
  assertEquals(backend.threads, 1);
  const adapters = { cpu: "JavaScript", wasm: "WebAssembly SIMD", webgpu: gpu?.adapter };
  assertEquals(backend.adapter, adapters[name]);
  assertEquals(backend.software, name !== "webgpu" || gpu!.software);
  assertEquals(backend.features.includes("shader-f16"), name === "webgpu" && has("shader-f16"));
});

const has = (feature: GPUFeatureName): boolean => adapter?.features.has(feature) ?? false;

Deno.test("Calls at the same time take turns, and the last one wins", async () => {
  const names: BackendName[] = ["wasm", "cpu", "wasm", "cpu"];
  const described = await Promise.all(names.map((backend) => setup({ backend })));
  assertEquals(described.map(({ name }) => name), names);
  assertEquals(activeBackend().name, "cpu");
  assertEquals(tf.getBackend(), "cpu");
});

testEach("A second call keeps the tensors that there are", async (backend) => {
  using x = ops.tidy(() => ops.add(tensor([1, 2]), 1));
  await setup({ backend });
  assertEquals([...await x.data()], [2, 3]);
});

Deno.test("auto takes a hardware adapter, and WASM where there is none", async () => {
  const { name, reason } = await setup();
  if (gpu === undefined) assertEquals([name, reason], ["wasm", "there is no WebGPU adapter"]);
  else if (gpu.software) {
    assertEquals([name, reason], ["wasm", `the WebGPU adapter "${gpu.adapter}" is software`]);
  } else assertEquals([name, reason], ["webgpu", "there is a hardware adapter"]);
});

Deno.test("Without an adapter auto takes WASM, and webgpu says what can be done", async () => {
  const { output, errors } = await runProgram(
    `
    import { activeBackend, setup } from "@fplusx/nn";
    const { name, reason } = await setup();
    console.log(name + ": " + reason);
    for (const options of [{ backend: "webgpu" }, { require: { hardware: true } }]) {
      await setup(options).catch((error) => console.log(error.code + ": " + error.message));
    }
    console.log(activeBackend().name);
  `,
    noAdapter,
  );
  const message = "BACKEND: Cannot start webgpu: there is no WebGPU adapter; " +
    "install a driver (on Debian and Ubuntu mesa-vulkan-drivers has one for the CPU as well), " +
    "or name another API in the environment variable DENO_WEBGPU_BACKEND (vulkan, metal, dx12, gl), " +
    'or take backend "wasm", which needs neither';
  assertEquals(output.trim().split("\n"), [
    "wasm: there is no WebGPU adapter",
    message,
    message,
    "wasm",
  ]);
  assertEquals(errors, "");
});

Deno.test("Without WebGPU in the runtime the message says so", async () => {
  const { output } = await runProgram(`
    import { setup } from "@fplusx/nn";
    Object.defineProperty(navigator, "gpu", { value: undefined });
    console.log((await setup()).name);
    await setup({ backend: "webgpu" }).catch((error) => console.log(error.message.split(";")[0]));
  `);
  assertEquals(output, "wasm\nCannot start webgpu: this runtime has no WebGPU\n");
});

for (const backend of backends) {
  Deno.test({
    name: `A program needs no permission, and ends by itself [${backend}]`,
    ignore: backend === "webgpu" && onWebgpu.ignore,
    async fn() {
      const outcome = await runProgram(`
        import { grad, ops, setup, tensor } from "@fplusx/nn";
        await setup({ backend: "${backend}" });
        const f = ([x]) => ops.sum(ops.square(x));
        const [gradient] = grad(f)([tensor([1, 2, 3])]);
        console.log(...await gradient.data());
      `);
      assertEquals(outcome, { code: 0, output: "2 4 6\n", errors: "" });
    },
  });
}

Deno.test("wasm computes on threads, which are fixed when it starts", async () => {
  const outcome = await runProgram(`
    import { matMul } from "./lib/ops.ts";
    import { fill, setup } from "@fplusx/nn";
    console.log((await setup({ backend: "wasm", threads: 2 })).threads);
    console.log((await matMul(fill([64, 64], 1), fill([64, 64], 1)).data())[0]);
    console.log((await setup({ backend: "wasm" })).threads);
    await setup({ backend: "wasm", threads: 3 }).catch((error) => console.log(error.message));
  `);
  const message = "Cannot run wasm on 3 threads: it was started on 2, and that is fixed";
  assertEquals(outcome, { code: 0, output: `2\n64\n2\n${message}\n`, errors: "" });
});

Deno.test("Threads are a positive integer", async () => {
  const outcome = await runProgram(`
    import { setup } from "@fplusx/nn";
    await setup({ backend: "wasm", threads: 0 }).catch((error) => console.log(error.message));
    console.log((await setup({ backend: "wasm" })).threads);
  `);
  const message = "Cannot run on 0 threads: need a positive integer";
  assertEquals(outcome, { code: 0, output: `${message}\n1\n`, errors: "" });
});

Deno.test("An operation before setup says what is missing", async () => {
  const { code, output } = await runProgram(`
    import { activeBackend, FplusxError, ops, tensor } from "@fplusx/nn";
    for (const f of [() => ops.square(tensor([1])), activeBackend]) {
      try { f(); } catch (error) { console.log(error instanceof FplusxError, error.message); }
    }
  `);
  assertEquals(code, 0);
  assertEquals(output.trim().split("\n"), [
    "true Cannot compute: no backend was set up; " +
    "call `await setup()` before the first tensor is made",
    "true Cannot tell the backend: none was set up",
  ]);
});

async function assertRefuses(options: Parameters<typeof setup>[0], message: string): Promise<void> {
  await setup({ backend: "cpu" });
  const error = await assertRejects(() => setup(options), BackendError);
  assertEquals(error.message, message);
  assertEquals(activeBackend().name, "cpu", "a call that throws changes nothing");
}

Deno.test("What is required and missing is named", async () => {
  await assertRefuses(
    { backend: "wasm", require: { hardware: true } },
    'Cannot start wasm: hardware is required, and "WebAssembly SIMD" runs on the CPU',
  );
  await assertRefuses(
    { backend: "wasm", require: { features: ["shader-f16", "subgroups"] } },
    'Cannot start wasm: "WebAssembly SIMD" lacks the required shader-f16, subgroups',
  );
  await assertRefuses(
    { backend: "wasm", require: { limits: { maxBufferSize: 1024 } } },
    'Cannot start wasm: maxBufferSize of 1024 is required, and "WebAssembly SIMD" has 0',
  );
});

Deno.test("What an adapter lacks is named", onWebgpu, async () => {
  const [name, most] = [gpu!.adapter, adapter!.limits.maxBufferSize];
  await assertRefuses(
    { backend: "webgpu", require: { features: ["telepathy"] } },
    `Cannot start webgpu: "${name}" lacks the required telepathy`,
  );
  await assertRefuses(
    { backend: "webgpu", require: { limits: { maxBufferSize: 2 ** 50 } } },
    `Cannot start webgpu: maxBufferSize of ${2 ** 50} is required, and "${name}" has ${most}`,
  );
  if (!gpu!.software) return;
  await assertRefuses(
    { require: { hardware: true } },
    `Cannot start webgpu: hardware is required, and "${name}" runs on the CPU`,
  );
});

const onTimer = { ignore: !has("timestamp-query") };
Deno.test("What is required and there is met", onTimer, async () => {
  const { features } = await setup({
    backend: "webgpu",
    require: { features: ["timestamp-query"], limits: { maxBufferSize: 2 ** 20 } },
  });
  assert(features.includes("timestamp-query"));
});

Deno.test("A device is not for wasm", onWebgpu, async () => {
  const device = await adapter!.requestDevice();
  await assertRefuses(
    { backend: "wasm", device },
    'Cannot start wasm on a GPU device: need backend "webgpu"',
  );
  device.destroy();
});

testEach("The self-test finds a kernel that gives wrong numbers", async (backend) => {
  await selfTest(backend, "sound");
  const convolve = tf.getKernel("Conv2D", backend);
  const fill = tf.getKernel("Fill", backend);
  const attrs = { shape: [1, 4, 4, 4], value: 0, dtype: "float32" };
  tf.unregisterKernel("Conv2D", backend);
  tf.registerKernel({
    ...convolve,
    kernelFunc: ({ backend }) => fill.kernelFunc({ backend, inputs: {}, attrs }),
  });
  const error = await assertRejects(() => selfTest(backend, "broken"), BackendError);
  assertEquals(
    error.message,
    `Cannot trust ${backend} on "broken": element 0 of a convolution is 0, need -0.03125`,
  );
  tf.unregisterKernel("Conv2D", backend);
  tf.registerKernel(convolve);
});

Deno.test("A backend that fails its self-test is not made active", async () => {
  const { output } = await runProgram(`
    import { activeBackend, ops, setup, tensor } from "@fplusx/nn";
    import { tf } from "./lib/tfjs.ts";
    import "@tensorflow/tfjs-backend-cpu";
    await setup({ backend: "wasm" });
    tf.unregisterKernel("Conv2D", "cpu");
    await setup({ backend: "cpu" }).catch((error) => console.log(error.message));
    console.log(activeBackend().name, ...await ops.square(tensor([3])).data());
  `);
  const message = "Kernel 'Conv2D' not registered for backend 'cpu'";
  assertEquals(output, `Cannot start cpu: ${message}\nwasm 9\n`);
});

Deno.test("Adapters that run on the CPU are known by their names", () => {
  const info = { vendor: "acme", architecture: "anvil", device: "", description: "" };
  const describe = (part: object) =>
    describeAdapter({ isFallbackAdapter: false, ...info, ...part } as unknown as GPUAdapterInfo);
  assertEquals(describe({}), { adapter: "acme anvil", software: false });
  assertEquals(describe({ isFallbackAdapter: true }).software, true);
  for (const description of ["llvmpipe (LLVM 15)", "Google SwiftShader"]) {
    assertEquals(describe({ description }), { adapter: description, software: true });
  }
  assertThrows(() => describeAdapter(null as unknown as GPUAdapterInfo), TypeError);
});
