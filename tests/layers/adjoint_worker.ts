/** Says what the derivatives of all subjects are by differences, in double precision. */

import "../double_cpu.ts";
import { byDifferences } from "../directional.ts";
import { differentiating, SUBJECTS } from "./adjoint.ts";

const derivatives: Record<string, readonly [number, number]> = {};
for (const subject of SUBJECTS) {
  derivatives[subject.name] = await differentiating(
    subject,
    async (problem) => [await byDifferences(problem, 1), await byDifferences(problem, 2)],
  );
}
// Types are checked as those of a window.
(self as unknown as Worker).postMessage(derivatives);
