/**
 * onnxruntime-web, on a model that is written here. It is loaded by a name that the compiler does not
 * see: packages in the lock file are downloaded by everyone who runs anything, and this has 145 MB.
 */

import type { Start } from "../contenders/contender.ts";
import { CLASSES } from "./network.ts";
import { onnxOf } from "./onnx.ts";
import { COLOURS, type ForwardProblem, makeBatchesChannelsFirst, SIZE } from "./problem.ts";

/** What a process needs to run it. */
export const ONNXRUNTIME_OPTIONS = ["--no-lock", "--node-modules-dir=none", "--allow-read"];

const PACKAGE = "npm:onnxruntime-web@1.30.0";

interface Tensor {
  readonly data: Float32Array;
  dispose(): void;
}

/** What we use of the package. */
interface Onnxruntime {
  readonly env: { readonly wasm: { numThreads?: number } };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => Tensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: { executionProviders: readonly string[] }): Promise<{
      run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
    }>;
  };
}

/** Makes ready with onnxruntime-web. */
export const start: Start<ForwardProblem> = async ({ network, batch }, backend, threads = 1) => {
  const { env, InferenceSession, Tensor }: Onnxruntime = await import(
    backend === "wasm" ? PACKAGE : `${PACKAGE}/${backend}`
  );
  if (threads > 0) env.wasm.numThreads = threads;
  const { input, output, file } = onnxOf(network, batch);
  const session = await InferenceSession.create(file, { executionProviders: [backend] });
  const images = makeBatchesChannelsFirst(batch);
  return {
    adapter: `onnxruntime ${backend}`,
    async step() {
      const x = new Tensor("float32", images(), [batch, COLOURS, SIZE, SIZE]);
      const { [output]: y } = await session.run({ [input]: x });
      const scores = [...y!.data].slice(0, batch * CLASSES);
      y!.dispose();
      return scores;
    },
  };
};
