import { assertEquals } from "@std/assert";
import golden from "../../golden/onnx.json" with { type: "json" };
import { OnnxGraph } from "./onnx.ts";

Deno.test("A model is written as the package onnx writes it, byte by byte", () => {
  const graph = new OnnxGraph();
  const image = graph.conv("images", {
    shape: [2, 1, 3, 3],
    weight: Float32Array.from({ length: 18 }, (_, i) => 1 + i),
    bias: Float32Array.of(0.5, -0.5),
  }, 2);
  const identity = Float32Array.from({ length: 600 }, (_, i) => i === 0 || i === 3 ? 1 : 0);
  const scores = graph.dense(graph.mean(graph.relu(image)), {
    shape: [300, 2],
    weight: identity,
    bias: new Float32Array(300),
  });
  const file = graph.file(["images", [1, 1, 224, 224]], [scores, [1, 300]]);
  assertEquals(file.toHex(), golden.hex);
});
