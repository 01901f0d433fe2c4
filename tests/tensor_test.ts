import { assertEquals } from "@std/assert";
import { knownValues } from "../lib/tensor.ts";
import { scalar, tensor } from "../mod.ts";
import { testEach } from "./backends.ts";

testEach("a tensor does not change with the array that it was made from", async () => {
  const pixels = Float32Array.of(1, 2, 3);
  const labels = Int32Array.of(1, 2, 3);
  using x = tensor(pixels);
  using y = tensor(labels);
  pixels.fill(9);
  labels.fill(9);
  assertEquals([...await x.data()], [1, 2, 3]);
  assertEquals([...await y.data()], [1, 2, 3]);
  assertEquals(knownValues(y), Int32Array.of(1, 2, 3));
});

testEach("integers and single numbers are known on the host, large arrays are not kept", () => {
  using seed = scalar(7, "int32");
  using rate = scalar(0.5);
  using image = tensor([1, 2, 3]);
  assertEquals([knownValues(seed)?.[0], knownValues(rate)?.[0]], [7, 0.5]);
  assertEquals(knownValues(image), undefined);
});
