/**
 * Every operation of the table on WASM, with its gradients, against tfjs's plain CPU backend.
 *
 * @module
 */

import "@tensorflow/tfjs-backend-cpu";
import { assertEquals } from "@std/assert";
import { registerGradients } from "../../lib/backend/gradients.ts";
import { registerWasm } from "../../lib/backend/wasm/load.ts";
import { assertAgrees, difference } from "./compare.ts";
import { CONVOLUTIONS, ELEMENTWISE, PRODUCTS, REARRANGEMENTS, REDUCTIONS } from "./op_cases.ts";

registerGradients();
registerWasm();

Deno.test("the comparison tells NaN from the infinities, and numbers from both", () => {
  assertEquals(difference([NaN], [Infinity]), Infinity);
  assertEquals(difference([Infinity], [NaN]), Infinity);
  assertEquals(difference([-Infinity], [Infinity]), Infinity);
  assertEquals(difference([1], [NaN]), Infinity);
  assertEquals(difference([NaN], [1]), Infinity);
  assertEquals(difference([1, 2], [1]), Infinity);
  assertEquals(difference([NaN, Infinity, -Infinity, 4], [NaN, Infinity, -Infinity, 5]), 0.2);
  assertEquals(difference([0], [0]), 0);
});

const GROUPS = { CONVOLUTIONS, PRODUCTS, ELEMENTWISE, REDUCTIONS, REARRANGEMENTS };

for (const [group, cases] of Object.entries(GROUPS)) {
  Deno.test(`wasm agrees with cpu: ${group.toLowerCase()}`, async (t) => {
    for (const one of cases) await t.step(one.name, () => assertAgrees("wasm", one));
  });
}
