import { assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, earlyStopping, type EarlyStoppingOptions, type Waiting } from "@fplusx/nn";

/** Where it stops, or -1. */
function stopsAt(options: EarlyStoppingOptions, values: readonly number[]): number {
  const wait = earlyStopping(options);
  let waiting: Waiting | undefined;
  return values.findIndex((value) => (waiting = wait(waiting, value)).stop);
}

Deno.test("earlyStopping() stops when as many values as it waits for are no better", () => {
  const losses = [3, 2, 2, 2.5, 1, 1, 1, 1];
  assertEquals([1, 2, 3, 4].map((patience) => stopsAt({ patience }, losses)), [2, 3, 7, -1]);
  assertEquals(stopsAt({ patience: 2, better: "larger" }, losses.map((loss) => -loss)), 3);
  assertEquals(stopsAt({ patience: 2, least: 1.5 }, losses), 2);
  assertEquals(stopsAt({}, Array.from({ length: 30 }, () => 1)), 10);
  assertEquals(stopsAt({ patience: 3 }, [NaN, NaN, 5, NaN, NaN, NaN]), 5);
});

Deno.test("where early stopping stands survives JSON", () => {
  const wait = earlyStopping({ patience: 3 });
  let [one, other]: (Waiting | undefined)[] = [undefined, undefined];
  for (const value of [4, 3, 3.5, 2, 2, 2, 2]) {
    one = wait(one, value);
    other = JSON.parse(JSON.stringify(wait(other, value)));
    assertEquals(one, other);
  }
});

Deno.test("earlyStopping() refuses numbers that make no sense", () => {
  const refuse = (options: EarlyStoppingOptions, message: string) =>
    assertThrows(() => earlyStopping(options), ArgumentError, message);
  refuse(
    { patience: 0 },
    "Cannot make earlyStopping with patience 0: need an integer of at least 1",
  );
  refuse(
    { least: -1 },
    "Cannot make earlyStopping with least -1: need a finite number of at least 0",
  );
});
