import { assertEquals } from "@std/assert";
import {
  initTraining,
  key,
  knobs,
  leaves,
  ops,
  release,
  type Tensor,
  tensor,
  trainStep,
} from "@fplusx/nn";
import { record } from "../../../lib/backend/webgpu/record.ts";
import { needsOf } from "../../../lib/backend/webgpu/record_memory.ts";
import { findOverwrites, type Overwrites } from "../../../lib/backend/webgpu/record_overwrite.ts";
import { rebuild } from "../../../lib/tree.ts";
import { perceptron } from "../../train/compile_cases.ts";
import { gpu, testWebgpu } from "./program.ts";

/** What is overwritten by a step from three vectors to two, of which the first takes the place of input 0. */
function overwritten(step: (a: Tensor, b: Tensor, c: Tensor) => [Tensor, Tensor]): Overwrites {
  const inputs = [tensor([1, 2]), tensor([3, 4]), tensor([5, 6])];
  const recording = record(gpu(), inputs, ([a, b, c]) => step(a!, b!, c!));
  release(inputs);
  return findOverwrites(recording, new Map([[0, 0], [1, undefined]]), true, needsOf(recording));
}

const sizes = ({ heirs, over, inPlace }: Overwrites) => [heirs.size, over.size, inPlace.size];

testWebgpu("a result is written over its input when nothing looks at that any more", () => {
  const { add, clone, mul, neg } = ops;
  const later = overwritten((a, b, c) => [mul(neg(a), b), neg(c)]);
  assertEquals(sizes(later), [1, 1, 0]);
  assertEquals([...later.over.values()], [0]);
  // At the same operation, later, and at the end someone still looks at it.
  assertEquals(sizes(overwritten((a, b, c) => [add(a, b), neg(c)])), [1, 0, 0]);
  assertEquals(sizes(overwritten((a, b, c) => [neg(c), mul(a, b)])), [1, 0, 0]);
  assertEquals(sizes(overwritten((a, b) => [neg(b), clone(a)])), [1, 0, 0]);
  // What has a place already has no need of another.
  assertEquals(sizes(overwritten((a, b) => [clone(b), neg(a)])), [0, 0, 0]);
});

testWebgpu("an optimizer works in place, whether its state is donated or not", () => {
  const { parts, shape, batch } = perceptron;
  const inputs = {
    state: initTraining(parts, key(0), shape),
    batch: batch(0),
    turn: knobs(1, 0, 0),
  };
  const step = trainStep(parts);
  const recording = record(gpu(), leaves(inputs), (tensors) => {
    const { state, batch, turn } = rebuild(inputs, tensors);
    return leaves(step(state, batch, turn));
  });
  const count = leaves(inputs.state).length;
  const succession = new Map(Array.from({ length: count }, (_, i) => [i, i]));
  const found = [false, true].map((donates) =>
    findOverwrites(recording, succession, donates, needsOf(recording))
  );
  const parameters = leaves(inputs.state.params).length;
  for (const { over } of found) {
    assertEquals(new Set(over.values()).size, over.size);
    assertEquals(over.size >= 3 * parameters, true, "parameters and both averages");
  }
  assertEquals(found.map(({ heirs }) => heirs.size), [0, count]);
  assertEquals(found.map(({ inPlace }) => inPlace.size > 0), [true, true]);
  release(inputs);
});
