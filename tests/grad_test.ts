import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { ShapeError, TreeError } from "../lib/errors.ts";
import {
  customGrad,
  grad,
  gradientDepth,
  stopGradient,
  untracked,
  valueAndGrad,
} from "../lib/grad.ts";
import { add, clone, exp, mul, ones, relu, scalar, square, sum, tensor } from "../lib/ops.ts";
import { liveTensors, release } from "../lib/ownership.ts";
import type { Tensor } from "../lib/tensor.ts";
import { leaves } from "../lib/tree.ts";
import { testEach } from "./backends.ts";

const values = async (x: Tensor): Promise<number[]> => [...await x.data()];

testEach("valueAndGrad() gives the value and a tree like the first argument", async () => {
  const params = { w: tensor([1, 2, 3]), list: [tensor([4])], none: [] };
  const f = (p: typeof params) => add(sum(square(p.w)), mul(sum(p.list[0]!), 5));
  const [value, gradient] = valueAndGrad(f)(params);
  assertEquals(await values(value), [34]);
  assertEquals(value.shape, []);
  assertEquals(await values(gradient.w), [2, 4, 6]);
  assertEquals(await values(gradient.list[0]!), [5]);
  assertEquals(gradient.none, []);
  assert(leaves(params).every((leaf) => !leaf.isDisposed));
  release([params, value, gradient]);
});

testEach("valueAndGrad() gives zero for what the value does not depend on", async () => {
  const params = { used: tensor([2]), unused: ones([2, 2]) };
  const [value, gradient] = valueAndGrad((p: typeof params) => sum(square(p.used)))(params);
  assertEquals(await values(gradient.unused), [0, 0, 0, 0]);
  assertEquals(gradient.unused.shape, [2, 2]);
  release([params, value, gradient]);
});

testEach(
  "valueAndGrad() passes further arguments on, and does not differentiate by them",
  async () => {
    const f = ([w]: [Tensor], x: Tensor, factor: number) => mul(sum(mul(w, x)), factor);
    const [w, x] = [tensor([1, 2]), tensor([3, 4])];
    const [value, gradient] = valueAndGrad(f)([w], x, 10);
    assertEquals(await values(value), [110]);
    assertEquals(await values(gradient[0]), [30, 40]);
    release([w, x, value, gradient]);
  },
);

testEach("valueAndGrad() gives what else the function computes", async () => {
  const f = (w: Tensor) => {
    const y = mul(w, 2);
    return [sum(y), { y, list: [square(w), w] }] as const;
  };
  const w = tensor([1, 2]);
  const [[value, aux], gradient] = valueAndGrad(f, { aux: true })(w);
  assertEquals(await values(value), [6]);
  assertEquals(await values(aux.y), [2, 4]);
  assertEquals(await values(aux.list[0]!), [1, 4]);
  assertEquals(await values(gradient), [2, 2]);
  release([value, aux, gradient]);
  assert(!w.isDisposed, "aux that is an argument has a handle of its own");
  w.dispose();
});

testEach("valueAndGrad() differentiates by the selected leaves only", async () => {
  const params = { body: { w: tensor([1]), b: tensor([2]) }, head: { w: tensor([3]) } };
  const f = ({ body, head }: typeof params) => sum(square(add(add(body.w, body.b), head.w)));
  for (const select of ["head.**", ["head.w"], (path: string) => path.startsWith("head")]) {
    const [value, gradient] = valueAndGrad(f, { select })(params);
    assertEquals(await values(gradient.body.w), [0]);
    assertEquals(await values(gradient.head.w), [12]);
    release([value, gradient]);
  }
  release(params);
});

testEach("valueAndGrad() counts a leaf that is there twice in both places together", async () => {
  const shared = tensor([3]);
  const params = { a: shared, b: shared };
  const [value, gradient] = valueAndGrad((p: typeof params) => sum(mul(p.a, p.b)))(params);
  assertEquals(await values(gradient.a), [6]);
  assertEquals(await values(gradient.b), [6]);
  release([params, value, gradient]);
});

testEach("valueAndGrad() refuses a value that is not a scalar, and leaves nothing behind", () => {
  const w = tensor([1, 2]);
  const before = liveTensors();
  const error = assertThrows(() => valueAndGrad((w: Tensor) => square(w))(w), ShapeError);
  assertEquals(error.message, "Cannot differentiate a value of shape [2]: need a scalar");
  const { message } = assertThrows(() => grad(() => scalar(1))([]), TreeError);
  assertEquals(
    message,
    "Cannot take a gradient by nothing: need a tree with tensors to take it by",
  );
  assertEquals(liveTensors(), before);
  w.dispose();
});

testEach("valueAndGrad() passes on what the function throws, and works afterwards", async () => {
  const w = tensor([1, 2]);
  const before = liveTensors();
  const failing = (w: Tensor): Tensor => {
    sum(square(w));
    throw new RangeError("on purpose");
  };
  assertThrows(() => valueAndGrad(failing)(w), RangeError, "on purpose");
  assertEquals(liveTensors(), before);
  assertEquals(gradientDepth(), 0);
  const gradient = grad((w: Tensor) => sum(square(w)))(w);
  assertEquals(await values(gradient), [2, 4]);
  release([w, gradient]);
});

