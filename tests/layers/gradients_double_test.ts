import "../double.ts";
import { assert, assertEquals } from "@std/assert";
import { evalMode, grad, key, normal, ops, setup, tensor, trainMode } from "../../mod.ts";
import { fold } from "../../lib/key.ts";
import type { Mode } from "../../lib/layer.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { leaves, map, type Tree, zip } from "../../lib/tree.ts";
import { differentiable, inputOf, lossOf, shaken, type Subject } from "../laws.ts";
import { tf } from "../../lib/tfjs.ts";
import { LAYERS } from "./table.ts";

const STEP = 1e-5;
type Point = { readonly params: Tree; readonly x: Tensor };
type Scalars = (point: Point) => Tensor;

await setup({ backend: "cpu" });

// The seven digits of tfjs's error function are not enough here: this is its power series.
tf.unregisterKernel("Erf", "cpu");
tf.registerKernel({
  kernelName: "Erf",
  backendName: "cpu",
  kernelFunc: ({ inputs: { x } }) =>
    tf.tensor((x as tf.Tensor).dataSync().map(erf), x!.shape, "float32"),
});

function erf(x: number): number {
  let [sum, power] = [0, x];
  for (let n = 0; n < 60; n++) {
    sum += power / (2 * n + 1);
    power *= -x * x / (n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

async function read(x: Tensor): Promise<number> {
  const [value] = await x.data();
  x.dispose();
  return value!;
}

/** A direction for every leaf that can be moved, and zero for the others. */
function directionAt(point: Point, seed: number): Point {
  const chosen = differentiable(point.x);
  return map(
    (leaf, path) => chosen(path) ? normal(fold(key(seed), path), leaf.shape) : ops.zerosLike(leaf),
    point,
  );
}

const moved = (point: Point, direction: Point, by: number): Point =>
  zip(
    ([leaf, way]) => {
      if (leaf!.dtype !== "float32") return ops.clone(leaf!);
      return ops.tidy(() => ops.add(leaf!, ops.mul(way!, by)));
    },
    point,
    direction,
  );

const dot = (a: Tree, b: Tree): Tensor =>
  ops.tidy(() =>
    leaves(a).map((leaf, i) => ops.sum(ops.mul(leaf, leaves(b)[i]!)))
      .reduce((sum, part) => ops.add(sum, part))
  );

/** Asserts that the derivative along a direction is that of central differences. */
async function assertDerivative(f: Scalars, point: Point, direction: Point): Promise<void> {
  const at = async (by: number) => {
    const there = moved(point, direction, by);
    const value = await read(f(there));
    release(there, point);
    return value;
  };
  const expected = (await at(STEP) - await at(-STEP)) / (2 * STEP);
  const gradient = grad(f, { select: differentiable(point.x) })(point);
  const actual = await read(dot(gradient, direction));
  release(gradient);
  const error = Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-3);
  assert(error < 1e-6, `Expected a derivative of ${expected}, got ${actual} (off by ${error})`);
}

async function assertGradients(subject: Subject, mode: Mode, order: 1 | 2): Promise<void> {
  const { params, state } = shaken(subject.layer, subject.shape);
  const point = { params, x: inputOf(subject) };
  const [first, second] = [directionAt(point, 7), directionAt(point, 8)];
  const loss = lossOf(subject.layer, state, mode);
  const slope: Scalars = (at) => dot(grad(loss, { select: differentiable(point.x) })(at), first);
  if (order === 1) await assertDerivative(loss, point, first);
  else await assertDerivative(slope, point, second);
  release([params, state, point, first, second]);
}

Deno.test("The reference backend computes in double precision here", async () => {
  using x = tensor([1]);
  using y = ops.add(x, 1e-12);
  const values = await y.data();
  assertEquals(values.constructor.name, "Float64Array");
  assertEquals(values[0], 1 + 1e-12);
});

for (const subject of LAYERS) {
  for (const mode of [evalMode, trainMode(key(3))]) {
    Deno.test(
      `${subject.name} has the gradient of differences in ${mode.kind} mode`,
      () => assertGradients(subject, mode, 1),
    );
  }
  // tfjs has no gradient of the gradient of this one, and says so.
  if (subject.layer.kind === "maxPool") continue;
  Deno.test(
    `${subject.name} has the second gradient of differences in train mode`,
    () => assertGradients(subject, trainMode(key(3)), 2),
  );
}
