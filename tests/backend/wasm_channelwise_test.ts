import { assertEquals } from "@std/assert";
import { add, mul, sub, tensor } from "../../lib/ops.ts";
import { sizeOf } from "../../lib/tensor.ts";
import { testEach } from "../backends.ts";

const SHAPES = [[8, 3], [2, 2, 4, 5], [7, 3], [1, 6], [64, 1], [3, 4, 1], [4, 1200], [1, 1, 2, 16]];
const OPERATIONS = {
  add: { f: add, expected: (a: number, b: number) => a + b },
  sub: { f: sub, expected: (a: number, b: number) => a - b },
  mul: { f: mul, expected: (a: number, b: number) => a * b },
};

for (const [name, { f, expected }] of Object.entries(OPERATIONS)) {
  testEach(`${name}() of a tensor and a value for each channel, on either side`, async () => {
    for (const shape of SHAPES) {
      const channels = shape.at(-1)!;
      const values = Array.from({ length: sizeOf(shape) }, (_, i) => i === 5 ? NaN : i / 4);
      const each = Array.from({ length: channels }, (_, i) => i === 4 ? Infinity : 2 - i);
      using x = tensor(values, shape);
      for (const axes of [1, 2]) {
        using vector = tensor(each, [...Array(axes - 1).fill(1), channels]);
        using right = f(x, vector);
        using left = f(vector, x);
        assertEquals([right.shape, left.shape], [shape, shape]);
        const at = (i: number) => each[i % channels]!;
        assertEquals([...await right.data()], values.map((value, i) => expected(value, at(i))));
        assertEquals([...await left.data()], values.map((value, i) => expected(at(i), value)));
      }
    }
  });
}
