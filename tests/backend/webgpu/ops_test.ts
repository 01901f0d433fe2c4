/**
 * The operations of the table on WebGPU, with their gradients, against tfjs's plain CPU backend. Those
 * of convolutions, of which each is a shader of its own, are tested with their kernels.
 *
 * @module
 */

import { setup } from "../../../lib/backend/setup.ts";
import { webgpuSkipped } from "../../backends.ts";
import { assertAgrees } from "../compare.ts";
import { ELEMENTWISE, PRODUCTS, REARRANGEMENTS, REDUCTIONS } from "../op_cases.ts";

const GROUPS = { PRODUCTS, ELEMENTWISE, REDUCTIONS, REARRANGEMENTS };

for (const [group, cases] of Object.entries(GROUPS)) {
  Deno.test({
    name: `webgpu agrees with cpu: ${group.toLowerCase()}`,
    ignore: webgpuSkipped !== undefined,
    fn: async (t) => {
      await setup({ backend: "cpu" });
      await setup({ backend: "webgpu" });
      for (const one of cases) await t.step(one.name, () => assertAgrees("webgpu", one));
    },
  });
}
