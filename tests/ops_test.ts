/**
 * Every operation on every backend: its value against the plain definition in doubles, and its
 * gradient against differences of that definition.
 */

import { assertEquals } from "@std/assert";
import { ops, type Tensor, valueAndGrad } from "@fplusx/nn";
import { release } from "../lib/ownership.ts";
import { testEach } from "./backends.ts";
import { assertClose, sumTolerance } from "./compare.ts";
import { OPERATIONS } from "./ops/all.ts";
import { differences, type Nd, sample } from "./ops/reference.ts";
import { type Case, toTensor } from "./ops/table.ts";

for (const [name, { cases, differentiable = true }] of Object.entries(OPERATIONS)) {
  testEach(
    `${name} is its definition${differentiable ? ", and so is its gradient" : ""}`,
    async () => {
      for (const one of cases) {
        try {
          await checkValue(one);
          if (differentiable) await checkGradient(one);
        } catch (cause) {
          const shapes = one.inputs.map(({ shape }) => `[${shape}]`).join(" and ");
          throw new Error(`${name} of ${shapes || "nothing"}: ${cause}`, { cause });
        }
      }
    },
  );
}

async function checkValue({ inputs, run, is, terms }: Case): Promise<void> {
  const x = inputs.map(toTensor);
  const y = ops.tidy(() => run(...x));
  await assertAgrees(y, is(...inputs), terms);
  release([x, y]);
}

async function checkGradient({ inputs, run, is, terms }: Case): Promise<void> {
  const weights = sample(is(...inputs).shape, 9);
  const expected = differences(is, inputs, weights);
  const [x, w] = [inputs.map(toTensor), toTensor(weights)];
  const [value, gradient] = valueAndGrad((x: Tensor[]) => ops.sum(ops.mul(run(...x), w)))(x);
  for (const [i, dx] of gradient.entries()) await assertAgrees(dx, expected[i]!, terms);
  release([x, w, value, gradient]);
}

async function assertAgrees(x: Tensor, expected: Nd, terms = 1): Promise<void> {
  await assertClose(x, expected, sumTolerance(terms, expected.values));
}

Deno.test("Every operation is tested", () => {
  const lifetimes = ["keep", "tidy"]; // tested with ownership
  assertEquals([...Object.keys(OPERATIONS), ...lifetimes].sort(), Object.keys(ops).sort());
});
