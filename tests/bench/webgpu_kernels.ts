/**
 * The kernels of WebGPU by themselves, in turns with those of tfjs that they take the place of, at the
 * shapes of a ResNet for CIFAR. Billions of operations a second, a multiply-add being two.
 */

import "@tensorflow/tfjs-backend-webgpu";
import { setup } from "../../lib/backend/setup.ts";
import type { GuardedBackend } from "../../lib/backend/webgpu/backend.ts";
import { flush } from "../../lib/backend/webgpu/dispatch.ts";
import { sizeOf } from "../../lib/tensor.ts";
import { tf } from "../../lib/tfjs.ts";

/** What was measured of a kernel. */
interface Speed {
  readonly kernel: string;
  readonly shapes: readonly string[];
  readonly adapter: string;
  readonly software: boolean;
  readonly ms: number;
  readonly gflops: number;
  readonly stockMs: number;
  readonly stockGflops: number;
}

interface Case {
  readonly kernel: string;
  /** Shapes of the inputs by their names. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly attributes: object;
  readonly multiplyAdds: number;
}

const KERNELS = ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", "BatchMatMul"] as const;
// Before ours take their place.
const STOCK = new Map(KERNELS.map((name) => [name as string, tf.getKernel(name, "webgpu")]));

/** Size, channels and stride of the convolutions of a ResNet for CIFAR. */
const CONVOLUTIONS = [
  [32, 3, 16, 3, 1],
  [32, 16, 16, 3, 1],
  [32, 16, 32, 3, 2],
  [32, 16, 32, 1, 2],
  [16, 32, 32, 3, 1],
  [16, 32, 64, 3, 2],
  [8, 64, 64, 3, 1],
] as const;

/** A convolution and its gradients. */
function convolution(batch: number, shape: (typeof CONVOLUTIONS)[number]): Case[] {
  const [size, inputs, outputs, taps, stride] = shape;
  const x = [batch, size, size, inputs];
  const filter = [taps, taps, inputs, outputs];
  const dy = [batch, size / stride, size / stride, outputs];
  const pad = (taps - 1) / 2;
  const attributes = { strides: [stride, stride], dilations: [1, 1], pad, dataFormat: "NHWC" };
  const multiplyAdds = sizeOf(dy) * taps ** 2 * inputs;
  return [
    { kernel: "Conv2D", inputs: { x, filter }, attributes, multiplyAdds },
    {
      kernel: "Conv2DBackpropInput",
      inputs: { dy, filter },
      attributes: { ...attributes, inputShape: x },
      multiplyAdds,
    },
    {
      kernel: "Conv2DBackpropFilter",
      inputs: { x, dy },
      attributes: { ...attributes, filterShape: filter },
      multiplyAdds,
    },
  ];
}

/** A product of square matrices, each way round. */
function products(size: number): Case[] {
  const matrix = [1, size, size];
  return [[false, false], [false, true], [true, false], [true, true]]
    .map(([transposeA, transposeB]) => ({
      kernel: "BatchMatMul",
      inputs: { a: matrix, b: matrix },
      attributes: { transposeA, transposeB },
      multiplyAdds: size ** 3,
    }));
}

/** How often ours and stock are run in turns; the best time counts. */
const ROUNDS = 3;
/** One round is as many runs as take about so long. */
const ROUND_MS = 100;

async function measure({ kernel, inputs, attributes, multiplyAdds }: Case): Promise<Speed> {
  const { adapter, software } = await setup({ backend: "webgpu" });
  const backend = tf.backend() as GuardedBackend;
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [name, tf.randomUniform([...shape], -1, 1)]),
  );
  const time = async (run: () => unknown, runs: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    flush(backend);
    await backend.device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  const wait = await time(() => {}, 0); // for a queue that is empty
  const contenders = [tf.getKernel(kernel, "webgpu"), STOCK.get(kernel)!].map(({ kernelFunc }) => {
    const run = () => {
      const made = kernelFunc({ inputs: tensors, attrs: { ...attributes }, backend });
      backend.disposeData((made as tf.TensorInfo).dataId);
    };
    return { run, runs: 1, ms: Infinity };
  });
  for (const contender of contenders) {
    await time(contender.run, 1); // compiles
    const ms = Math.max(0.01, await time(contender.run, 1) - wait);
    contender.runs = Math.max(1, Math.round(ROUND_MS / ms));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) {
      const ms = (await time(contender.run, contender.runs) - wait) / contender.runs;
      contender.ms = Math.min(contender.ms, ms);
    }
  }
  tf.dispose(tensors);
  const [ours, stock] = contenders.map(({ ms }) => ms) as [number, number];
  const gflops = (ms: number) => Number((2 * multiplyAdds / ms / 1e6).toFixed(2));
  return {
    kernel,
    shapes: Object.values(inputs).map((shape) => shape.join("×")),
    adapter,
    software,
    ms: Number(ours.toFixed(3)),
    gflops: gflops(ours),
    stockMs: Number(stock.toFixed(3)),
    stockGflops: gflops(stock),
  };
}

async function measureAll(cases: readonly Case[]): Promise<Speed[]> {
  const speeds: Speed[] = [];
  for (const one of cases) speeds.push(await measure(one));
  return speeds;
}

/** The cases by name; each takes the size of a batch. */
export const webgpuKernels: Readonly<Record<string, (batch?: number) => Promise<Speed[]>>> = {
  conv: (batch = 32) => measureAll(CONVOLUTIONS.flatMap((shape) => convolution(batch, shape))),
  matMul: () => measureAll(products(512)),
};
