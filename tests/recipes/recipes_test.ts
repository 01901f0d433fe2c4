import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ArgumentError, describe, entries, key, release, type Schedule, setup } from "@fplusx/nn";
import { inTurn, randomCrop, randomFlip } from "@fplusx/nn/data";
import {
  diffRecipes,
  formatRecipe,
  models,
  override,
  parseRecipe,
  type Recipe,
  recipeFields,
  recipes,
  trainingParts,
} from "@fplusx/nn/recipes";

const paper = recipes["paper-cifar"]!;
const CIFAR = { images: 50_000, classes: 10 };

/** The schedule of a recipe on 50,000 images. */
const scheduleOf = (recipe: Recipe): Schedule => trainingParts(recipe, CIFAR).schedule;

for (const [name, recipe] of Object.entries(recipes)) {
  Deno.test(`the recipe ${name} comes back from its text, and all of it can be made`, () => {
    assertEquals(parseRecipe(JSON.parse(formatRecipe(recipe))), recipe);
    const parts = trainingParts(recipe, { images: 1_281_167, classes: 7 });
    const { input } = models[recipe.model.name]!;
    assertEquals(describe(parts.model, [1, ...input]).output, [1, 7]);
    const last = parts.steps - 1;
    const rates = [0, Math.floor(last / 3), last].map(parts.schedule);
    assert(rates.every((rate) => rate >= 0 && rate <= recipe.schedule.peak), `${rates}`);
    assert(Object.isFrozen(recipe) && Object.isFrozen(recipe.schedule));
  });
}

Deno.test("the text of a recipe does not depend on the order of its fields", () => {
  const turned = Object.fromEntries(Object.entries(paper).toReversed());
  assertNotEquals(JSON.stringify(turned), JSON.stringify(paper));
  assertEquals(formatRecipe(turned as Recipe), formatRecipe(paper));
});

Deno.test("what a recipe leaves out it does not use", () => {
  const { about, model, data: { name, normalize }, batch, length, schedule, optimizer } = paper;
  const short = { about, model, data: { name, normalize }, batch, length, schedule, optimizer };
  const { data, ...others } = parseRecipe(short);
  assertEquals(data, { name, normalize, validation: null, limit: null, testCrop: null });
  assertEquals(others, {
    ...{ about, model, batch, length, schedule, optimizer },
    ...{ accumulate: 1, warmup: null, clip: null, labelSmoothing: 0, ema: null, seed: 0 },
    ...{ augment: [], augmentNormalized: [], mix: [], reestimate: null, patience: null },
    ...{ keepBest: true, precision: "single" },
  });
});

Deno.test("the paper's rates are exact to the step", () => {
  const { schedule, steps, stepsPerEpoch } = trainingParts(paper, CIFAR);
  assertEquals([steps, stepsPerEpoch], [64_000, 391]);
  const at = [0, 31_999, 32_000, 47_999, 48_000, 63_999];
  assertEquals(at.map(schedule), [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]);
  const half = scheduleOf(override(paper, "schedule.peak=0.05"));
  assertEquals(at.map(half), [0.05, 0.05, 0.005, 0.005, 0.0005, 0.0005]);
});

Deno.test("places in a schedule are counted in the unit of the length", () => {
  const { schedule, steps } = trainingParts(recipes["torchvision-v1"]!, {
    images: 1_281_167,
    classes: 1000,
  });
  const epoch = Math.ceil(1_281_167 / 256);
  assertEquals(steps, 90 * epoch);
  const at = [30 * epoch - 1, 30 * epoch, 60 * epoch - 1, 60 * epoch];
  assertEquals(at.map(schedule), [0.1, 0.01, 0.01, 0.001]);
});

Deno.test("a linear warm-up ends where the schedule begins, and takes none of its end", () => {
  const cosine = override(paper, 'schedule={"kind":"cosine","peak":0.5,"end":0}');
  const warm = override(cosine, 'warmup={"kind":"linear","length":4000,"start":0.01}');
  const rates = [0, 2000, 4000, 34_000, 64_000].map(scheduleOf(warm));
  assertEquals(rates, [0.005, 0.2525, 0.5, 0.25, 0]);
  const steps = override(paper, 'warmup={"kind":"linear","length":400,"start":0.1}');
  assertEquals([0, 400, 31_999, 32_000].map(scheduleOf(steps)), [0.1 * 0.1, 0.1, 0.1, 0.01]);
});

