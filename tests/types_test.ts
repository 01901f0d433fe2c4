/**
 * The types that combinators infer, and mistakes that must not compile: this file is tested by being
 * type-checked. What is only for the compiler is inside functions that nobody calls.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  basicBlock,
  type BasicParams,
  batchNorm,
  type BatchNormParams,
  type BatchNormState,
  type BlockParams,
  type Branches,
  conv,
  type ConvParams,
  dense,
  type DenseParams,
  dropout,
  type Empty,
  evalMode,
  grad,
  highway,
  type HighwayVariables,
  key,
  type Layer,
  type Mode,
  named,
  ops,
  parallel,
  type ParamsOf,
  relu,
  repeat,
  residual,
  sequential,
  setup,
  sgd,
  type StateOf,
  stochasticDepth,
  type Tensor,
  trainMode,
  type Tree,
  valueAndGrad,
  withShape,
} from "../mod.ts";
import { resnet, type ResNetParams } from "../lib/models/mod.ts";

/** Whether two types are the same to the compiler, `readonly` and optional parts included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
const same = <_A extends true>(): void => {};

Deno.test("sequential() gives a tuple, and a repeated block is an array in it", () => {
  const plain = sequential(conv(8, 3), batchNorm(), relu);
  same<Same<ParamsOf<typeof plain>, readonly [ConvParams, BatchNormParams, Empty]>>();
  same<Same<StateOf<typeof plain>, readonly [Empty, BatchNormState, Empty]>>();

  const blocks = [basicBlock(8), basicBlock(8)];
  const deep = sequential(conv(8, 3), ...blocks, relu);
  type Block = BlockParams<BasicParams>;
  same<Same<ParamsOf<typeof deep>, readonly [ConvParams, ...Block[], Empty]>>();

  const none = sequential();
  same<Same<ParamsOf<typeof none>, readonly []>>();
});

Deno.test("named() gives a record", () => {
  const model = named({ stem: conv(8, 3), head: sequential(relu, dense(10)) });
  type Params = { readonly stem: ConvParams; readonly head: readonly [Empty, DenseParams] };
  same<Same<ParamsOf<typeof model>, Params>>();
});

Deno.test("repeat() gives an array", () => {
  const blocks = repeat(3, (i) => dense(i + 1));
  same<Same<ParamsOf<typeof blocks>, readonly DenseParams[]>>();
});

Deno.test("residual() gives both branches, and nothing for the identity", () => {
  const block = residual(sequential(dense(3), batchNorm()));
  type Body = readonly [DenseParams, BatchNormParams];
  same<Same<ParamsOf<typeof block>, Branches<Body, Empty>>>();
  same<Same<StateOf<typeof block>, Branches<readonly [Empty, BatchNormState], Empty>>>();
  const projected = residual(relu, dense(3));
  same<Same<ParamsOf<typeof projected>, Branches<Empty, DenseParams>>>();
});

Deno.test("parallel(), highway(), stochasticDepth() and withShape() keep the types of their parts", () => {
  const tuple = parallel([dense(3), relu], { merge: "concat" });
  same<Same<ParamsOf<typeof tuple>, readonly [DenseParams, Empty]>>();
  const record = parallel({ a: dense(3), b: batchNorm() });
  type Record = { readonly a: DenseParams; readonly b: BatchNormParams };
  same<Same<ParamsOf<typeof record>, Record>>();
  const gated = highway(dense(3), dense(3));
  same<Same<ParamsOf<typeof gated>, HighwayVariables<DenseParams, DenseParams>>>();
  const dropped = stochasticDepth(dense(3), 0.5);
  same<Same<typeof dropped, Layer<DenseParams, Empty>>>();
  const adapted = withShape((shape) => dense(shape[1]!));
  same<Same<typeof adapted, Layer<DenseParams, Empty>>>();
});

Deno.test("Types go through all of them at once", () => {
  const model = named({
    stem: sequential(conv(8, 3), relu),
    stages: repeat(3, () => residual(stochasticDepth(sequential(conv(8, 3), batchNorm()), 0.9))),
    head: parallel([dense(1), dense(2)], { merge: "concat" }),
  });
  type Params = {
    readonly stem: readonly [ConvParams, Empty];
    readonly stages: readonly Branches<readonly [ConvParams, BatchNormParams], Empty>[];
    readonly head: readonly [DenseParams, DenseParams];
  };
  same<Same<ParamsOf<typeof model>, Params>>();
});

Deno.test("A model has a named type, by its depth", () => {
  const [small, large] = [resnet(18), resnet(50)];
  same<Same<ParamsOf<typeof small>, ResNetParams<BasicParams>>>();
  const conv3 = (params: ParamsOf<typeof large>) => params.layer1[0]!.body.conv3.weight;
  assertEquals(typeof conv3, "function");
});

Deno.test("ParamsOf and StateOf take tuples and records of layers", () => {
  type Layers = { readonly a: Layer<DenseParams, Empty>; readonly b: readonly [typeof relu] };
  same<Same<ParamsOf<Layers>, { readonly a: DenseParams; readonly b: readonly [Empty] }>>();
  same<Same<StateOf<Layers>, { readonly a: Empty; readonly b: readonly [Empty] }>>();
});

Deno.test("valueAndGrad() and grad() give the type of the first argument", async () => {
  await setup({ backend: "cpu" });
  type P = { readonly w: Tensor; readonly list: readonly [Tensor] };
  const f = ({ w, list }: P, factor: number): Tensor =>
    ops.mul(ops.add(ops.sum(w), ops.sum(list[0])), factor);
  const both = valueAndGrad(f);
  same<Same<ReturnType<typeof both>, [value: Tensor, gradient: P]>>();
  same<Same<Parameters<typeof both>, [params: P, factor: number]>>();
  const slope = grad(f);
  same<Same<ReturnType<typeof slope>, P>>();
  const more = valueAndGrad((w: Tensor) => [ops.sum(w), { w }] as const, { aux: true });
  type More = [valueAndAux: [value: Tensor, aux: { readonly w: Tensor }], gradient: Tensor];
  same<Same<ReturnType<typeof more>, More>>();
});

Deno.test("Every layer is a Layer, with its types erased", () => {
  const layers: readonly Layer[] = [dense(1), relu, sequential(relu), named({ a: batchNorm() })];
  const tree: Tree = {} as ResNetParams;
  assertEquals([layers.length, typeof tree], [4, "object"]);
});

// What follows must not compile.

export function mistakesOfCombinators(x: Tensor): void {
  // @ts-expect-error batchNorm has options, so it has to be called
  sequential(conv(8, 3), batchNorm);
  // @ts-expect-error a constant is not a function
  sequential(relu());
  // @ts-expect-error layers are not in an array
  sequential([conv(8, 3), relu]);
  // @ts-expect-error a record is not a tuple
  named([relu]);
  // @ts-expect-error named() takes a record
  named(relu, relu);
  // @ts-expect-error there is no such merge
  parallel([relu, relu], { merge: "product" });
  // @ts-expect-error repeat() makes layers, and does not take one
  repeat(3, relu);
  // @ts-expect-error an activation has no parameters
  residual(relu, relu, { activation: dense(3) });
  // @ts-expect-error a bottleneck has no option of that name
  basicBlock(8, { strides: 2 });
  // @ts-expect-error a layer is not applied by calling it
  relu(x);
}

export function mistakesOfVariables(x: Tensor): void {
  const model = sequential(conv(8, 3), batchNorm(), relu);
  const other = sequential(dense(3));
  const variables = model.init(key(0), [1, 8, 8, 3]);
  // @ts-expect-error variables of another model
  model.apply(other.init(key(0), [1, 3]), x, evalMode);
  // @ts-expect-error parameters without state
  model.apply({ params: variables.params }, x, evalMode);
  // @ts-expect-error parameters for variables
  model.apply(variables.params, x, evalMode);
  // @ts-expect-error there are three layers
  variables.params[3];
  // @ts-expect-error a convolution has a weight, not a kernel
  variables.params[0].kernel;
  // @ts-expect-error relu has no parameters
  variables.params[2].weight;
  // @ts-expect-error the bias may be absent
  variables.params[0].bias.shape;
  // @ts-expect-error a tree is never changed in place
  variables.params[0].weight = x;
  // @ts-expect-error a layer is never changed
  model.kind = "other";
  // @ts-expect-error a shape is never changed
  variables.shape[0] = 1;
  // @ts-expect-error a number is not a key
  model.init(0, [1, 8, 8, 3]);
  // @ts-expect-error basic blocks have two convolutions
  resnet(18).init(key(0), [1, 32, 32, 3]).params.layer1[0]!.body.conv3;
  // @ts-expect-error there is no such depth
  resnet(20);
  // @ts-expect-error there is no such stem
  resnet(18, { stem: "mnist" });
}

export function mistakesOfModes(x: Tensor): void {
  const variables = relu.init(key(0), [1]);
  // @ts-expect-error train mode needs a key
  relu.apply(variables, x, { kind: "train" });
  // @ts-expect-error there is no such mode
  relu.apply(variables, x, { kind: "test" });
  // @ts-expect-error a mode is not a flag
  relu.apply(variables, x, true);
  // @ts-expect-error a mode is needed
  relu.apply(variables, x);
  // @ts-expect-error a seed is not a key
  trainMode(0);
  // @ts-expect-error the key of a mode is never changed
  (trainMode(key(0)) as Extract<Mode, { kind: "train" }>).key = key(1);
  // @ts-expect-error dropout needs a rate
  dropout();
}

export function mistakesOfTensors(x: Tensor): void {
  // @ts-expect-error there is no synchronous read
  x.dataSync();
  // @ts-expect-error operations are functions
  x.add(x);
  // @ts-expect-error a number is no tensor where a shape is needed
  ops.relu(1);
  // @ts-expect-error a shape is a list
  ops.zeros(3);
  // @ts-expect-error there is no such type of elements
  ops.cast(x, "float64");
  // @ts-expect-error a learning rate is not an option of the optimizer
  sgd({ learningRate: 0.1 });
  // @ts-expect-error a function of a tree gives a scalar, not a number
  grad(() => 3);
}
