/** The bench and its ledger: what has the same hash is run once, and running it again is checked. */

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { FormatError, MismatchError } from "@fplusx/nn";
import { dataset } from "@fplusx/nn/data";
import { bench, type BenchOptions, digest, fingerprint, memoryStore } from "@fplusx/nn/lab";

const images = (first: number) =>
  dataset({ images: Uint8Array.of(first, 2), shape: [2, 1, 1, 1], labels: [0, 1], classes: 2 });

const options = (first = 1): BenchOptions => ({
  version: "1",
  backend: "cpu",
  data: () => Promise.resolve({ name: "two", train: images(first), test: images(0) }),
});

const arm = { task: "count", configuration: { to: 3 }, seed: 0, usesData: true };

Deno.test("digest() depends on every value and not on the order of names", async () => {
  const same = await digest({ a: [1, { b: 2, c: null }], d: "x" });
  assertEquals(await digest({ d: "x", a: [1, { c: null, b: 2 }] }), same);
  for (const other of [{ a: [1, { b: 2, c: 0 }], d: "x" }, { a: [{ b: 2, c: null }, 1], d: "x" }]) {
    assertNotEquals(await digest(other), same);
  }
  // sha256sum of {"a":1}
  assertEquals((await digest({ a: 1 })).slice(0, 16), "015abd7f5cc57a2d");
});

Deno.test("fingerprint() sees every pixel and label", async () => {
  const one = await fingerprint(images(1));
  assertEquals(await fingerprint(images(1)), one);
  assertNotEquals(await fingerprint(images(3)), one);
  assertNotEquals(await fingerprint({ ...images(1), labels: Int32Array.of(1, 0) }), one);
});

Deno.test("A finished arm is not run again, not even by another bench with the same store", async () => {
  const store = memoryStore();
  let runs = 0;
  const count = () => Promise.resolve({ runs: ++runs });
  const first = bench({ ...options(), store });
  assertEquals(await first.arm(arm, count), { runs: 1 });
  assertEquals(await first.arm(arm, count), { runs: 1 });
  const second = bench({ ...options(), store });
  assertEquals(await second.arm(arm, count), { runs: 1 });
  assertEquals(second.ledger, first.ledger);
  assertEquals(first.ledger.length, 1);
});

Deno.test("An arm that was damaged where it is kept is a FormatError", async () => {
  const store = memoryStore();
  const first = bench({ ...options(), store });
  await first.arm(arm, () => Promise.resolve(1));
  const name = `arms/${first.ledger[0]!.hash}.json`;
  const bytes = (await store.read(name))!;
  await store.write(name, bytes.slice(0, -1));
  await assertRejects(
    () => bench({ ...options(), store }).arm(arm, () => Promise.resolve(1)),
    FormatError,
    `Cannot read result "${name}": it is not JSON; without the file it is computed again, at byte 0`,
  );
});

Deno.test("Whatever the result depends on makes another arm", async () => {
  const store = memoryStore();
  const others: [BenchOptions, typeof arm][] = [
    [options(), arm],
    [options(), { ...arm, seed: 1 }],
    [options(), { ...arm, task: "other" }],
    [options(), { ...arm, configuration: { to: 4 } }],
    [options(), { ...arm, usesData: false }],
    [options(5), arm],
    [{ ...options(), version: "2" }, arm],
    [{ ...options(), backend: "wasm" }, arm],
  ];
  let runs = 0;
  for (const [make, arm] of others) {
    await bench({ ...make, store }).arm(arm, () => Promise.resolve(++runs));
  }
  assertEquals(runs, others.length);
});

Deno.test("Images are not loaded for what does not need them", async () => {
  const { arm } = bench({ ...options(), data: () => Promise.reject(new Error("loaded")) });
  const found = await arm(
    { task: "count", configuration: null, seed: 0, usesData: false },
    () => Promise.resolve(1),
  );
  assertEquals(found, 1);
});

Deno.test("An arm that is run again must give the same", async () => {
  const store = memoryStore();
  await bench({ ...options(), store }).arm(arm, () => Promise.resolve(1));
  const [entry] = await (async () => {
    const b = bench({ ...options(), store });
    await b.arm(arm, () => Promise.resolve(0));
    return b.ledger;
  })();
  const { hash } = entry!;
  let runs = 0;
  const again = bench({ ...options(), store, again: hash });
  const once = () => {
    runs++;
    return Promise.resolve(1);
  };
  assertEquals([await again.arm(arm, once), await again.arm(arm, once), runs], [1, 1, 1]);
  const other = bench({ ...options(), store, again: hash });
  const error = await assertRejects(() => other.arm(arm, () => Promise.resolve(2)), MismatchError);
  assertEquals(
    error.message,
    `Cannot reproduce arm ${hash}: its result was ${await digest(1)} and is ${await digest(2)}`,
  );
});

Deno.test("An arm that fails leaves nothing behind", async () => {
  const { arm: run, ledger } = bench(options());
  await assertRejects(() => run(arm, () => Promise.reject(new Error("no"))), Error, "no");
  assert(ledger.length === 0);
  assertEquals(await run(arm, () => Promise.resolve(1)), 1);
});
