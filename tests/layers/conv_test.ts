import { assertEquals, assertNotEquals } from "@std/assert";
import {
  conv,
  conv1d,
  dense,
  depthwiseConv,
  describe,
  evalMode,
  heNormal,
  key,
  normal,
  ops,
} from "../../mod.ts";
import { release, scoped } from "../../lib/ownership.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

Deno.test("A convolution of a ResNet costs what the paper counts", () => {
  const cost = (filters: number, size: number, stride: number, shape: number[]) =>
    describe(conv(filters, size, { stride, bias: false }), shape).multiplyAdds;
  assertEquals(cost(64, 7, 2, [1, 224, 224, 3]), 118_013_952);
  // Every 3 x 3 convolution that keeps the size costs the same, whatever its width.
  for (const [pixels, width] of [[56, 64], [28, 128], [14, 256], [7, 512]] as const) {
    assertEquals(cost(width, 3, 1, [1, pixels, pixels, width]), 115_605_504);
  }
  assertEquals(cost(128, 3, 2, [1, 56, 56, 64]), 57_802_752);
  assertEquals(cost(128, 1, 2, [1, 56, 56, 64]), 6_422_528);
});

Deno.test("The cost of a layer is that of one example, whatever the batch", () => {
  for (const layer of [conv(4, 3, { groups: 2 }), depthwiseConv(3, { multiplier: 3 })]) {
    const [one, many] = [describe(layer, [1, 8, 8, 6]), describe(layer, [64, 8, 8, 6])];
    assertEquals(one.multiplyAdds, many.multiplyAdds);
  }
  assertEquals(describe(conv(4, 3, { groups: 2 }), [1, 8, 8, 6]).multiplyAdds, 64 * 9 * 3 * 4);
  assertEquals(describe(depthwiseConv(3), [1, 8, 8, 6]).multiplyAdds, 64 * 9 * 6);
  assertEquals(describe(conv1d(4, 3), [1, 10, 6]).multiplyAdds, 10 * 3 * 6 * 4);
  assertEquals(describe(dense(4), [1, 10]).multiplyAdds, 40);
  assertEquals(describe(dense(4), [32, 7, 10]).multiplyAdds, 280);
});

Deno.test("A kernel that is not square is [height, width]", () => {
  const { output, parameters } = describe(conv(4, [1, 3], { padding: "valid" }), [1, 5, 5, 2]);
  assertEquals(output, [1, 5, 3, 4]);
  assertEquals(parameters, 3 * 2 * 4 + 4);
});

testEach("A convolution of one pixel is a dense layer at every pixel", async () => {
  const [pixelwise, connected] = [conv(5, 1), dense(5)];
  using variables = scoped(pixelwise.init(key(0), [2, 3, 3, 4]));
  using x = normal(key(1), [2, 3, 3, 4]);
  using y = pixelwise.apply(variables, x, evalMode)[0];

  using weight = ops.reshape(variables.params.weight, [4, 5]);
  using rows = ops.reshape(x, [-1, 4]);
  const params = { ...variables.params, weight };
  using expected = connected.apply({ params, state: [] }, rows, evalMode)[0];
  using flat = ops.reshape(y, [-1, 5]);
  await assertClose(flat, expected);
});

testEach('With stride 2, padding "same" is not symmetric padding', async () => {
  using x = normal(key(1), [1, 8, 8, 2]);
  const outputs = ["same", 1].map((padding) => {
    const layer = conv(3, 3, { stride: 2, padding: padding as "same" | 1 });
    using variables = scoped(layer.init(key(0), x.shape));
    return layer.apply(variables, x, evalMode)[0];
  });
  const [same, symmetric] = await Promise.all(outputs.map((y) => y.data()));
  assertEquals(outputs[0]!.shape, outputs[1]!.shape);
  assertNotEquals(same, symmetric);
  release(outputs);
});

testEach(
  "A convolution starts as torchvision's ResNets do: He normal over the outputs",
  async () => {
    using plain = scoped(conv(16, 3).init(key(7), [1, 8, 8, 4]));
    using told = scoped(
      conv(16, 3, { weightInit: heNormal({ fan: "out" }) }).init(key(7), [1, 8, 8, 4]),
    );
    assertEquals(await plain.params.weight.data(), await told.params.weight.data());
    assertEquals([...await plain.params.bias!.data()], Array(16).fill(0));
  },
);
