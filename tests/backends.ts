/**
 * Runs a test on every backend: cpu as the reference, wasm, and webgpu where an adapter exists.
 * With FPLUSX_REQUIRE_WEBGPU=1 a missing adapter is a failure; otherwise it is said once and skipped.
 *
 * @module
 */

import { type BackendName, setup } from "../lib/backend/setup.ts";
import { requestAdapter } from "../lib/backend/webgpu/device.ts";
import { assertNoLeaks } from "../lib/ownership.ts";

export type { BackendName };

const { state } = Deno.permissions.querySync({ name: "env", variable: "FPLUSX_REQUIRE_WEBGPU" });
const required = state === "granted" && Deno.env.get("FPLUSX_REQUIRE_WEBGPU") === "1";

/** Why webgpu tests are skipped, when they are. */
export const webgpuSkipped: string | undefined = required || await requestAdapter() !== null
  ? undefined
  : "no WebGPU adapter on this machine";

/** The backends that tests run on. */
export const backends: readonly BackendName[] = ["cpu", "wasm", "webgpu"];

/**
 * Defines one test per backend; each is run with that backend active and must leave no tensor behind.
 */
export function testEach(
  name: string,
  test: (backend: BackendName) => unknown,
  only: readonly BackendName[] = backends,
): void {
  for (const backend of only) {
    Deno.test({
      name: `${name} [${backend}]`,
      ignore: backend === "webgpu" && webgpuSkipped !== undefined,
      fn: async () => {
        await setup({ backend });
        await assertNoLeaks(async () => {
          await test(backend);
        });
      },
    });
  }
}
