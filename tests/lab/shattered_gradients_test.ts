/** Shattered gradients: simulations against theory, and curves against an independent program. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { key, setup } from "@fplusx/nn";
import {
  autocorrelation,
  bench,
  brownNoise,
  gateCorrelation,
  gradientCovariance,
  shatteredGradients,
  simulateGates,
  slopesByDepth,
  whiteNoise,
} from "@fplusx/nn/lab";
import golden from "../golden/shattered.json" with { type: "json" };
import { testEach } from "../backends.ts";
import { assertPicture } from "./svg.ts";

Deno.test("The calculated correlations are those of the theorems", () => {
  assertEquals([1, 2, 10].map((l) => gateCorrelation({ kind: "plain" }, l)), [0.5, 0.25, 2 ** -10]);
  assertEquals(gateCorrelation({ kind: "residual" }, 3), 27 / 64);
  const normalized = (beta: number, layers: number) =>
    gateCorrelation({ kind: "normalized", beta }, layers);
  for (
    const [beta, layers, expected] of [
      [1, 4, 0.492],
      [1, 16, 0.272],
      [1, 64, 0.140],
      [0.1, 16, 0.929],
      [0.1, 64, 0.781],
    ] as const
  ) assertAlmostEquals(normalized(beta, layers), expected, 5e-4);
  assertEquals(normalized(1, 1), 0.75, "one block is the same with and without normalisation");
  // The theorem's 1 / (β √L) is the limit, up to a factor: correlations fall as the root of depth.
  assertAlmostEquals(normalized(1, 1e4) / normalized(1, 4e4), 2, 1e-3);
});

Deno.test("Random gates give the calculated correlations within four standard errors", () => {
  const depths = [1, 2, 4, 8];
  for (
    const net of [
      { kind: "plain" },
      { kind: "residual" },
      { kind: "normalized", beta: 1 },
      { kind: "normalized", beta: 0.1 },
    ] as const
  ) {
    for (const { layers, correlation, error } of simulateGates(key(1), net, depths, 100, 200)) {
      const expected = gateCorrelation(net, layers);
      assert(
        Math.abs(correlation - expected) < 4 * error,
        `${net.kind} ${layers}: ${correlation} ± ${error}, not ${expected}`,
      );
      assert(error < 0.02);
    }
  }
});

testEach("A network that looks linear has one slope at every input", async () => {
  const size = { width: 8, points: 33 };
  const found = slopesByDepth(key(0), { kind: "looksLinear" }, [0, 3], size);
  assertEquals([...found.keys()], [0, 3]);
  for (const slopes of found.values()) {
    assertEquals(slopes.shape, [33, 8]);
    const values = await slopes.data();
    for (let i = 8; i < values.length; i++) {
      assertAlmostEquals(values[i]!, values[i % 8]!, 1e-5);
    }
    using covariance = gradientCovariance(slopes);
    assertEquals(covariance.shape, [33, 33]);
    slopes.dispose();
  }
});

Deno.test("autocorrelation() is 1 at lag 0, and tells white from brown noise", () => {
  const white = autocorrelation(whiteNoise(key(1), 256), 5);
  const brown = autocorrelation(brownNoise(key(1), 256), 5);
  assertEquals([white[0], brown[0], white.length], [1, 1, 6]);
  assert(Math.abs(white[1]!) < 0.2 && brown[1]! > 0.9);
});

Deno.test("The experiment agrees with the independent program, and its figures are pictures", async () => {
  await setup({ backend: "wasm" });
  const progress: number[] = [];
  const run = bench({
    version: "test",
    backend: "wasm",
    data: () => Promise.reject(new Error("no data are needed")),
    progress: (share) => void progress.push(share),
  });
  const spec = { ...shatteredGradients.specs.quick, seeds: 12, gateRuns: 40 };
  const { findings, figures, tables, data } = await shatteredGradients.run(spec, run);
  for (const { claim, shown, evidence } of findings) assert(shown, `${claim}: ${evidence}`);
  figures.forEach(({ svg }) => assertPicture(svg));
  assertEquals(figures.length, 4);
  assertEquals(tables[0]!.rows.length, 15);
  assertEquals(run.ledger.map(({ task }) => task), ["random gates", "gradient curves"]);
  assert(progress.length === 12 && progress.every((share) => share >= 0 && share < 1));

  const { acf } = data as unknown as {
    acf: Record<string, Record<string, { mean: number; deviation: number; count: number }[]>>;
  };
  const names = {
    plain: "plain",
    "residual 1": "residual, β = 1",
    "residual 0.1": "residual, β = 0.1",
  };
  for (const [theirs, ours] of Object.entries(names)) {
    for (const depth of [2, 4, 10, 24, 50]) {
      const curve = (golden.curves as Record<string, { mean: number[]; deviation: number[] }>)[
        `${theirs} ${depth}`
      ]!;
      golden.lags.forEach((lag, i) => {
        const { mean, deviation, count } = acf[ours]![depth]![lag]!;
        const error = Math.hypot(
          deviation / Math.sqrt(count),
          curve.deviation[i]! / Math.sqrt(golden.seeds),
        );
        const apart = Math.abs(mean - curve.mean[i]!) / error;
        assert(apart < 4, `${ours} ${depth} lag ${lag}: ${mean}, ${curve.mean[i]}, ${apart}`);
      });
    }
  }
});
