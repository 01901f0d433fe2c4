/** Recipes on the command line: listed, printed, compared, followed, and taken up again. */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { dense, initTraining, key, scoped, setup, sgd } from "@fplusx/nn";
import { formatRecipe, models, override, type Recipe, recipes } from "@fplusx/nn/recipes";
import { checkpointFolder, openWeights, saveWeights } from "@fplusx/nn/deno";
import { encodePng, image } from "@fplusx/nn/images";
import { withFiles } from "../deno/temporary_folder.ts";
import { lastJson, run, stripes } from "./stripes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const refuse = async (args: string[], message: string) => {
  const { code, err } = await run(...args);
  assertEquals([code, err], [2, `Error: ${message}`]);
};

Deno.test("recipes are listed, and printed as JSON that can be taken back", async () => {
  const listed = (await run("recipes")).out.split("\n");
  assertEquals(listed.map((line) => line.split(" ")[0]), Object.keys(recipes));
  assertEquals(lastJson((await run("recipes", "--json")).out), recipes);
  const paper = recipes["paper-cifar"]!;
  assertEquals((await run("recipes", "paper-cifar")).out, formatRecipe(paper));
  const slow = await run("recipes", "paper-cifar", "--set", "schedule.peak=0.05", "--json");
  assertEquals(lastJson(slow.out), override(paper, "schedule.peak=0.05"));
  const both = await run("recipes", "paper-cifar", "--set", "batch=1", "--set=seed=2", "--json");
  assertEquals([lastJson(both.out).batch, lastJson(both.out).seed], [1, 2]);
});

Deno.test("recipes are compared field by field", async () => {
  const { out } = await run("recipes", "torchvision-v1", "fair-imagenet");
  assertEquals(out.split("\n").map((row) => row.split(/ {2,}/).slice(0, 2)), [
    ["optimizer.nesterov", "false"],
    [
      "augment",
      '[{"kind":"resized-crop","size":224,"least":0.08},{"kind":"flip","probability":0.5}]',
    ],
  ]);
  assertEquals((await run("recipes", "paper-cifar", "paper-cifar")).out, "they train the same");
  const { out: json } = await run(
    "recipes",
    "paper-cifar",
    "paper-cifar",
    "--set",
    "seed=1",
    "--json",
  );
  assertEquals(lastJson(json), [{ path: "seed", first: "1", second: "0" }]);
});

Deno.test("mistakes about recipes are said before anything is loaded", async () => {
  const known = Object.keys(recipes).join(", ");
  await refuse(["recipes", "paper"], `Cannot find a recipe named "paper": need one of ${known}`);
  await refuse(["recipes", "a", "b", "c"], "Cannot compare 3 recipes: need one or two");
  await refuse(
    ["recipes", "--set", "seed=1"],
    "Cannot use --set with all recipes: need the name of one",
  );
  await refuse(["recipes", "paper-cifar", "--set"], "Cannot use --set: need a value each time");
  const train = ["train", "--recipe", "paper-cifar"];
  await refuse(
    ["train", "--recipe", "paper"],
    `Cannot find a recipe named "paper": need one of ${known}`,
  );
  await refuse(
    [...train, "--set", "schedule.peek=1"],
    'Cannot use "peek" in a recipe: need one of kind, peak, at, divideBy, at "schedule"',
  );
  await refuse(
    [...train, "--epochs", "3"],
    "Cannot use --epochs with a recipe that counts steps: need --set length.count=STEPS",
  );
  await refuse(
    [...train, "--model", "vgg16"],
    'Cannot use "shortcut" in a recipe: vgg16 has none, at "model"',
  );
  await withFiles(
    { "mine.json": bytes("{"), "other.json": bytes('{"batch": 1}') },
    async (folder) => {
      const { code, err } = await run("train", "--recipe", `${folder}/mine.json`);
      assertEquals(code, 2);
      assertStringIncludes(
        err,
        `Error: Cannot read a recipe from "${folder}/mine.json": need JSON, `,
      );
      await refuse(
        ["train", "--recipe", `${folder}/other.json`],
        'Cannot leave this out of a recipe: need a text, at "about"',
      );
    },
  );
  assertEquals((await run("train", "--recipe", "runs/none.json")).code, 1);
});