testEach("grad() of grad() is the second derivative", async () => {
  const x = tensor([1, 2]);
  const cube = (x: Tensor) => sum(mul(square(x), x));
  const slope = grad(cube);
  const bend = grad((x: Tensor) => sum(slope(x)))(x);
  assertEquals(await values(bend), [6, 12]);
  const growth = (x: Tensor): Tensor => sum(exp(x));
  const third = grad((x: Tensor) => sum(grad((x: Tensor) => sum(grad(growth)(x)))(x)))(x);
  for (const [i, value] of (await values(third)).entries()) {
    assertAlmostEquals(value, Math.exp(i + 1), 1e-5);
  }
  release([x, bend, third]);
});

testEach("stopGradient() gives the value as a constant", async () => {
  const x = tensor([3]);
  const gradient = grad((x: Tensor) => sum(mul(x, stopGradient(square(x)))))(x);
  assertEquals(await values(gradient), [9]);
  const same = stopGradient(x);
  x.dispose();
  assertEquals(await values(same), [3]);
  release([gradient, same]);
});

testEach("untracked() computes without a gradient, and tracks again after an error", async () => {
  const x = tensor([3]);
  assertThrows(() =>
    untracked(() => {
      throw new RangeError("on purpose");
    })
  );
  const f = (x: Tensor) => sum(mul(x, untracked(() => mul(x, x))));
  const gradient = grad(f)(x);
  assertEquals(await values(gradient), [9]);
  release([x, gradient]);
});

testEach("gradientDepth() counts the gradients around", () => {
  const depths: number[] = [gradientDepth()];
  const inner = grad((x: Tensor) => {
    depths.push(gradientDepth());
    return sum(square(x));
  });
  const x = scalar(1);
  const outer = grad((x: Tensor) => {
    depths.push(gradientDepth());
    return sum(inner(x));
  })(x);
  assertEquals(depths, [0, 1, 2]);
  release([x, outer]);
});

testEach("customGrad() uses the gradient that is given by hand, with what was saved", async () => {
  const seen: (readonly Tensor[])[] = [];
  const f = customGrad(
    (a, b) => [mul(a!, b!), [a!, b!]],
    (dy, saved) => {
      seen.push(saved);
      return [mul(dy, mul(saved[1]!, 10)), mul(dy, saved[0]!)];
    },
  );
  const params = { a: tensor([2]), b: tensor([5]) };
  const [value, gradient] = valueAndGrad((p: typeof params) => sum(mul(f(p.a, p.b), 3)))(params);
  assertEquals(await values(value), [30]);
  assertEquals(await values(gradient.a), [150]);
  assertEquals(await values(gradient.b), [6]);
  assertEquals(seen.map((saved) => saved.length), [2]);
  const outside = f(params.a, params.b);
  assertEquals(await values(outside), [10]);
  release([params, value, gradient, outside]);
});

testEach("customGrad() may save nothing, or one tensor", async () => {
  const nothing = customGrad((x) => [clone(x!), []], (dy) => [mul(dy, 7)]);
  const one = customGrad((x) => [square(x!), [x!]], (dy, [x]) => [mul(dy, x!)]);
  const x = tensor([3]);
  const gradients = [grad((x: Tensor) => sum(nothing(x)))(x), grad((x: Tensor) => sum(one(x)))(x)];
  assertEquals(await Promise.all(gradients.map(values)), [[7], [3]]);
  release([x, gradients]);
});

testEach("customGrad() can be differentiated twice when its gradient can", async () => {
  const f = customGrad((x) => [square(x!), [x!]], (dy, [x]) => [mul(dy, mul(x!, 2))]);
  const x = tensor([3]);
  const slope = grad((x: Tensor) => sum(mul(f(x), x)));
  const bend = grad((x: Tensor) => sum(slope(x)))(x);
  assertEquals(await values(bend), [18]);
  release([x, bend]);
});

testEach(
  "customGrad() may take a gradient on the way back, and what is around goes on",
  async () => {
    const cube = (x: Tensor) => sum(mul(square(x), x));
    const f = customGrad((x) => [cube(x!), [x!]], (dy, [x]) => [mul(dy, grad(cube)(x!))]);
    const x = tensor([1, 2]);
    const before = liveTensors();
    for (let i = 0; i < 2; i++) {
      const gradient = grad((x: Tensor) => add(sum(exp(x)), mul(f(square(x)), 2)))(x);
      // 2 · 3 (x²)² · 2x + eˣ
      assertAlmostEquals((await gradient.data())[0]!, 12 + Math.E, 1e-4);
      assertAlmostEquals((await gradient.data())[1]!, 384 + Math.E ** 2, 1e-3);
      gradient.dispose();
      assertEquals(liveTensors(), before);
    }
    x.dispose();
  },
);

testEach("The same gradient taken twice is the same, bit by bit", async () => {
  const w = tensor(Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)), [8, 8]);
  const slope = grad((w: Tensor) => sum(relu(mul(exp(w), w))));
  const [a, b] = [slope(w), slope(w)];
  assertEquals(await a.data(), await b.data());
  assert(a !== b);
  assertStrictEquals(a.isDisposed, false);
  release([w, a, b]);
});
