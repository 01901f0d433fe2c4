/** Features: those that a model computes, by any path, owned by the caller. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  ArgumentError,
  basicBlock,
  conv,
  dense,
  evalMode,
  features,
  globalAveragePool,
  key,
  layer,
  named,
  normal,
  release,
  relu,
  sequential,
  ShapeError,
} from "@fplusx/nn";
import { testEach } from "./backends.ts";
import { assertClose } from "./compare.ts";

const head = { avgpool: globalAveragePool, fc: dense(5) };
const stem = { conv1: conv(8, 3), relu };
const layer1 = sequential(basicBlock(8), basicBlock(16, { stride: 2 }));
const model = named({ ...stem, layer1, ...head });
const SHAPE = [2, 8, 8, 3];

testEach("features() gives what the parts before give", async () => {
  const variables = model.init(key(0), SHAPE);
  const x = normal(key(1), SHAPE);
  const found = features(model, variables, x, ["layer1", "", "layer1.1.body.conv1", "conv1"]);
  assertEquals([...found.keys()], ["layer1", "", "layer1.1.body.conv1", "conv1"]);
  const { params, state } = variables;
  const [first] = conv(8, 3).apply({ params: params.conv1, state: [] }, x, evalMode);
  await assertClose(found.get("conv1")!, first, { absolute: 0 });
  const body = named({ ...stem, layer1 });
  const [inner] = body.apply({ params, state }, x, evalMode);
  await assertClose(found.get("layer1")!, inner, { absolute: 0 });
  assertEquals(found.get("layer1.1.body.conv1")!.shape, [2, 4, 4, 16]);
  // From the features on, the head goes on as the model did.
  const [scores] = named(head).apply({ params, state }, found.get("layer1")!, evalMode);
  await assertClose(found.get("")!, scores, { absolute: 0 });
  release([variables, x, first, inner, scores, ...found.values()]);
});

testEach("features() of nothing computes no more than the model", () => {
  const variables = model.init(key(0), SHAPE);
  const x = normal(key(1), SHAPE);
  assertEquals(features(model, variables, x, []).size, 0);
  release([variables, x]);
});

const WRONG: [path: string, message: string][] = [
  ["conv2", '"conv2": the model has "conv1", "relu", "layer1", "avgpool", "fc"'],
  ["layer1.2", '"layer1.2": "layer1" has "layer1.0", "layer1.1"'],
  [
    "layer1.0.conv1",
    '"layer1.0.conv1": "layer1.0" has "layer1.0.body", "layer1.0.shortcut", "layer1.0.activation"',
  ],
  ["fc.weight", '"fc.weight": "fc" has no parts'],
];

for (const [path, message] of WRONG) {
  testEach(`features() says what is near "${path}"`, () => {
    const variables = model.init(key(0), SHAPE);
    const x = normal(key(1), SHAPE);
    const error = assertThrows(() => features(model, variables, x, ["conv1", path]), ArgumentError);
    assertEquals(error.message, `Cannot take features at ${message}`);
    release([variables, x]);
  }, ["cpu"]);
}

testEach("features() says when the model cannot take the input", () => {
  const variables = model.init(key(0), SHAPE);
  const x = normal(key(1), [8, 3]);
  const error = assertThrows(() => features(model, variables, x, ["conv1"]), ShapeError);
  assertEquals(
    error.message,
    'Cannot apply conv to shape [8,3]: need [batch,height,width,channels], at "conv1"',
  );
  release([variables, x]);
}, ["cpu"]);

testEach("features() lets go of what it has seen when the model fails later", () => {
  const broken = sequential(
    relu,
    layer({
      ...relu,
      apply: () => {
        throw new Error("broken");
      },
    }),
  );
  const x = normal(key(1), SHAPE);
  assertThrows(() => features(broken, broken.init(key(0), SHAPE), x, ["0"]), Error, "broken");
  x.dispose();
});