Deno.test("a checkpoint without a recipe is not taken for one of ours", () =>
  withFiles({}, async (folder) => {
    await setup({ backend: "cpu" });
    const parts = { model: dense(1), optimizer: sgd() };
    using state = scoped(initTraining(parts, key(0), [1, 2]));
    {
      await using checkpoints = await checkpointFolder(`${folder}/checkpoints`);
      await checkpoints.save({ state, step: 1, cursor: { epoch: 0, index: 0 }, config: {} });
    }
    await refuse(
      ["train", "--out", folder, "--resume"],
      `Cannot resume "${folder}": its checkpoint holds no recipe`,
    );
  }));

/** A recipe that takes ten steps on stripes and uses what a small one can. */
const tiny: Recipe = [
  "length.count=2",
  "batch=20",
  "ema=0.5",
  "data.normalize=pixel-mean",
  "data.validation=10",
  "labelSmoothing=0.1",
  'augmentNormalized=[{"kind":"crop","size":null,"padding":1}]',
  'mix=[{"kind":"mixup","alpha":0.2}]',
].reduce(override, recipes["quick-mnist"]!);

Deno.test("a training follows a recipe from a file, and what it leaves says so", () =>
  withFiles({ "tiny.json": bytes(formatRecipe(tiny)) }, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const place = ["--folder", `${folder}/data`, "--backend", "wasm", "--json"];
    const [out, other] = [`${folder}/out`, `${folder}/other`];
    const args = ["train", "--recipe", `${folder}/tiny.json`, "--set", "seed=5", ...place];
    const trained = await run(...args, "--out", out);
    assertEquals(trained.code, 0, trained.err);
    const { steps, top1, weights, weightsSha256 } = lastJson(trained.out);
    assertEquals(steps, 10); // 90 images, the last batch of an epoch is of 10
    const recipe = override(tiny, "seed=5");
    assertEquals(JSON.parse(await Deno.readTextFile(`${out}/run.json`)).recipe, recipe);
    assertStringIncludes(await Deno.readTextFile(`${out}/report.html`), "schedule.peak");
    const tests = (await read(out)).filter(({ loss }) => loss === undefined);
    assertEquals(tests.map((line) => Object.keys(line)), [
      ["step", "validationLoss", "validationTop1"],
      ["step", "validationLoss", "validationTop1"],
    ]);
    assertStringIncludes(await Deno.readTextFile(`${out}/curves.svg`), "Loss (validation)");
    using file = await openWeights(weights);
    assertEquals(JSON.parse(file.metadata.get("recipe")!), recipe);
    // The test set is centred by the images that were learned from, and the average is what is tested.
    const evaluated = await run("evaluate", "--weights", weights, "--data", "mnist", ...place);
    assertEquals(lastJson(evaluated.out).top1, top1, evaluated.err);
    const shown = await run("predict", "--weights", weights, "--data", "mnist", ...place);
    assertEquals(shown.code, 0, shown.err);

    const again = await run(...args, "--out", other, "--checkpoint-every", "4");
    assertEquals(lastJson(again.out).weightsSha256, weightsSha256, "same recipe, same weights");
    await Deno.remove(`${other}/checkpoints/step-00000010.safetensors`);
    const resume = ["train", "--out", other, "--resume", ...place];
    await refuse(
      [...resume, "--seed", "6"],
      `Cannot resume "${other}" with another recipe: seed was 5 and is 6`,
    );
    await refuse(
      [...resume, "--recipe", `${folder}/tiny.json`],
      `Cannot resume "${other}" with another recipe: seed was 5 and is 0`,
    );
    await refuse(
      [...resume, "--set", "model.name=resnet8", "--set", "ema=null"],
      `Cannot resume "${other}" with another recipe: model.name was "mnist-resnet" and is ` +
        '"resnet8", ema was 0.5 and is null',
    );
    const resumed = await run(...resume, "--recipe", `${folder}/tiny.json`, "--seed", "5");
    assertEquals(resumed.code, 0, resumed.err);
    assertEquals(lastJson(resumed.out).weightsSha256, weightsSha256, "resumed, same weights");

    // A report of a training that has not ended is about the average too.
    const { end: _end, ...record } = JSON.parse(await Deno.readTextFile(`${other}/run.json`));
    await Deno.writeTextFile(`${other}/run.json`, JSON.stringify(record));
    const html = await Deno.readTextFile(`${other}/report.html`);
    assertEquals((await run("report", "--out", other, "--backend", "wasm")).code, 0);
    const matrix = (text: string) => text.slice(text.indexOf('class="matrix"'));
    const now = await Deno.readTextFile(`${other}/report.html`);
    assert(now.includes("Not ended yet"));
    assertEquals(matrix(now).slice(0, 5000), matrix(html).slice(0, 5000));
  }));

