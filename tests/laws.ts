/**
 * The laws of layers, written once: every layer, combinator and model is put through them on every
 * backend, so a test of one layer only has to say what is particular to it. That gradients are right
 * is shown on the reference backend in double precision (`gradients_double_test.ts`); here the other
 * backends have to give the same.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { setup } from "../lib/backend/setup.ts";
import { valueAndGrad } from "../lib/grad.ts";
import { fold, type Key, key } from "../lib/key.ts";
import {
  describe,
  evalMode,
  type Layer,
  type Mode,
  trainMode,
  type Variables,
} from "../lib/layer.ts";
import { add, mul, sum } from "../lib/ops.ts";
import { liveTensors, release } from "../lib/ownership.ts";
import { normal } from "../lib/random.ts";
import { isTensor, type Shape, type Tensor } from "../lib/tensor.ts";
import { entries, map, type Tree } from "../lib/tree.ts";
import { type BackendName, testEach } from "./backends.ts";
import { assertClose, sumTolerance } from "./compare.ts";

/** What the laws have to know of a layer. */
export interface LawOptions {
  /** Makes an input; standard normal values by default. */
  readonly input?: (shape: Shape) => Tensor;
  /** Whether other keys give other parameters; by default when there are any. */
  readonly drawsParams?: boolean;
  /** Whether train mode draws from its key; not by default. */
  readonly drawsInTrain?: boolean;
  /** The longest sum in the layer, for the rounding of gradients; the size of the input by default. */
  readonly terms?: number;
}

/** A layer with everything its laws need. */
export type Subject = LawOptions & {
  /** Name in the test. */
  readonly name: string;
  /** The layer. */
  readonly layer: Layer;
  /** Shape of its input, with a batch of at least two. */
  readonly shape: Shape;
};

type Law = (subject: Subject, backend: BackendName) => void | Promise<void>;

/** Defines a test of all laws on every backend. */
export function layerLaws(
  name: string,
  layer: Layer,
  shape: Shape,
  options: LawOptions = {},
): void {
  const subject = { name, layer, shape, ...options };
  testEach(`${name} obeys the laws of layers`, async (backend) => {
    for (const [law, check] of Object.entries(LAWS)) {
      try {
        await check(subject, backend);
      } catch (cause) {
        throw new Error(`Law "${law}": ${(cause as Error).message}`, { cause });
      }
    }
  });
}

const train = trainMode(key(3));
/** Makes an input of a subject, of its own batch size or another. */
export const inputOf = ({ input, shape }: Subject, size = shape[0]!): Tensor =>
  (input ?? ((shape) => normal(key(2), shape)))([size, ...shape.slice(1)]);

/** Gives variables away from their first values, where many gradients would be zero. */
export function shaken(layer: Layer, shape: Shape, by: Key = key(1)): Variables {
  const { params, state } = layer.init(by, shape);
  const shake = (leaf: Tensor, path: string) => {
    const noise = normal(fold(by, path), leaf.shape, { deviation: 0.1 });
    const moved = add(leaf, noise);
    release([leaf, noise]);
    return moved;
  };
  return { params: map(shake, params), state };
}

