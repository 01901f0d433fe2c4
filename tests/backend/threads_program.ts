/**
 * A program that computes on as many WASM threads as it is told, prints a digest of the results and
 * what differs from cpu, and ends by running out of things to do.
 *
 * @module
 */

import "@tensorflow/tfjs-backend-cpu";
import { registerGradients } from "../../lib/backend/gradients.ts";
import { registerWasm } from "../../lib/backend/wasm/load.ts";
import { tf } from "../../lib/tfjs.ts";
import { difference, evaluate, type OpCase } from "./compare.ts";
import { CONVOLUTIONS, PRODUCTS, REDUCTIONS } from "./op_cases.ts";

registerGradients();
registerWasm({ threads: Number(Deno.args[0]) });
await tf.setBackend("wasm");

/** Large enough to be shared. */
const LARGE: readonly OpCase[] = [
  ["of images", [12, 12, 12, 8], [3, 3, 8, 16], 1, 1],
  ["of one image", [1, 24, 24, 8], [3, 3, 8, 16], 1, 1],
  ["with steps", [5, 21, 21, 8], [5, 5, 8, 12], 2, 1],
  ["of pixels", [8, 16, 16, 32], [1, 1, 32, 32], 1, 0],
].map(([what, x, filter, stride, padding]) => ({
  name: `convolution ${what}`,
  shapes: [x, filter] as number[][],
  op: (x, filter) => tf.relu(tf.conv2d(x, filter, stride as number, padding as number)),
}));
const products: readonly OpCase[] = [[4, 300, 500], [40, 300, 128]].map(([m, k, n]) => ({
  name: `product of ${m} rows`,
  shapes: [[m!, k!], [k!, n!]],
  op: (a, b) => tf.matMul(a, b),
}));
/** The root of a negative number is NaN with the sign bit set. */
const lost: OpCase = {
  name: "relu of NaN",
  shapes: [[99, 1001]],
  op: (x) => tf.relu(tf.sqrt(x)),
  valuesOnly: true,
};
const small = [...CONVOLUTIONS, ...PRODUCTS, ...REDUCTIONS].filter((_, i) => i % 3 === 0);
const cases = [...LARGE, ...products, lost, ...small];

const different: string[] = [];
const digests: string[] = [];
for (const one of cases) {
  const [expected, actual] = [await evaluate("cpu", one), await evaluate("wasm", one)];
  const errors = [
    difference(actual.values, expected.values),
    ...actual.gradients.map((gradient, i) => difference(gradient, expected.gradients[i]!)),
  ];
  if (errors.some((error) => error > 2e-4)) different.push(`${one.name}: ${errors}`);
  for (const values of [actual.values, ...actual.gradients]) {
    const digest = await crypto.subtle.digest("SHA-256", Float32Array.from(values));
    digests.push(new Uint8Array(digest).toHex());
  }
}
console.log(JSON.stringify({ cases: cases.length, different, digests }));
