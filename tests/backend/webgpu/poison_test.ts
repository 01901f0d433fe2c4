/**
 * No kernel reads what nobody wrote: operations of each family with their gradients, and compiled steps,
 * give the same bits whatever was in the memory that they are handed.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { compile, trainStep } from "@fplusx/nn";
import { dispatch } from "../../../lib/backend/webgpu/dispatch.ts";
import { entry } from "../../../lib/backend/webgpu/program.ts";
import { type Case, perceptron, resnet8, run, transformer } from "../../train/compile_cases.ts";
import { evaluate } from "../compare.ts";
import { CONVOLUTIONS, ELEMENTWISE, PRODUCTS, REARRANGEMENTS, REDUCTIONS } from "../op_cases.ts";
import { poison } from "./poison.ts";
import { gpu, testWebgpu } from "./program.ts";

/** Nothing hides the first; where a comparison leaves it out, the second counts. */
const VALUES = [NaN, 3e5] as const;

testWebgpu("what a kernel does not write is what it was handed", async () => {
  using _ = poison(gpu(), 7);
  const made = gpu().makeTensorInfo([3], "float32");
  const wgsl = "@group(0) @binding(0) var<storage, read_write> y: array<f32>;\n" +
    entry(3, "  if (t == 1) { y[t] = 1.0; }");
  dispatch(gpu(), { name: "careless", wgsl, groups: [1, 1, 1] }, [made], []);
  assertEquals([...await gpu().read(made.dataId) as Float32Array], [7, 1, 7]);
  gpu().disposeData(made.dataId);
});

/** Every so many cases of convolutions: each is a shader of its own, and takes long to compile. */
const SOME = 9;

testWebgpu("operations read nothing that nobody wrote", async () => {
  const some = CONVOLUTIONS.filter((_, i) => i % SOME === 0);
  for (const one of [...some, ...PRODUCTS, ...ELEMENTWISE, ...REARRANGEMENTS, ...REDUCTIONS]) {
    const clean = await evaluate("webgpu", one);
    for (const value of VALUES) {
      using _ = poison(gpu(), value);
      assertEquals(await evaluate("webgpu", one), clean, one.name);
    }
  }
});

function testSteps(name: string, example: Case): void {
  testWebgpu(`a compiled step reads nothing that nobody wrote: ${name}`, async () => {
    const plain = trainStep(example.parts);
    const clean = await run(example, plain, { steps: 3 });
    assertNotEquals(clean.losses[0], clean.losses[2]);
    for (const value of VALUES) {
      using _ = poison(gpu(), value);
      for (const options of [{}, { donate: true }]) {
        using step = compile(plain, options);
        assertEquals(await run(example, step, { steps: 3 }), clean);
      }
    }
  });
}

testSteps("a perceptron with dropout and Adam", perceptron);
testSteps("a small transformer", transformer);
testSteps("ResNet-8", resnet8);
