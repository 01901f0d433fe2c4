import { tf } from "../tfjs.ts";
import "@tensorflow/tfjs-backend-cpu";
export async function setup(o: { backend?: string } = {}): Promise<void> {
  await tf.setBackend(o.backend === "webgpu" ? "cpu" : "cpu");
}
