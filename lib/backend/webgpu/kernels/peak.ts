/**
 * As many multiply-adds as the device can do: chains of them in registers, with nothing read and next
 * to nothing written. It is what the other kernels are measured by.
 */

import type { GuardedBackend } from "../backend.ts";
import { dispatch } from "../dispatch.ts";
import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";

/** Enough threads for every lane of a GPU, some times over. */
const THREADS = 2 ** 17;
/** Chains of vectors of four in a thread: enough to hide how long a multiply-add takes. */
const CHAINS = 8;

/** The program with so many multiply-adds in each chain. */
export const peakProgram: (turns: number) => Program = generator((turns) => {
  const chains = Array.from({ length: CHAINS }, (_, i) => `a${i}`);
  return {
    name: "peak",
    wgsl: bindings({ y: "vec4f" }, { x: "vec4f" }) +
      entry(
        THREADS,
        `  let b = x[0];
  ${chains.map((a, i) => `var ${a} = b * f32(t + ${i});`).join("\n  ")}
  for (var i = 0; i < ${turns}; i++) {
    ${chains.map((a) => `${a} = fma(${a}, b, b);`).join("\n    ")}
  }
  y[t] = ${chains.join(" + ")};`,
      ),
    groups: groupsFor(THREADS),
  };
});

/** Multiply-adds that the program does. */
export const peakMultiplyAdds = (turns: number): number => 4 * CHAINS * THREADS * turns;

/** Runs the program. */
export function runPeak(backend: GuardedBackend, turns: number): void {
  const x = backend.makeTensorInfo([4], "float32", new Float32Array(4));
  const y = backend.makeTensorInfo([4 * THREADS], "float32");
  dispatch(backend, peakProgram(turns), [y], [x]);
  for (const { dataId } of [x, y]) backend.disposeData(dataId);
}
