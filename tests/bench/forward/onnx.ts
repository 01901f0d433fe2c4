/**
 * Writes a network as a model of ONNX, the format of onnxruntime: its graph is another arithmetic, whose
 * values are the names of tensors. ONNX is Protocol Buffers, of which three kinds of field are enough.
 *
 * [onnx.proto](https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) has the numbers of the fields.
 */

import { type Arithmetic, CLASSES, forward, type Network } from "./network.ts";
import { COLOURS, type Linear, SIZE } from "./problem.ts";

/** A piece of a message, in parts so that weights are copied only once. */
type Bytes = readonly Uint8Array[];

function varint(value: number): Uint8Array {
  const digits: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) digits.push(value % 128 + 128);
  return Uint8Array.of(...digits, value);
}

const integer = (field: number, value: number): Bytes => [varint(field * 8), varint(value)];

function message(field: number, ...parts: readonly Bytes[]): Bytes {
  const bytes = parts.flat();
  const length = bytes.reduce((sum, { length }) => sum + length, 0);
  return [varint(field * 8 + 2), varint(length), ...bytes];
}

const text = (field: number, value: string): Bytes =>
  message(field, [new TextEncoder().encode(value)]);

function concatenated(parts: Bytes): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const [FLOAT, INTEGERS, INTEGER] = [1, 7, 2] as const;

/** Input or output of a graph. */
function value(field: number, name: string, shape: readonly number[]): Bytes {
  const sizes = shape.map((size) => message(1, integer(1, size)));
  return message(
    field,
    text(1, name),
    message(2, message(1, integer(1, FLOAT), message(2, ...sizes))),
  );
}

function initializer(name: string, shape: readonly number[], values: Float32Array): Bytes {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const sizes = shape.map((size) => integer(1, size));
  return message(5, ...sizes, integer(2, FLOAT), text(8, name), message(9, [bytes]));
}

function attribute(name: string, value: number | readonly number[]): Bytes {
  return typeof value === "number"
    ? message(5, text(1, name), integer(3, value), integer(20, INTEGER))
    : message(5, text(1, name), ...value.map((one) => integer(8, one)), integer(20, INTEGERS));
}

/** A graph that is being written. */
export class OnnxGraph implements Arithmetic<string> {
  readonly #nodes: Bytes[] = [];
  readonly #initializers: Bytes[] = [];

  #node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): string {
    const output = `${operator}_${this.#nodes.length}`;
    const named = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    const names = inputs.map((name) => text(1, name));
    this.#nodes.push(message(1, ...names, text(2, output), text(4, operator), ...named));
    return output;
  }

  #weights({ shape, weight, bias }: Linear): [weight: string, bias: string] {
    const at = this.#nodes.length;
    const names: [string, string] = [`weight_${at}`, `bias_${at}`];
    this.#initializers.push(
      initializer(names[0], shape, weight),
      initializer(names[1], [bias.length], bias),
    );
    return names;
  }

  conv = (x: string, linear: Linear, stride: number): string => {
    const size = linear.shape[2]!;
    return this.#node("Conv", [x, ...this.#weights(linear)], {
      kernel_shape: [size, size],
      pads: Array(4).fill((size - 1) / 2),
      strides: [stride, stride],
    });
  };
  relu = (x: string): string => this.#node("Relu", [x]);
  maxPool = (x: string): string =>
    this.#node("MaxPool", [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] });
  add = (a: string, b: string): string => this.#node("Add", [a, b]);
  mean = (x: string): string => this.#node("Flatten", [this.#node("GlobalAveragePool", [x])]);
  dense = (x: string, linear: Linear): string =>
    this.#node("Gemm", [x, ...this.#weights(linear)], { transB: 1 });
  share = (x: string): string => x;

  /** Gives the file of the model that makes `output` of `input`. */
  file(
    input: readonly [name: string, shape: readonly number[]],
    output: readonly [name: string, shape: readonly number[]],
  ): Uint8Array {
    const graph = message(
      7,
      ...this.#nodes,
      text(2, "graph"),
      ...this.#initializers,
      value(11, ...input),
      value(12, ...output),
    );
    return concatenated([
      ...integer(1, IR_VERSION),
      ...graph,
      ...message(8, text(1, ""), integer(2, OPERATORS)),
    ]);
  }
}

/** Version of the format, and of the set of operators. */
const [IR_VERSION, OPERATORS] = [8, 17] as const;

/** Names of what goes into a network and of what comes out. */
export interface Ends {
  readonly input: string;
  readonly output: string;
}

/** Gives the file of a network that takes images `[batch, channels, height, width]`. */
export function onnxOf(network: Network, batch: number): Ends & { readonly file: Uint8Array } {
  const [graph, input] = [new OnnxGraph(), "images"];
  const output = forward(graph, network, input);
  const file = graph.file([input, [batch, COLOURS, SIZE, SIZE]], [output, [batch, CLASSES]]);
  return { input, output, file };
}
