/**
 * A program that computes on two WASM threads what it also computes on cpu, prints what differs, and
 * ends by running out of things to do.
 *
 * @module
 */

import "@tensorflow/tfjs-backend-cpu";
import { getThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { registerGradients } from "../../lib/backend/gradients.ts";
import { registerWasm } from "../../lib/backend/wasm/load.ts";
import { tf } from "../../lib/tfjs.ts";
import { difference, evaluate } from "./compare.ts";
import { CONVOLUTIONS, PRODUCTS, REDUCTIONS } from "./op_cases.ts";

registerGradients();
registerWasm({ threads: 2 });
await tf.setBackend("wasm");

const cases = [...CONVOLUTIONS, ...PRODUCTS, ...REDUCTIONS].filter((_, i) => i % 3 === 0);
const different: string[] = [];
for (const one of cases) {
  const [expected, actual] = [await evaluate("cpu", one), await evaluate("wasm", one)];
  const errors = [
    difference(actual.values, expected.values),
    ...actual.gradients.map((gradient, i) => difference(gradient, expected.gradients[i]!)),
  ];
  if (errors.some((error) => error > 2e-4)) different.push(`${one.name}: ${errors}`);
}
console.log(JSON.stringify({ threads: getThreadsCount(), cases: cases.length, different }));
