/** Finding a learning rate from the command line. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withFiles } from "../deno/temporary_folder.ts";
import { lastJson, run, stripes } from "./stripes.ts";

Deno.test("lr-find draws the loss by rate, and says which rate to go up to", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const args = [
      ...["lr-find", "--recipe", "quick-mnist", "--batch", "10", "--steps", "50"],
      ...["--from", "1e-4", "--folder", `${folder}/data`, "--backend", "wasm"],
    ];
    const { code, out, err } = await run(...args, "--svg", `${folder}/curve.svg`);
    assertEquals(code, 0, err);
    assertMatch(out, /^loss [▁▂▃▄▅▆▇█]{10,50}$/m);
    const [, rate] = /--set schedule\.peak=([\d.]+)$/.exec(out) ?? [];
    const { points, suggestion, steepest } = lastJson((await run(...args, "--json")).out);
    assertEquals(Number(rate), Number(suggestion.toPrecision(2)));
    assertEquals(points[0].learningRate, 1e-4);
    assert(steepest > 1e-4 && suggestion > 1e-3 && suggestion < 1, `${steepest}, ${suggestion}`);
    const svg = await Deno.readTextFile(`${folder}/curve.svg`);
    assertStringIncludes(svg, "Loss while the learning rate grows");
  }));

Deno.test("lr-find refuses a range that makes no sense", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const args = ["lr-find", "--recipe", "quick-mnist", "--folder", `${folder}/data`];
    const { code, err } = await run(...args, "--backend", "cpu", "--from", "20");
    assertEquals([code, err], [
      2,
      "Error: Cannot look for a learning rate from 20 to 10 in 100 steps: need a rate that grows, " +
      "and 10 steps",
    ]);
  }));