Deno.test("pictures of any size are read when they are needed, where a recipe cuts them to one", () =>
  withFiles({}, async (folder) => {
    for (const part of ["train", "test"]) {
      for (const [label, name] of ["dark", "light"].entries()) {
        await Deno.mkdir(`${folder}/data/${part}/${name}`, { recursive: true });
        for (let i = 0; i < 6; i++) {
          const [height, width] = [18 + i, 30 - i];
          const data = new Uint8Array(height * width * 3).fill(label * 200 + i);
          const png = await encodePng(image(height, width, data));
          await Deno.writeFile(`${folder}/data/${part}/${name}/${i}.png`, png);
        }
      }
    }
    const recipe = [
      'model={"name":"resnet8","width":4}',
      "batch=4",
      'length={"unit":"epochs","count":4}',
      'schedule={"kind":"constant","peak":0.05}',
      'augment=[{"kind":"resized-crop","size":16,"least":0.5},{"kind":"flip","probability":0.5}]',
      'data.testCrop={"side":18,"size":16}',
      "reestimate=8",
    ].reduce(override, recipes["torchvision-v1"]!);
    await Deno.writeTextFile(`${folder}/small.json`, formatRecipe(recipe));
    const place = ["--folder", `${folder}/data`, "--backend", "wasm", "--json"];
    const args = ["train", "--recipe", `${folder}/small.json`, ...place];
    const trained = await run(...args, "--out", `${folder}/out`);
    assertEquals(trained.code, 0, trained.err);
    const { steps, top1, loss, weights } = lastJson(trained.out);
    assertEquals([steps, top1], [12, 1]);
    const evaluated = lastJson(
      (await run("evaluate", "--weights", weights, "--data", "images", ...place)).out,
    );
    assertEquals([evaluated.loss, evaluated.examples], [loss, 12]);
    const seen = await run("predict", "--weights", weights, "--data", "images", ...place);
    assertEquals(lastJson(seen.out).truth, "dark", seen.err);
    const nowhere = await run("train", "--recipe", "paper-imagenet", "--backend", "cpu");
    assertEquals([nowhere.code, nowhere.err.split("\n").at(-1)], [
      2,
      "Error: Cannot load images from nowhere: need --folder with train and test",
    ]);
  }));

Deno.test("the statistics of normalisations are estimated anew where a recipe says so", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const trained = async (reestimate: string) => {
      const { code, out, err } = await run(
        ...["train", "--recipe", "quick-mnist", "--epochs", "1", "--batch", "25"],
        ...["--set", `reestimate=${reestimate}`, "--out", `${folder}/${reestimate}`],
        ...["--folder", `${folder}/data`, "--backend", "wasm", "--json"],
      );
      assertEquals(code, 0, err);
      const { loss, weights } = lastJson(out);
      using file = await openWeights(weights);
      const read = async (name: string) => [...(await file.read([name])).get(name)!.data];
      return { loss, params: await read("params.fc.bias"), mean: await read("state.bn1.mean") };
    };
    const [running, exact] = [await trained("null"), await trained("100")];
    assertEquals(exact.params, running.params);
    assertNotEquals(exact.mean, running.mean);
    // After four steps the running averages still are mostly what they began with.
    assert(exact.loss < running.loss, `${exact.loss} is not below ${running.loss}`);
  }));

