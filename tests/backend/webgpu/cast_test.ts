import { assertEquals } from "@std/assert";
import { castProgram } from "../../../lib/backend/webgpu/kernels/cast.ts";
import { cast, greater, tensor, tidy } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { assertMutantsDie, assertSnapshot, gpu, run, testWebgpu } from "./program.ts";

const WHOLE = Int32Array.from({ length: 130 }, (_, i) => (i - 65) * 16_777_213);

testWebgpu("cast to float32 rounds whole numbers, and every fault in it shows", async () => {
  using x = tensor(WHOLE);
  await assertMutantsDie(
    castProgram(WHOLE.length),
    [["f32(x[t])", "bitcast<f32>(x[t])"], ["y[t]", "y[t + 1]"], ["t >= 130", "t >= 129"]],
    async (program) => {
      const [y] = await run(program, [[[WHOLE.length], "float32"]], [x]);
      assertEquals(y, Float32Array.from(WHOLE));
    },
  );
  await assertSnapshot("cast", castProgram(130));
});

testWebgpu("cast leaves floats on the device for kernels that take floats", async () => {
  const [a, b] = tidy(() =>
    [
      cast(tensor(Int32Array.of(7, -7)), "float32"),
      cast(greater(tensor([1, -1]), 0), "float32"),
    ] as const
  );
  for (const x of [a, b]) {
    // deno-lint-ignore no-explicit-any -- the data of a tensor are tfjs's
    assertEquals(gpu().tensorMap.get((x as any).dataId).dtype, "float32");
  }
  assertEquals([...await a.data(), ...await b.data()], [7, -7, 1, 0]);
  release([a, b]);
});
