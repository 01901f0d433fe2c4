import { assert, assertEquals, assertMatch } from "@std/assert";
import { withFiles } from "../deno/temporary_folder.ts";
import { lastJson, run, stripes } from "./stripes.ts";

Deno.test("train times a step first when it is asked to, and trains the same", () =>
  withFiles({}, async (folder) => {
    await stripes(folder, 20);
    const data = ["--data", "mnist", "--folder", folder, "--backend", "wasm"];
    const train = ["train", "--model", "mnist-resnet", ...data, "--epochs", "1", "--batch", "10"];
    const plain = await run(...train, "--out", `${folder}/plain`, "--json");
    const told = await run(...train, "--out", `${folder}/profiled`, "--profile");
    assertEquals([plain.code, told.code], [0, 0], told.err);
    const weights = await Deno.readFile(`${folder}/profiled/weights.safetensors`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", weights)).toHex();
    assertEquals(digest, lastJson(plain.out).weightsSha256);

    assertMatch(told.out, /^kernel +calls/m);
    assertMatch(told.out, /^Conv2DBackpropFilter +\d+ +0 +[\d.]+ +[\d.]+ % /m);
    assertMatch(told.out, /^chrome:\/\/tracing and ui\.perfetto\.dev show .*\/profile\.json$/m);
    const events = JSON.parse(await Deno.readTextFile(`${folder}/profiled/profile.json`));
    assert(
      events.some(({ name, ph }: { name: string; ph: string }) => name === "Conv2D" && ph === "X"),
    );
  }));
