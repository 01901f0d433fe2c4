/** Laws of every experiment, on networks and images so small that what they find means nothing. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { liveTensors, setup } from "@fplusx/nn";
import { dataset } from "@fplusx/nn/data";
import {
  bench,
  type BenchOptions,
  type Experiment,
  experiments,
  type Json,
  type LabData,
  memoryStore,
  runExperiment,
} from "@fplusx/nn/lab";
import { assertPicture } from "./svg.ts";

/** Images of 16 × 16 in which the label is where the bright column is. */
function stripes(count: number) {
  const images = Uint8Array.from({ length: count * 256 }, (_, i) => {
    const [image, column] = [Math.floor(i / 256), i % 16];
    return column === 2 + image % 10 ? 200 : (i * 37) % 40;
  });
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return dataset({ images, shape: [count, 16, 16, 1], labels, classes: 10 });
}

const data: LabData = { name: "stripes", train: stripes(64), test: stripes(40) };

const recipe = {
  sample: { images: 64, tests: 40, shrink: 2 },
  epochs: 2,
  batch: 32,
  learningRate: 0.05,
  weightDecay: 1e-4,
  augment: true,
  keep: [0, 1],
};
const small = { width: 4, seeds: 2, recipe };

/** What is run of each experiment. */
const SPECS: Readonly<Record<string, Json>> = {
  degradation: { ...small, depths: [8, 14] },
  existence: {
    ...small,
    shallow: 8,
    deep: [14],
    images: 40,
    more: { ...recipe, epochs: 1, keep: [] },
  },
  shortcuts: { ...small, depth: 8 },
  bottleneck: { ...small, blocks: [1, 1, 1] },
  responses: { ...small, depths: [8, 14], images: 64 },
  "shattered-gradients": {
    width: 10,
    points: 64,
    depths: [2, 24, 50],
    seeds: 2,
    lags: 15,
    gateRuns: 4,
  },
  "gradient-flow": { ...small, depth: 14, images: 32, tests: 40, paths: 2, draws: 2 },
  neighbours: { ...small, depth: 8, images: 40 },
  landscape: { depth: 8, width: 4, side: 5, images: 32, recipe },
};

const run = (experiment: Experiment, options: Partial<BenchOptions> = {}) => {
  const specs = { quick: SPECS[experiment.name]!, full: SPECS[experiment.name]! };
  const on = bench({
    version: "0",
    backend: "wasm",
    data: () => Promise.resolve(data),
    ...options,
  });
  return runExperiment({ ...experiment, specs }, "quick", on);
};

Deno.test("Every experiment has a name, a claim, and something that would refute it", () => {
  assertEquals(experiments.map(({ name }) => name).sort(), Object.keys(SPECS).sort());
  for (const { title, claim, setUp, refutedBy, differences } of experiments) {
    for (const text of [claim, setUp, refutedBy, differences]) {
      assert(text.length > 40 && /[.)]$/.test(text), `${title}: ${text}`);
    }
  }
});

for (const experiment of experiments) {
  Deno.test(`${experiment.name} finds the same again, and runs nothing twice`, async () => {
    await setup({ backend: "wasm" });
    const before = liveTensors();
    const [store, shares] = [memoryStore(), [] as number[]];
    const progress = (share: number) => void shares.push(share);
    const { result, ledger } = await run(experiment, { store, progress });
    assertEquals(liveTensors(), before, "nothing is left behind");
    assert(ledger.length > 0 && shares.every((share) => share >= 0 && share <= 1));
    assert(shares.every((share, i) => i === 0 || share >= shares[i - 1]!), "progress goes forward");

    const { findings, tables, figures } = result;
    assert(findings.length > 0 && tables.length + figures.length > 0);
    for (const { claim, evidence } of findings) {
      assert(claim !== "" && /\d/.test(evidence), `"${claim}" comes with numbers: ${evidence}`);
      assert(!/NaN|undefined/.test(evidence), evidence);
    }
    for (const { columns, rows } of tables) {
      for (const row of rows) assertEquals(row.length, columns.length);
      assert(!/NaN|undefined/.test(JSON.stringify(rows)), JSON.stringify(rows));
    }
    assertEquals(new Set(figures.map(({ name }) => name)).size, figures.length);
    for (const { svg } of figures) assertPicture(svg);
    assertEquals(JSON.parse(JSON.stringify(result)), result, "is plain data");

    const writes: string[] = [];
    const again = await run(experiment, {
      store: { ...store, write: (name) => Promise.resolve(void writes.push(name)) },
    });
    assertEquals(writes, []);
    assertEquals(again.result, result);
    assertEquals(again.ledger, ledger);
    // In another store everything is run again, and every arm gives the same.
    const other = await run(experiment);
    assertEquals(
      other.ledger.map(({ hash, result }) => [hash, result]),
      ledger.map(({ hash, result }) => [hash, result]),
    );
  });
}

Deno.test("An experiment that is stopped goes on with what it has finished", async () => {
  await setup({ backend: "wasm" });
  const degradation = experiments.find(({ name }) => name === "degradation")!;
  const store = memoryStore();
  const abort = new AbortController();
  let tells = 0;
  const progress = () => {
    if (++tells === 7) abort.abort();
  };
  const before = liveTensors();
  await assertRejects(
    () => run(degradation, { store, progress, signal: abort.signal }),
    DOMException,
    "aborted",
  );
  assertEquals(liveTensors(), before);
  const seen: string[] = [];
  const noting = {
    read: async (name: string) => {
      const bytes = await store.read(name);
      if (bytes) seen.push(name);
      return bytes;
    },
    write: store.write,
  };
  const stopped = await run(degradation, { store: noting });
  assertEquals(seen.length, 1, "one network was finished");
  const whole = await run(degradation);
  const results = (entry: typeof whole) => entry.ledger.map(({ result }) => result);
  assertEquals(results(stopped), results(whole));
});
