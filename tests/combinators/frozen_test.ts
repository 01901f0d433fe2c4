/** Frozen layers: eval mode always, no gradient, no next state. */

import { assert, assertEquals } from "@std/assert";
import {
  basicBlock,
  batchNorm,
  conv,
  dense,
  describe,
  dropout,
  evalMode,
  frozen,
  globalAveragePool,
  key,
  leaves,
  named,
  normal,
  ops,
  release,
  sequential,
  trainMode,
  valueAndGrad,
} from "@fplusx/nn";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

const body = sequential(conv(4, 3), batchNorm(), basicBlock(4), dropout(0.5), globalAveragePool);
const SHAPE = [2, 6, 6, 3];

testEach("frozen() gives in train mode what its body gives in eval mode", async () => {
  const variables = body.init(key(0), SHAPE);
  const x = normal(key(1), SHAPE);
  const [expected] = body.apply(variables, x, evalMode);
  for (const mode of [evalMode, trainMode(key(2))]) {
    const [y, next] = frozen(body).apply(variables, x, mode);
    await assertClose(y, expected, { absolute: 0 });
    assert(next === variables.state);
    y.dispose();
  }
  release([variables, x, expected]);
});

testEach("frozen() lets gradients past but not in", async () => {
  const head = dense(3);
  const model = named({ body: frozen(body), fc: head });
  const { params, state } = model.init(key(0), SHAPE);
  const x = normal(key(1), SHAPE);
  const [features] = body.apply({ params: params.body, state: state.body }, x, evalMode);
  const sumOfSquares = (y: ReturnType<typeof normal>) => ops.sum(ops.square(y));
  const [value, gradient] = valueAndGrad((p: typeof params) =>
    sumOfSquares(model.apply({ params: p, state }, x, trainMode(key(2)))[0])
  )(params);
  // The head alone, on what the body makes, has the same gradient.
  const [alone, expected] = valueAndGrad((p: typeof params.fc) =>
    sumOfSquares(head.apply({ params: p, state: [] }, features, evalMode)[0])
  )(params.fc);
  await assertClose(value, alone);
  await assertClose(gradient.fc.weight, expected.weight);
  for (const leaf of leaves(gradient.body)) {
    assertEquals(new Set(await leaf.data()), new Set([0]));
  }
  release([params, state, x, features, value, gradient, alone, expected]);
});

testEach("frozen() shows its parts to summaries and taps", () => {
  assertEquals(describe(frozen(body), SHAPE).parts, describe(body, SHAPE).parts);
  const variables = body.init(key(0), SHAPE);
  const x = normal(key(1), SHAPE);
  const paths: string[] = [];
  const tap = { path: "", visit: (path: string) => paths.push(path) };
  const [y] = frozen(body).apply(variables, x, { ...trainMode(key(2)), tap });
  assertEquals(paths.filter((path) => !path.includes(".")), ["0", "1", "2", "3", "4"]);
  release([variables, x, y]);
});
