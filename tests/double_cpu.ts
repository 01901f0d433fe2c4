/**
 * Sets up the reference backend in double precision. It has to be the first import of a test file.
 *
 * @module
 */

import "./double.ts";
import { setup } from "../lib/backend/setup.ts";
import { tf } from "../lib/tfjs.ts";

await setup({ backend: "cpu" });

// The seven digits of tfjs's error function are not enough here: this is its power series.
tf.unregisterKernel("Erf", "cpu");
tf.registerKernel({
  kernelName: "Erf",
  backendName: "cpu",
  kernelFunc: ({ inputs: { x } }) =>
    tf.tensor((x as tf.Tensor).dataSync().map(erf), x!.shape, "float32"),
});

function erf(x: number): number {
  let [sum, power] = [0, x];
  for (let n = 0; n < 60; n++) {
    sum += power / (2 * n + 1);
    power *= -x * x / (n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}
