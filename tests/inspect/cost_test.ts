/** Costs: exact on layers made up for the purpose, without a device, and forecasts from them. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ArgumentError,
  batchNorm,
  conv,
  dense,
  describe,
  flatten,
  identity,
  type Layer,
  layer,
  liveTensors,
  relu,
  residual,
  sequential,
  setup,
  zeros,
} from "@fplusx/nn";
import { cost, forecast } from "@fplusx/nn/inspect";
import { mnistResnet } from "@fplusx/nn/models";

const small: Layer = sequential(
  conv(4, 3, { bias: false }), // [batch, 8, 8, 4]
  batchNorm(),
  residual(sequential(conv(4, 1), relu)),
  identity,
  flatten,
  dense(10),
);

Deno.test("cost() counts parameters, state and multiply-adds of every layer", () => {
  const { layers, ...total } = cost(small, [2, 8, 8, 3]);
  assertEquals(
    layers.map(({ path, kind, parameters, buffers, multiplyAdds }) => [
      path,
      kind,
      parameters,
      buffers,
      multiplyAdds,
    ]),
    [
      ["0", "conv", 3 * 3 * 3 * 4, 0, 64 * 3 * 3 * 3 * 4],
      ["1", "batchNorm", 8, 8, 0],
      ["2", "residual", 20, 0, 64 * 16],
      ["2.body", "sequential", 20, 0, 64 * 16],
      ["2.body.0", "conv", 20, 0, 64 * 16],
      ["2.body.1", "relu", 0, 0, 0],
      ["2.shortcut", "identity", 0, 0, 0],
      ["3", "identity", 0, 0, 0],
      ["4", "flatten", 0, 0, 0],
      ["5", "dense", 2570, 0, 2560],
    ],
  );
  assertEquals(total.parameters, 108 + 8 + 20 + 2570);
  assertEquals(total.buffers, 8);
  assertEquals(total.multiplyAdds, 6912 + 1024 + 2560);
  assertEquals([total.input, total.output], [[2, 8, 8, 3], [2, 10]]);
});

Deno.test("cost() counts the bytes of each output once, and none for views and series", () => {
  const image = 4 * 2 * 8 * 8 * 4;
  const { layers, activationBytes, training } = cost(small, [2, 8, 8, 3], { optimizerValues: 2 });
  const bytes = new Map(layers.map(({ path, activationBytes }) => [path, activationBytes]));
  assertEquals(Object.fromEntries(bytes), {
    "0": image,
    "1": image,
    "2": 3 * image, // conv, relu and the sum
    "2.body": 2 * image,
    "2.body.0": image,
    "2.body.1": image,
    "2.shortcut": 0,
    "3": 0,
    "4": 0,
    "5": 4 * 2 * 10,
  });
  assertEquals(activationBytes, 5 * image + 80);
  const values = 4 * 2706;
  assertEquals(training, {
    parameters: values,
    gradients: values,
    optimizer: 2 * values,
    buffers: 32,
    activations: 4 * 2 * 8 * 8 * 3 + activationBytes,
    total: 4 * values + 32 + 1536 + activationBytes,
  });
});

Deno.test("The rows of any depth add up to the total", () => {
  const { layers, ...total } = cost(mnistResnet(), [4, 28, 28, 1]);
  for (const depth of [1, 2, 3, 4, 9]) {
    const rows = layers.filter((row) => row.composed ? row.depth === depth : row.depth <= depth);
    const sum = (count: (row: typeof rows[number]) => number) =>
      rows.reduce((sum, row) => sum + count(row), 0);
    assertEquals(sum((row) => row.parameters), total.parameters);
    assertEquals(sum((row) => row.buffers), total.buffers);
    assertEquals(sum((row) => row.multiplyAdds), total.multiplyAdds);
  }
});

Deno.test("A model without parts is its only layer", () => {
  const { layers } = cost(dense(3), [5, 2]);
  assertEquals(layers.map(({ path, kind, parameters }) => [path, kind, parameters]), [[
    "",
    "dense",
    9,
  ]]);
});

Deno.test("cost() makes no tensor, and agrees with describe()", async () => {
  await setup({ backend: "cpu" });
  const before = liveTensors();
  const { parameters, multiplyAdds, buffers } = cost(small, [1, 8, 8, 3]);
  assertEquals(liveTensors(), before);
  const described = describe(small, [1, 8, 8, 3]);
  assertEquals([parameters, multiplyAdds, buffers], [
    described.parameters,
    described.multiplyAdds,
    described.buffers,
  ]);
});

Deno.test("The layers of others are counted too", async () => {
  await setup({ backend: "cpu" });
  const counter = layer({
    kind: "counter",
    init: (_key, shape) => ({ params: [], state: { count: zeros([3]) }, shape, multiplyAdds: 7 }),
    apply: ({ state }, x) => [x, state],
  });
  const { layers } = cost(sequential(counter, relu), [1, 2]);
  assertEquals([layers[0]!.kind, layers[0]!.buffers, layers[0]!.multiplyAdds], ["counter", 3, 7]);
});

Deno.test("cost() refuses a number of optimizer values that is none", () => {
  for (const optimizerValues of [-1, NaN, Infinity]) {
    assertEquals(
      assertThrows(() => cost(dense(1), [1, 1], { optimizerValues }), ArgumentError).message,
      `Cannot count with ${optimizerValues} optimizer values: need a number from 0`,
    );
  }
});

Deno.test("forecast() takes a backward pass for two forward passes", () => {
  const of = cost(dense(10), [32, 100]);
  assertEquals(forecast(of, { steps: 10, multiplyAddsPerSecond: 1e6 }), {
    multiplyAddsPerStep: 3 * 32 * 1000,
    seconds: 10 * 96_000 / 1e6,
    bytes: of.training.total,
  });
  assert(of.training.total > 0);
  for (
    const [options, message] of [
      [
        { steps: 0, multiplyAddsPerSecond: 1 },
        "Cannot forecast with steps 0: need a number above 0",
      ],
      [
        { steps: 1, multiplyAddsPerSecond: NaN },
        "Cannot forecast with multiplyAddsPerSecond NaN: need a number above 0",
      ],
    ] as const
  ) {
    assertEquals(assertThrows(() => forecast(of, options), ArgumentError).message, message);
  }
});
