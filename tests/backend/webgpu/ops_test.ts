/**
 * The operations of the table on WebGPU, with their gradients, against tfjs's plain CPU backend. Of
 * convolutions, of which each is a shader of its own, only those of single channels: the others are
 * tested with their kernels.
 *
 * @module
 */

import { setup } from "../../../lib/backend/setup.ts";
import { webgpuSkipped } from "../../backends.ts";
import { assertAgrees } from "../compare.ts";
import { CONVOLUTIONS, ELEMENTWISE, PRODUCTS, REARRANGEMENTS, REDUCTIONS } from "../op_cases.ts";

const DEPTHWISE = CONVOLUTIONS.filter(({ name }) => name.startsWith("depthwise"));
const GROUPS = { DEPTHWISE, PRODUCTS, ELEMENTWISE, REDUCTIONS, REARRANGEMENTS };

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