const LAWS: Readonly<Record<string, Law>> = {
  async "init promises the shape that apply gives, for any batch"(subject) {
    const { layer, shape } = subject;
    const init = layer.init(key(1), shape);
    for (const size of [shape[0]!, 1, 3]) {
      for (const mode of [evalMode, train]) {
        const x = inputOf(subject, size);
        const [y, next] = layer.apply(init, x, mode);
        assertEquals(y.shape, [size, ...init.shape.slice(1)]);
        for (const value of await y.data()) assert(Number.isFinite(value), `gives ${value}`);
        release([x, y, next], init);
      }
    }
    release(init);
  },

  "describe tells shapes without a device"({ layer, shape }) {
    const init = layer.init(key(1), shape);
    const before = liveTensors();
    const { output, parameters, multiplyAdds } = describe(layer, shape);
    assertEquals(liveTensors(), before);
    assertEquals(output, init.shape);
    assertEquals(parameters, entries(init.params).reduce((sum, [, { size }]) => sum + size, 0));
    assertEquals(multiplyAdds, init.multiplyAdds ?? 0);
    release(init);
  },

  "the next state is like the state"(subject) {
    const { layer, shape } = subject;
    const variables = layer.init(key(1), shape);
    const x = inputOf(subject);
    const [y, next] = layer.apply(variables, x, train);
    const like = (tree: Tree) =>
      entries(tree).map(([path, { shape, dtype }]) => [path, shape, dtype]);
    assertEquals(like(next), like(variables.state));
    release([x, y, next, variables]);
  },

  async "eval mode is still"(subject) {
    const { layer, shape } = subject;
    const variables = layer.init(key(1), shape);
    const x = inputOf(subject);
    const [first, state] = layer.apply(variables, x, evalMode);
    const [second] = layer.apply(variables, x, evalMode);
    assertStrictEquals(state, variables.state);
    assertEquals(await first.data(), await second.data());
    release([x, first, second, variables]);
  },

  async "one key gives one result, and others give others"(subject) {
    const { layer, shape } = subject;
    const read = async (tree: Tree) => {
      const values = await Promise.all(entries(tree).map(([, leaf]) => leaf.data()));
      release({ tree });
      return values;
    };
    const paramsOf = (seed: number) => {
      const { params, state } = layer.init(key(seed), shape);
      release({ state });
      return read(params);
    };
    const first = await paramsOf(1);
    assertEquals(await paramsOf(1), first);
    const { drawsParams = first.length > 0, drawsInTrain = false } = subject;
    (drawsParams ? assertNotEquals : assertEquals)(await paramsOf(2), first);

    const variables = layer.init(key(1), shape);
    const x = inputOf(subject);
    const outputOf = async (seed: number) => {
      const [y, next] = layer.apply(variables, x, trainMode(key(seed)));
      release({ next }, variables);
      return await read(y);
    };
    const output = await outputOf(5);
    assertEquals(await outputOf(5), output);
    (drawsInTrain ? assertNotEquals : assertEquals)(await outputOf(6), output);
    release([x, variables]);
  },

  "nothing is leaked and nothing is stolen"(subject) {
    const { layer, shape } = subject;
    const before = liveTensors();
    const { params, state } = layer.init(key(1), shape);
    const variables = { params, state };
    const made = entries(variables).length;
    assertEquals(liveTensors(), before + made);
    const x = inputOf(subject);
    for (const mode of [evalMode, train]) {
      const [y, next] = layer.apply(variables, x, mode);
      const fresh = next === variables.state ? 0 : entries(next).length;
      assertEquals(liveTensors(), before + made + 1 + 1 + fresh);
      release([y, next], variables);
      assert(!x.isDisposed, "disposes its input");
      for (const [path, leaf] of entries(variables)) assert(!leaf.isDisposed, `disposes ${path}`);
    }
    release([x, variables]);
    assertEquals(liveTensors(), before);
  },

  async "what is not a number stays visible"(subject) {
    const { layer, shape } = subject;
    const variables = layer.init(key(1), shape);
    const numbers = inputOf(subject);
    if (numbers.dtype === "float32") {
      const x = mul(numbers, NaN);
      for (const mode of [evalMode, train]) {
        const [y, next] = layer.apply(variables, x, mode);
        assert([...await y.data()].some(Number.isNaN), `is lost in ${mode.kind} mode`);
        release([y, next], variables);
      }
      x.dispose();
    }
    release([numbers, variables]);
  },

  async "gradients are those of the reference backend"(subject, backend) {
    for (const mode of [evalMode, train]) {
      const here = await gradientsOf(subject, mode);
      assertEquals(await gradientsOf(subject, mode), here, "differs when repeated");
      await setup({ backend: "cpu" });
      const reference = await gradientsOf(subject, mode);
      await setup({ backend });
      for (const [path, values] of here) {
        const expected = reference.get(path)!;
        const terms = subject.terms ?? subject.shape.reduce((product, size) => product * size, 1);
        await assertClose(values, expected, sumTolerance(terms, expected)).catch((error) => {
          throw new Error(`${path} in ${mode.kind} mode: ${error.message}`);
        });
      }
    }
  },
};

/** The output, and the gradients of a sum of its values with random weights. */
async function gradientsOf(
  subject: Subject,
  mode: Mode,
): Promise<Map<string, ArrayLike<number>>> {
  const variables = shaken(subject.layer, subject.shape);
  const x = inputOf(subject);
  const [value, gradient] = valueAndGrad(lossOf(subject.layer, variables.state, mode), {
    select: differentiable(x),
  })({ params: variables.params, x });
  const [y, next] = subject.layer.apply(variables, x, mode);
  const values = new Map<string, ArrayLike<number>>([["y", await y.data()]]);
  for (const [path, leaf] of entries(gradient)) values.set(path, await leaf.data());
  release([variables, x, value, gradient, y, next]);
  return values;
}

/** Selects the parameters, and the input when it is not integers. */
export function differentiable(x: Tensor): (path: string) => boolean {
  return (path) => path !== "x" || x.dtype === "float32";
}

/** Gives the sum of a layer's outputs with random weights, as a function of parameters and input. */
export function lossOf(
  layer: Layer,
  state: Tree,
  mode: Mode,
): (point: { params: Tree; x: Tensor }) => Tensor {
  return ({ params, x }) => {
    const [y, next] = layer.apply({ params, state }, x, mode);
    assert(isTensor(y));
    if (next !== state) release({ next });
    return sum(mul(y, normal(key(4), y.shape)));
  };
}
