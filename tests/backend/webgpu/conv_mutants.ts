/**
 * What the tests of programs of convolutions share: each program is compared with its snapshots and with
 * the reference, and the comparison has to find each of its mutants.
 *
 * @module
 */

import type { ConvSizes } from "../../../lib/backend/webgpu/kernels/conv_sizes.ts";
import type { Program } from "../../../lib/backend/webgpu/program.ts";
import { tensor } from "../../../lib/ops.ts";
import { release } from "../../../lib/ownership.ts";
import { sizeOf } from "../../../lib/tensor.ts";
import { assertIsArray, type Direction, numbers, referenceOf } from "./conv_reference.ts";
import { assertTwins } from "./halves.ts";
import { assertMutantsDie, assertSnapshot, run, testWebgpu } from "./program.ts";

/** Checks what a program gives, in `parts` that are added here. */
const checking = (sizes: ConvSizes, direction: Direction, parts: number) => async (p: Program) => {
  const reference = referenceOf(sizes, direction);
  const inputs = [numbers("a", reference.inputs[0]), numbers("b", reference.inputs[1])] as const;
  const tensors = inputs.map((values, i) => tensor(values, reference.inputs[i]));
  const size = sizeOf(reference.shape);
  try {
    const [values] = await run(p, [[[parts * size], "float32"]], tensors);
    const sums = Float32Array.from(
      { length: size },
      (_, i) =>
        Array.from({ length: parts }, (_, part) => values![part * size + i]!)
          .reduce((sum, value) => sum + value),
    );
    await assertIsArray(sums, reference, inputs);
  } finally {
    release(tensors);
  }
};

/** A program of a convolution. */
export interface ConvProgram {
  /** The name of its snapshots. */
  readonly name: string;
  /** What it computes. */
  readonly direction: Direction;
  /** Sizes that fit its tiles, and sizes that do not. */
  readonly sizes: { readonly aligned: ConvSizes; readonly ragged: ConvSizes };
  /** Gives its text; the arrays that are named are of halves. */
  program(sizes: ConvSizes, halves: readonly string[]): Program;
  /** The arrays that may be. */
  readonly halves: readonly string[];
  /** In how many parts it gives the result; in one, if nothing is said. */
  parts?(sizes: ConvSizes): number;
}

type Faults = Parameters<typeof assertMutantsDie>[1];

/** Defines the tests of a program and of its mutants at ragged sizes; some are of halves only. */
export function testMutants(
  { name, direction, sizes: { aligned, ragged }, halves, parts = () => 1, ...rest }: ConvProgram,
  faults: Faults,
  ofHalves: Faults,
): void {
  const program = (sizes: ConvSizes) => rest.program(sizes, []);
  testWebgpu(`Mutants of ${name} die`, async () => {
    await assertSnapshot(name, program(aligned));
    await assertSnapshot(`${name}_ragged`, program(ragged));
    await checking(aligned, direction, parts(aligned))(program(aligned));
    await assertMutantsDie(program(ragged), faults, checking(ragged, direction, parts(ragged)));
  });

  testWebgpu(`Mutants of ${name} on halves die`, async () => {
    const { shape, inputs } = referenceOf(ragged, direction);
    await assertTwins(
      (halves) => rest.program(ragged, halves),
      halves,
      [parts(ragged) * sizeOf(shape)],
      [numbers("a", inputs[0]), numbers("b", inputs[1])],
      [...faults, ...ofHalves],
    );
  });
}