const read = async (out: string) =>
  (await Deno.readTextFile(`${out}/history.jsonl`)).trimEnd().split("\n")
    .map((line) => JSON.parse(line));

Deno.test("a warm-up ends by the error, at the same step if it was interrupted just before", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const place = ["--folder", `${folder}/data`, "--backend", "wasm", "--json"];
    const out = `${folder}/out`;
    const warmup = 'warmup={"kind":"until-error","rate":0.02,"error":0.9}';
    const args = ["train", "--recipe", "quick-mnist", "--epochs", "6", "--batch", "10"];
    const keep = ["--checkpoint-every", "1", "--keep", "99"];
    const whole = await run(...args, "--set", warmup, ...place, ...keep, "--out", out);
    assertEquals(whole.code, 0, whole.err);
    const lines = (await read(out)).filter(({ loss }) => loss !== undefined);
    const measured = lines.filter(({ error }) => error !== undefined).length;
    assert(measured >= 20 && measured < 50, `the error was measured ${measured} times`);
    const rates = lines.map(({ learningRate }) => learningRate);
    assertEquals(rates.slice(0, measured + 9), new Array(measured + 9).fill(0.02));
    assert(rates.slice(measured + 9).every((rate) => rate !== 0.02));

    for (const step of [measured - 1, measured + 8]) {
      for (let later = step + 1; later <= 60; later++) {
        const name = `step-${`${later}`.padStart(8, "0")}.safetensors`;
        await Deno.remove(`${out}/checkpoints/${name}`);
      }
      const resumed = await run("train", "--resume", ...place, ...keep, "--out", out);
      assertEquals(resumed.code, 0, resumed.err);
      assertEquals(lastJson(resumed.out).weightsSha256, lastJson(whole.out).weightsSha256);
      assertEquals((await read(out)).filter(({ loss }) => loss !== undefined), lines);
    }
  }));

Deno.test("a training ends when its tests get no better, with the best weights, resumed or not", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const place = ["--folder", `${folder}/data`, "--backend", "wasm", "--json"];
    const train = [
      ...["train", "--recipe", "quick-mnist", "--epochs", "30", "--batch", "10"],
      ...["--set", 'schedule={"kind":"constant","peak":0}', "--set", "patience=2"],
      ...["--keep", "99", ...place],
    ];
    const endOf = async (out: string) => JSON.parse(await Deno.readTextFile(`${out}/run.json`)).end;
    const out = `${folder}/out`;
    const trained = await run(...train, "--out", out);
    assertEquals(trained.code, 0, trained.err);
    const whole = lastJson(trained.out);
    assert(whole.steps < 300);
    const losses = (await read(out)).flatMap(({ testLoss }) => testLoss ?? []);
    const best = losses.indexOf(Math.min(...losses));
    assertEquals(losses.length, best + 3);
    const end = await endOf(out);
    assertEquals([end.outcome, end.steps, end.bestStep], [
      "finished",
      whole.steps,
      10 * (best + 1),
    ]);
    assertEquals(whole.loss, losses[best]);
    const evaluate = ["evaluate", "--weights", whole.weights, "--data", "mnist", ...place];
    assertEquals(lastJson((await run(...evaluate)).out).loss, losses[best]);

    // From the checkpoint after the best one.
    const name = (steps: number) => `step-${`${steps}`.padStart(8, "0")}.safetensors`;
    await Deno.remove(`${out}/checkpoints/${name(whole.steps)}`);
    const resumed = await run("train", "--resume", "--keep", "99", ...place, "--out", out);
    assertEquals(resumed.code, 0, resumed.err);
    const again = lastJson(resumed.out);
    assertEquals([again.weightsSha256, again.loss], [whole.weightsSha256, whole.loss]);
    assertEquals([again.steps, (await endOf(out)).bestStep], [whole.steps, end.bestStep]);

    // The best weights are of another training.
    await Deno.remove(`${out}/checkpoints/${name(whole.steps)}`);
    await saveWeights(`${out}/best.safetensors`, [], { steps: "7" });
    const without = await run("train", "--resume", "--keep", "99", ...place, "--out", out);
    assertEquals(without.code, 0, without.err);
    assertStringIncludes(
      without.err,
      `the best weights, of step ${end.bestStep}, are gone, and the last ones take their place: ` +
        `Cannot read "${out}/best.safetensors": it holds the weights of another step, at byte 0`,
    );
    assert(lastJson(without.out).loss > whole.loss);
    assertEquals((await endOf(out)).bestStep, undefined);

    const last = await run(...train, "--set", "keepBest=false", "--out", `${folder}/last`);
    assertEquals(lastJson(last.out).steps, whole.steps, last.err);
    assert(lastJson(last.out).loss > whole.loss);
    assertEquals((await endOf(`${folder}/last`)).bestStep, undefined);
  }));