Deno.test("one cycle climbs for its share, from and to its shares of the peak", () => {
  const cycle = override(
    paper,
    'schedule={"kind":"one-cycle","peak":0.4,"rise":0.25,"start":0.1,"end":0.05}',
  );
  const [first, top, last] = [0, 16_000, 64_000].map(scheduleOf(cycle));
  assertEquals([first, top, last], [0.4 * 0.1, 0.4, 0.4 * 0.05]);
});

Deno.test("the paper's pictures are padded, cropped and flipped after the mean is taken off", () => {
  const { batches } = trainingParts(paper, CIFAR);
  const augment = inTurn(randomCrop({ padding: 4 }), randomFlip());
  const data = Float32Array.from({ length: 3072 }, (_, i) => i);
  const picture = { height: 32, width: 32, data };
  assertEquals(batches.augment, undefined);
  for (let i = 0; i < 20; i++) {
    assertEquals(batches.augmentNormalized!(picture, key(i)), augment(picture, key(i)));
  }
});

Deno.test("what a recipe adds to its optimizer is in the memory of it", async () => {
  await setup({ backend: "cpu" });
  const small = override(paper, 'model={"name":"resnet8"}');
  const paths = (recipe: Recipe) => {
    const { model, optimizer } = trainingParts(recipe, CIFAR);
    const { params, state } = model.init(key(0), [1, 32, 32, 3]);
    const memory = optimizer.init(params);
    const found = entries(memory).map(([path]) => path).filter((path) =>
      /fc\.weight|^\w+$/.test(path)
    );
    release([params, state, memory]);
    return found;
  };
  assertEquals(paths(small), ["trace.fc.weight"]);
  assertEquals(paths(override(small, "accumulate=4")), [
    "mean.fc.weight",
    "count",
    "inner.trace.fc.weight",
  ]);
  assertEquals(paths(override(override(small, "clip=1"), "ema=0.99")), [
    "chain.sgd.trace.fc.weight",
    "ema.average.fc.weight",
  ]);
  const adamw =
    'optimizer={"kind":"adamw","beta1":0.9,"beta2":0.999,"weightDecay":0.05,"decay":"weights"}';
  assertEquals(paths(override(small, adamw)).filter((path) => path.includes(".")), [
    "scaleByAdam.mean.fc.weight",
    "scaleByAdam.square.fc.weight",
  ]);
});

Deno.test("a recipe from outside is refused with the path of what is wrong", () => {
  const refuse = (change: object, message: string) =>
    assertThrows(() => parseRecipe({ ...paper, ...change }), ArgumentError, message);
  refuse({ batch: 0 }, 'Cannot use 0 in a recipe: need an integer of at least 1, at "batch"');
  refuse({ batch: "64" }, 'Cannot use "64" in a recipe: need an integer of at least 1, at "batch"');
  refuse({ about: "" }, 'Cannot use "" in a recipe: need a text, at "about"');
  refuse(
    { schedule: { ...paper.schedule, peak: -1 } },
    'Cannot use -1 in a recipe: need a finite number of at least 0, at "schedule.peak"',
  );
  refuse(
    { schedule: { kind: "cosine", peak: 0.1 } },
    'Cannot leave this out of a recipe: need a finite number of at least 0, at "schedule.end"',
  );
  refuse(
    { schedule: { kind: "cosine", peak: 0.1, end: 0, at: [] } },
    'Cannot use "at" in a recipe: need one of kind, peak, end, at "schedule"',
  );
  refuse(
    { schedule: { kind: "step" } },
    'Cannot use "step" in a recipe: need one of constant, steps, plateau, cosine, one-cycle, ' +
      'at "schedule.kind"',
  );
  refuse(
    { schedule: 0.1 },
    "Cannot use 0.1 in a recipe: need a record with kind, one of constant, steps, plateau, " +
      'cosine, one-cycle, at "schedule"',
  );
  refuse(
    { schedule: { ...paper.schedule, at: [48_000, 32_000] } },
    'Cannot make piecewise with boundaries [48000,32000]: need them to grow, at "schedule"',
  );
  refuse(
    { optimizer: { ...paper.optimizer, momentum: 0, nesterov: true } },
    'Cannot make sgd with nesterov and momentum 0: need momentum above 0, at "optimizer"',
  );
  refuse(
    { optimizer: { ...paper.optimizer, nesterov: 1 } },
    'Cannot use 1 in a recipe: need true or false, at "optimizer.nesterov"',
  );
  refuse(
    { model: { name: "resnet20", strideIn: "1x1" } },
    'Cannot use "strideIn" in a recipe: resnet20 has width, zeroInit, survival, dropPer, ' +
      'shortcut, at "model"',
  );
  refuse(
    { model: { name: "vgg16", width: 2 } },
    'Cannot use "width" in a recipe: vgg16 has none, at "model"',
  );
  refuse(
    { model: { name: "lenet" } },
    `Cannot use "lenet" in a recipe: need one of ${Object.keys(models).join(", ")}, ` +
      'at "model.name"',
  );
  refuse(
    { model: ["resnet20"] },
    'Cannot use ["resnet20"] in a recipe: need a record of name, width, shortcut, strideIn, ' +
      'zeroInit, survival, dropPer, at "model"',
  );
  refuse({ augment: "flip" }, 'Cannot use "flip" in a recipe: need a list, at "augment"');
  refuse(
    { augment: [{ kind: "flip", probability: 2 }] },
    'Cannot use 2 in a recipe: need a number from 0 to 1, at "augment.0.probability"',
  );
  refuse(
    { augment: [{ kind: "scale", least: 8, most: 4 }] },
    "Cannot draw a shorter side from 8 to 4: need two rising numbers of at least 1, " +
      'at "augment.0"',
  );
  refuse(
    { seed: -1 },
    'Cannot use -1 in a recipe: need an integer from 0 to 4294967295, at "seed"',
  );
  refuse(
    { learningRate: 0.1 },
    `Cannot use "learningRate" in a recipe: need one of ${Object.keys(paper).join(", ")}`,
  );
  assertThrows(
    () => parseRecipe(null),
    ArgumentError,
    `Cannot use null in a recipe: need a record of ${Object.keys(paper).join(", ")}`,
  );
});

