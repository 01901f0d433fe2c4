/**
 * The one door to tfjs. In Deno, tfjs-core alone registers no gradients; tfjs-layers registers all
 * of them as a side effect of being imported, at a fifth of the cost of the union package.
 * Production mode silences the "running in Node.js" banner. Two repairs make its tensors ours: they
 * work with `using`, print as one line, and complain in our words when used after disposal.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import { alive, type Tensor } from "./tensor.ts";

tf.enableProdMode();

Object.defineProperties(tf.Tensor.prototype, {
  [Symbol.dispose]: {
    value(this: tf.Tensor) {
      this.dispose();
    },
  },
  [Symbol.for("Deno.customInspect")]: {
    value(this: tf.Tensor) {
      return `Tensor ${this.dtype} [${this.shape}]${this.isDisposed ? " (disposed)" : ""}`;
    },
  },
  throwIfDisposed: {
    value(this: tf.Tensor) {
      alive(this as unknown as Tensor);
    },
  },
});

export { tf };
