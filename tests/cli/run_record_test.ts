/** What is known of a training, as its report says it. */

import { assertEquals } from "@std/assert";
import { recipes } from "@fplusx/nn/recipes";
import { lastTest, reportOf, type RunRecord } from "../../lib/cli/run_record.ts";

const run: RunRecord = {
  ...{ model: "mnist-resnet", data: "mnist", classes: 10, parameters: 77_754, steps: 20 },
  recipe: recipes["quick-mnist"]!,
  options: { threads: 2 },
  environment: { backend: "wasm" },
};
const validated = { step: 9, validationLoss: 0.5, validationTop1: 0.75 };
const tested = { step: 9, testLoss: 0.25, top1: 0.875 };
const headline = (...of: Parameters<typeof reportOf>) => reportOf(...of).headline!.slice(0, 2);

Deno.test("the last test says on which images it was", () => {
  assertEquals(lastTest([{ step: 0, loss: 1 }]), undefined);
  assertEquals(lastTest([validated, { step: 10, loss: 1 }]), {
    of: "validation",
    loss: 0.5,
    top1: 0.75,
  });
  assertEquals(lastTest([tested, { step: 10, loss: 1 }])?.of, "test");
});

Deno.test("a report of a training that goes on does not take validation for a test", () => {
  assertEquals(headline(run, [validated]), [
    ["validation accuracy", "75.00 %"],
    ["validation loss", "0.5000"],
  ]);
  assertEquals(headline(run, [tested]), [["test accuracy", "87.50 %"], ["test loss", "0.2500"]]);
  const end = {
    ...{ outcome: "finished", steps: 20, seconds: 9, imagesPerSecond: 100 } as const,
    ...{ top1: 0.9, loss: 0.125, weightsSha256: "", time: "2026-01-01T00:00:00Z" },
  };
  assertEquals(headline({ ...run, end }, [validated]), [
    ["test accuracy", "90.00 %"],
    ["test loss", "0.1250"],
  ]);
});

Deno.test("a report says of which step the weights are, when they are not the last", () => {
  const end = {
    ...{
      outcome: "finished",
      steps: 2000,
      bestStep: 1500,
      seconds: 9,
      imagesPerSecond: 100,
    } as const,
    ...{ top1: 0.9, loss: 0.125, weightsSha256: "", time: "2026-01-01T00:00:00Z" },
  };
  assertEquals(
    reportOf({ ...run, end }, []).note,
    "Finished 1 January 2026, after 2,000 steps; the weights are those after step 1,500.",
  );
});

Deno.test("a report tells every field of the recipe, and the other options", () => {
  const facts = new Map(reportOf(run, []).configuration);
  assertEquals([facts.get("schedule.peak"), facts.get("model.name"), facts.get("threads")], [
    "0.1",
    '"mnist-resnet"',
    "2",
  ]);
});
