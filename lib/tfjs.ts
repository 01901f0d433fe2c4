/**
 * The one door to tfjs. In Deno, tfjs-core alone registers no gradients; tfjs-layers registers all
 * of them as a side effect of being imported, at a fifth of the cost of the union package.
 * Production mode silences the "running in Node.js" banner. Its tensors are made ours: they work with
 * `using`, print as one line, and complain in our words when used after disposal.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import { assertReadable } from "./recording.ts";
import { alive, type Tensor } from "./tensor.ts";

tf.enableProdMode();

const { data } = tf.Tensor.prototype;

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
  data: {
    value(this: tf.Tensor) {
      assertReadable(this as unknown as Tensor);
      return data.call(this);
    },
  },
  throwIfDisposed: {
    value(this: tf.Tensor) {
      alive(this as unknown as Tensor);
    },
  },
});

/** The part of tfjs's tape that is repaired. */
interface Recorder {
  readonly state: { readonly activeTape: TapeNode[] };
  addTapeNode(...node: unknown[]): void;
}

interface TapeNode {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
}

// tfjs records the copies that a gradient saves of a result before the result itself, so backwards
// they come too late, and second derivatives of sigmoid, tanh or softmax lose what flows through.
const recorder = tf.engine() as unknown as Recorder;
const record = recorder.addTapeNode;
recorder.addTapeNode = function (...node) {
  record.apply(this, node);
  const tape = this.state.activeTape;
  const made = tape.pop()!;
  const isCopy = ({ inputs }: TapeNode) =>
    made.outputs.some((output) => Object.values(inputs).includes(output));
  let at = tape.length;
  while (at > 0 && isCopy(tape[at - 1]!)) at--;
  tape.splice(at, 0, made);
};

export { tf };
