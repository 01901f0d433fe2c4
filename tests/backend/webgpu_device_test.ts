import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  activeBackend,
  assertDevice,
  BackendError,
  DeviceLostError,
  ops,
  OutOfMemoryError,
  setup,
  type Tensor,
  tensor,
} from "@fplusx/nn";
import type { GuardedBackend } from "../../lib/backend/webgpu/backend.ts";
import { requestAdapter } from "../../lib/backend/webgpu/device.ts";
import { nextTurn } from "../../lib/next_turn.ts";
import { tf } from "../../lib/tfjs.ts";
import { webgpuSkipped } from "../backends.ts";

function testWebgpu(name: string, fn: (device: GPUDevice) => Promise<void>): void {
  Deno.test({
    name: `${name} [webgpu]`,
    ignore: webgpuSkipped !== undefined,
    async fn() {
      const device = await (await requestAdapter())!.requestDevice();
      await setup({ device });
      await fn(device);
    },
  });
}

/** A tensor that was computed on the device, so that its values are nowhere else. */
const computed = (...values: number[]): Tensor => ops.tidy(() => ops.neg(tensor(values)));

testWebgpu("Computes on the caller's device, and keeps to it", async (device) => {
  assert("queue" in device);
  using x = computed(1, 2);
  assertEquals((await setup({ backend: "webgpu" })).name, "webgpu");
  assertEquals([...await x.data()], [-1, -2]);
});

testWebgpu("A lost device is an error at the next read and step, never a hang", async (device) => {
  const x = computed(1, 2);
  assertDevice();
  device.destroy();
  const y = ops.neg(x); // WebGPU itself says nothing
  const { adapter } = activeBackend();
  const message = `Cannot go on with the GPU "${adapter}": the device was lost ` +
    "(destroyed: device was lost); call setup() again and resume from the last checkpoint";
  assertEquals((await assertRejects(() => y.data(), DeviceLostError)).message, message);
  assertEquals((await assertRejects(() => x.data(), DeviceLostError)).message, message);
  for (let again = 0; again < 2; again++) assertThrows(assertDevice, DeviceLostError, message);

  await setup({ backend: "webgpu" });
  assertDevice();
  using z = computed(3);
  assertEquals([...await z.data()], [-3]);
  await assertRejects(() => x.data(), DeviceLostError, message);
  x.dispose();
  y.dispose();
});

testWebgpu("The loss of a device does not stop another backend", async (device) => {
  device.destroy();
  await device.lost;
  await setup({ backend: "cpu" });
  assertDevice();
});

testWebgpu("An error of the device is thrown once, at the next read or step", async (device) => {
  const { adapter } = activeBackend();
  const text = `Cannot trust results of the GPU "${adapter}": `;
  using x = computed(1);
  device.createBuffer({ size: 2 ** 40, usage: GPUBufferUsage.STORAGE });
  const { message } = await assertRejects(() => x.data(), BackendError);
  assertEquals(message.slice(0, text.length), text);
  assertEquals([...await x.data()], [-1]);

  device.createShaderModule({ code: "not a shader" });
  await nextTurn();
  assertThrows(assertDevice, BackendError, text);
  assertDevice();
});

testWebgpu("A GPU that has no memory left is an OutOfMemoryError", (device) => {
  const { adapter } = activeBackend();
  const error = new GPUOutOfMemoryError("there is no more");
  device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
  const { message } = assertThrows(assertDevice, OutOfMemoryError);
  assertEquals(message, `Cannot trust results of the GPU "${adapter}": there is no more`);
  return Promise.resolve();
});

testWebgpu("A tensor that the GPU cannot hold is refused", (device) => {
  const most = device.limits.maxStorageBufferBindingSize;
  const { message } = assertThrows(() => ops.fill([most / 4 + 1], 1), OutOfMemoryError);
  assertEquals(
    message,
    `Cannot allocate ${most + 4} bytes for one tensor: the GPU allows at most ${most}; ` +
      "a smaller batch needs less",
  );
  assertDevice();
  return Promise.resolve();
});

testWebgpu("A result that takes too many groups of threads is refused", (device) => {
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  const backend = tf.backend() as GuardedBackend;
  const program = {
    outputShape: [most + 1, 1, 1],
    dispatchLayout: { x: [1], y: [0] },
    dispatch: [1, most + 1, 1],
    workgroupSize: [1, 1, 1],
    shaderKey: "tall",
    variableNames: [],
    getUserCode: () => "",
  } as unknown as Parameters<GuardedBackend["runWebGPUProgram"]>[0];
  const { message } = assertThrows(
    () => backend.runWebGPUProgram(program, [], "float32"),
    BackendError,
  );
  assertEquals(
    message,
    `Cannot compute a tensor of shape [${most + 1},1,1]: ` +
      `it needs more than ${most} groups of threads along an axis`,
  );
  return Promise.resolve();
});

testWebgpu("A tensor may be let go while it is being read", async () => {
  const x = computed(5);
  const reading = x.data();
  x.dispose();
  assertEquals([...await reading], [-5]);
});

testWebgpu("A tensor of the GPU is not silently copied to another backend", async () => {
  using x = computed(5);
  await setup({ backend: "cpu" });
  const { message } = assertThrows(() => ops.neg(x), BackendError);
  assertEquals(
    message,
    "Cannot read a tensor on the GPU synchronously: await its data(); " +
      "to use it on another backend, make a new tensor of what data() gives",
  );
  assertEquals([...await x.data()], [-5]);
});
