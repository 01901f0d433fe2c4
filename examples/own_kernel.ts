// A kernel of your own is an operation that is defined in others and has a shader besides, which does it
// in one go on a GPU: here a bell around a learned centre for each feature. Whether the two are the
// same, gradients included, is for a program to find out.
//
// deno run examples/own_kernel.ts
import {
  defineKernel,
  key,
  normal,
  ops,
  release,
  setup,
  type Tensor,
  valueAndGrad,
} from "@fplusx/nn";

const bells = defineKernel({
  name: "bells",
  inputs: ["x", "centers"],
  shape: ({ x }) => x,
  wgsl: ({ centers: [features] }) => `
    let distance = x[t] - centers[t % ${features}];
    y[t] = exp(-distance * distance);`,
  definition: (x, centers) => ops.exp(ops.neg(ops.square(ops.sub(x, centers)))),
  vjp: (dy, [x, centers], y) => {
    const slope = ops.mul(ops.mul(dy, y), ops.mul(ops.sub(centers, x), 2));
    return [slope, ops.neg(ops.sum(slope, 0))];
  },
});

const plain = (x: Tensor, centers: Tensor) => ops.exp(ops.neg(ops.square(ops.sub(x, centers))));

for (const backend of ["wasm", "webgpu"] as const) {
  const ready = await setup({ backend }).catch(() => undefined); // not every machine has an adapter
  if (ready === undefined) continue;
  const inputs: [Tensor, Tensor] = [normal(key(1), [64, 10]), normal(key(2), [10])];
  const results = [bells, plain].map((f) =>
    valueAndGrad(([x, centers]: [Tensor, Tensor]) => ops.sum(ops.square(f(x, centers))))(inputs)
  );
  const [there, here] = await Promise.all(results.map(async ([value, gradient]) => {
    const read = await Promise.all([value, ...gradient].map((leaf) => leaf.data()));
    return read.flatMap((values) => [...values]);
  }));
  const difference = Math.max(...there!.map((value, i) => Math.abs(value - here![i]!)));
  console.log(`${backend}: at most ${difference.toExponential(0)} apart`);
  release([inputs, results]);
}