Deno.test("the time and the images of a training count from its beginning, whenever it was resumed", () =>
  withFiles({}, async (folder) => {
    await stripes(`${folder}/data`, 100);
    const out = `${folder}/out`;
    const place = ["--folder", `${folder}/data`, "--backend", "wasm", "--json", "--out", out];
    const whole = lastJson((await run("train", "--recipe", "quick-mnist", ...place)).out);
    await Deno.remove(`${out}/checkpoints/step-${`${whole.steps}`.padStart(8, "0")}.safetensors`);
    const { out: told, err } = await run("train", "--resume", ...place);
    const resumed = lastJson(told || err);
    const images = ({ seconds, imagesPerSecond }: typeof whole) => seconds * imagesPerSecond;
    assertAlmostEquals(images(whole), 200, 1);
    assertAlmostEquals(images(resumed), 200, 1);
    assert(resumed.seconds > 0.5 * whole.seconds, `${resumed.seconds} of ${whole.seconds}`);
  }));

Deno.test("what a checkpoint says of its recipe and tuning may be damaged under a good seal", () =>
  withFiles({}, async (folder) => {
    await setup({ backend: "cpu" });
    await stripes(`${folder}/data`, 20);
    const model = models["mnist-resnet"]!.make(10, {});
    const parts = { model, optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }) };
    using state = scoped(initTraining(parts, key(0), [1, 28, 28, 1]));
    const path = `${folder}/checkpoints/step-00000001.safetensors`;
    const recipe = JSON.stringify(recipes["quick-mnist"]);
    const cases: [config: Record<string, string>, train: string, evaluate?: string][] = [
      [
        { recipe: "{" },
        `Cannot follow the recipe in "${path}", remove the file to go on from the one before it: ` +
        "it is not JSON, at byte 0",
        `Cannot follow the recipe in "${path}", take another file of that training: ` +
        "it is not JSON, at byte 0",
      ],
      [
        { recipe: '{"about":1}' },
        `Cannot follow the recipe in "${path}", remove the file to go on from the one before it: ` +
        'Cannot use 1 in a recipe: need a text, at "about", at byte 0',
      ],
      [
        { recipe, tuning: '{"adapter":1}' },
        `Cannot go on from "${path}", remove it to go on from the one before it: its tuning is ` +
        "damaged, at byte 0",
      ],
      [
        { recipe, classes: "many" },
        "",
        `Cannot make the model in "${path}" for many classes, at byte 0`,
      ],
    ];
    const place = ["--folder", `${folder}/data`, "--backend", "cpu"];
    for (const [config, train, evaluate] of cases) {
      {
        await using checkpoints = await checkpointFolder(`${folder}/checkpoints`);
        await checkpoints.save({ state, step: 1, cursor: { epoch: 0, index: 0 }, config });
      }
      if (train !== "") {
        const { code, err } = await run("train", "--out", folder, "--resume", ...place, "--json");
        assertEquals([code, err], [1, `Error: ${train}`]);
      }
      if (evaluate === undefined) continue;
      const { code, err } = await run("evaluate", "--weights", path, "--data", "mnist", ...place);
      assertEquals([code, err], [1, `Error: ${evaluate}`]);
    }
  }));
