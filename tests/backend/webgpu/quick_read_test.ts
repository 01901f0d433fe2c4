import { assertEquals } from "@std/assert";
import { QuickReader } from "../../../lib/backend/webgpu/quick_read.ts";
import { neg, tensor, tidy } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { gpu, testWebgpu } from "./program.ts";

/** Tensors whose values are on the device alone. */
const computed = (sizes: readonly number[]) =>
  tidy(() =>
    sizes.map((size, i) => neg(tensor(Float32Array.from({ length: size }, (_, k) => i + k))))
  );

testWebgpu("many reads at once give each its own values, small and large", async () => {
  const sizes = [1, 3, 256, 257, 1, 1, 300, 2, 1];
  const all = computed(sizes);
  const values = await Promise.all(all.map((x) => x.data()));
  assertEquals(
    values.map((found) => [...found]),
    sizes.map((size, i) => Array.from({ length: size }, (_, k) => -(i + k))),
  );
  release(all);
});

testWebgpu(
  "small buffers are read at once in a Deno that was tried, and others never",
  async () => {
    const reader = new QuickReader();
    const [small, large] = [4, 1028].map((size) =>
      gpu().device.createBuffer({ size, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST })
    );
    const isTried = navigator.userAgent.startsWith("Deno/2.9.");
    for (const value of [5, 6, 7]) {
      gpu().device.queue.writeBuffer(small!, 0, Int32Array.of(value));
      const bytes = await reader.read(gpu(), small!);
      assertEquals(bytes && [...new Int32Array(bytes)], isTried ? [value] : undefined);
      assertEquals(await reader.read(gpu(), large!), undefined);
    }
    // While the first read waits, the others go the usual way.
    const cold = new QuickReader();
    const [first, second] = await Promise.all([cold.read(gpu(), small!), cold.read(gpu(), small!)]);
    assertEquals([first !== undefined, second], [isTried, undefined]);
    small!.destroy();
    large!.destroy();
  },
);

testWebgpu("a buffer that cannot be read is left to the usual way from then on", async () => {
  const reader = new QuickReader();
  const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
  const other = { ...gpu(), device, commandEncoder: null } as unknown as ReturnType<typeof gpu>;
  const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_SRC });
  await reader.read(other, buffer);
  device.destroy();
  for (let again = 0; again < 2; again++) assertEquals(await reader.read(other, buffer), undefined);
});