Deno.test("override() changes one field, and knows what is not one", () => {
  assertEquals(override(paper, "schedule.peak=0.05"), {
    ...paper,
    schedule: { ...paper.schedule, peak: 0.05 },
  });
  const later = override(paper, "schedule.at.1=40000");
  assertEquals(diffRecipes(paper, later), [
    { path: "schedule.at", first: "[32000,48000]", second: "[32000,40000]" },
  ]);
  assertEquals(override(paper, "model.name=resnet56").model, { name: "resnet56", shortcut: "A" });
  assertEquals(override(override(paper, "ema=0.9"), "ema=null"), paper);
  const refuse = (change: string, message: string) =>
    assertThrows(() => override(paper, change), ArgumentError, message);
  refuse("schedule.peak", 'Cannot change a recipe by "schedule.peak": need PATH=VALUE');
  refuse("=1", 'Cannot change a recipe by "=1": need PATH=VALUE');
  refuse(
    "schedule.peek=1",
    'Cannot use "peek" in a recipe: need one of kind, peak, at, divideBy, at "schedule"',
  );
  refuse(
    "scedule.peak=1",
    `Cannot use "scedule" in a recipe: need one of ${Object.keys(paper).join(", ")}`,
  );
  refuse(
    "schedule.peak=fast",
    'Cannot use "fast" in a recipe: need a finite number of at least 0, at "schedule.peak"',
  );
  refuse(
    "batch.size=2",
    'Cannot use {"size":2} in a recipe: need an integer of at least 1, at "batch"',
  );
});

Deno.test("recipes differ in what overrides have changed, and in nothing else", () => {
  for (const recipe of Object.values(recipes)) assertEquals(diffRecipes(recipe, recipe), []);
  assertEquals(diffRecipes(paper, override(paper, "about=mine")), []);
  const changed = ["seed=7", "schedule.at=[1,2]", "model.width=32"].reduce(override, paper);
  assertEquals(diffRecipes(paper, changed), [
    { path: "schedule.at", first: "[32000,48000]", second: "[1,2]" },
    { path: "seed", first: "0", second: "7" },
    { path: "model.width", second: "32" },
  ]);
  // Each difference is an override.
  for (const [name, recipe] of Object.entries(recipes)) {
    const fields = recipeFields(recipe).filter(([path]) =>
      !/^(data|schedule|warmup|optimizer)/.test(path)
    );
    const whole = (["data", "schedule", "warmup", "optimizer"] as const)
      .map((path) => `${path}=${JSON.stringify(recipe[path])}`);
    const model = `model=${JSON.stringify(recipe.model)}`;
    const changes = [model, ...whole, ...fields.map(([path, json]) => `${path}=${json}`)];
    assertEquals(changes.reduce(override, paper), recipe, name);
  }
});
