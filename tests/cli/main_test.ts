import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { abstractKey, key, release, setup } from "@fplusx/nn";
import { openWeights, saveWeights } from "@fplusx/nn/deno";
import { mnistResnet, resnetCifar } from "@fplusx/nn/models";
import { loadTree, saveStateDict } from "@fplusx/nn/weights";
import { models } from "@fplusx/nn/recipes";
import { greyPng } from "../images/png_writer.ts";
import { lastJson, run, stripe, stripes } from "./stripes.ts";

Deno.test("train, evaluate and predict work together", async () => {
  await Deno.mkdir("runs", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "runs", prefix: "cli-test-" });
  try {
    await stripes(folder, 100);
    const data = ["--data", "mnist", "--folder", folder, "--backend", "wasm"];
    const out = `${folder}/out`;
    const size = ["--epochs", "4", "--batch", "10", "--seed", "3"];
    const trained = await run(
      ...["train", "--model", "mnist-resnet", ...data, ...size, "--out", out, "--json"],
    );
    assertEquals(trained.code, 0, trained.err);
    const report = lastJson(trained.out);
    assertEquals(trained.out.split("\n").length, 1);
    assertEquals(report.steps, 40);
    assertEquals(report.backend, "wasm");
    assert(report.top1 >= 0.95, `top-1 is ${report.top1}`);
    assert(report.imagesPerSecond > 0 && report.seconds > 0 && report.loss > 0);
    assertEquals(report.weights, `${out}/weights.safetensors`);
    const bytes = await Deno.readFile(report.weights);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    assertEquals(report.weightsSha256, digest);

    const history = (await Deno.readTextFile(`${out}/history.jsonl`)).trimEnd().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(history.filter(({ loss }) => loss !== undefined).length, 40);
    assertEquals(history.filter(({ top1 }) => top1 !== undefined).length, 4);
    assertMatch(await Deno.readTextFile(`${out}/curves.svg`), /^<svg[^]*<\/svg>\s*$/);

    const weights = ["--weights", report.weights];
    const evaluated = lastJson((await run("evaluate", ...weights, ...data, "--json")).out);
    assertEquals(evaluated.top1, report.top1);
    assertEquals(evaluated.examples, 100);
    const shown = await run("predict", ...weights, ...data, "--index", "7");
    assertStringIncludes(shown.out, "test image 7, labelled 7");
    assertMatch(shown.out, /^ +7 +\d+\.\d\d % +█+$/m);
    assertStringIncludes(
      (await run("predict", ...weights, ...data, "--index", "100")).err,
      "Error: Cannot use --index 100: the test set has 100 images",
    );

    await Deno.writeFile(`${folder}/seven.png`, await greyPng(28, stripe(7)));
    await Deno.writeTextFile(`${folder}/names.txt`, "zero\none\ntwo\n3\n4\n5\n6\nseven\n8\nnine\n");
    const image = ["--image", `${folder}/seven.png`, "--backend", "wasm"];
    const pictured = await run("predict", ...weights, ...image, "--names", `${folder}/names.txt`);
    assertEquals(pictured.code, 0, pictured.err);
    assertStringIncludes(pictured.out, `${folder}/seven.png, 28 × 28 pixels`);
    assertMatch(pictured.out, /^ +seven +\d+\.\d\d % +█+$/m);
    const { top, height, width } = lastJson(
      (await run("predict", ...weights, ...image, "--json")).out,
    );
    assertEquals([height, width, top.length, top[0].label], [28, 28, 5, "7"]);
    // The same weights as PyTorch would have them.
    using file = await openWeights(report.weights);
    const like = mnistResnet().init(abstractKey, [1, 28, 28, 1]);
    const loaded = await loadTree({ params: like.params, state: like.state }, file);
    await Deno.writeFile(`${folder}/torch.safetensors`, await saveStateDict(loaded));
    release(loaded);
    const torch = ["--weights", `${folder}/torch.safetensors`, "--model", "mnist-resnet"];
    assertEquals(lastJson((await run("predict", ...torch, ...image, "--json")).out).top, top);

    const again = await run(
      ...["train", "--model", "mnist-resnet", ...data, ...size, "--out", `${out}2`, "--json"],
    );
    assertEquals(
      lastJson(again.out).weightsSha256,
      report.weightsSha256,
      "same seed, same weights",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("train refuses to resume what is not there", async () => {
  const args = ["train", "--model", "mnist-resnet", "--data", "mnist", "--resume"];
  const { code, err } = await run(...args);
  assertEquals([code, err], [
    2,
    "Error: Cannot resume without --out: need the folder of the training",
  ]);
});

Deno.test("summary needs no device and no permission", async () => {
  const { code, out } = await run("summary", "--model", "mnist-resnet", "--json");
  assertEquals(code, 0);
  const { parameters, multiplyAdds, layers } = lastJson(out);
  assertEquals([parameters, multiplyAdds], [77_754, 2_552_000]);
  assert(layers.length > 10);
  const larger = lastJson(
    (await run("summary", "--model", "mnist-resnet", "--input", "56x56x1", "--json")).out,
  );
  assertEquals(larger.parameters, parameters);
  assert(larger.multiplyAdds > 3 * multiplyAdds);
});

Deno.test("summary gives the published counts of ResNet-50", async () => {
  const { out } = await run("summary", "--model", "resnet50", "--input", "224x224x3", "--json");
  const { parameters, multiplyAdds } = lastJson(out);
  assertEquals({ parameters, multiplyAdds }, { parameters: 25557032, multiplyAdds: 4089184256 });
});

Deno.test("help is printed for every verb, and mistakes exit with 2 before anything is loaded", async () => {
  assertStringIncludes((await run("--help")).out, "Usage: deno task cli VERB [options]");
  for (
    const verb of [
      "train",
      "evaluate",
      "predict",
      "export",
      "report",
      "recipes",
      "lr-find",
      "summary",
      "bench",
      "data",
    ]
  ) {
    const { code, out } = await run(verb, "--help");
    assertEquals(code, 0);
    assertStringIncludes(out, `Usage: deno task cli ${verb} `);
  }
  assertEquals((await run()).code, 2);
  const refuse = async (args: string[], message: string) => {
    const { code, err } = await run(...args);
    assertEquals([code, err], [2, `Error: ${message}`]);
  };
  await refuse(
    ["tran"],
    'Cannot run "tran": need one of train, evaluate, predict, export, report, ' +
      "recipes, lr-find, summary, bench, data, lab",
  );
  await refuse(
    ["train", "--data", "mnist"],
    `Cannot find a model without its name: need one of ${Object.keys(models).join(", ")}`,
  );
  await refuse(
    ["train", "--model", "lenet", "--data", "mnist"],
    `Cannot find a model named "lenet": need one of ${Object.keys(models).join(", ")}`,
  );
  await refuse(
    ["train", "--model", "mnist-resnet"],
    "Cannot find a data set without its name: need one of mnist, fashion-mnist, " +
      "cifar10, cifar100, images",
  );
  await refuse(
    ["evaluate", "--data", "mnist"],
    "Cannot go on without --weights: need a value for it",
  );
  await refuse(
    ["summary", "--model", "mnist-resnet", "--input", "28x28"],
    'Cannot use --input "28x28": need HEIGHTxWIDTHxCHANNELS',
  );
});

Deno.test("a failure exits with 1", async () => {
  const args = ["evaluate", "--weights", "runs/none.safetensors", "--data", "mnist"];
  const { code, err } = await run(...args, "--backend", "wasm");
  assertEquals(code, 1);
  assertStringIncludes(err, 'Error: Cannot read "runs/none.safetensors": no such file');
});

Deno.test("predict refuses a picture for a model that does not say how it is prepared", async () => {
  await Deno.mkdir("runs", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "runs", prefix: "cli-test-" });
  try {
    await setup({ backend: "wasm" });
    const { params, state } = resnetCifar(8).init(key(0), [1, 32, 32, 3]);
    const weights = `${folder}/cifar.safetensors`;
    await saveWeights(weights, { params, state }, { model: "resnet8" });
    release([params, state]);
    const args = ["--weights", weights, "--image", "none.png", "--backend", "wasm"];
    const { code, err } = await run("predict", ...args);
    assertEquals(
      [code, err],
      [2, "Error: Cannot use --image with resnet8: it is not known how its pictures are prepared"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
