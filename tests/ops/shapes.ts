/** The operations that move elements about. */

import { ops } from "@fplusx/nn";
import { at, atOr, build, sample } from "./reference.ts";
import type { Case, Table } from "./table.ts";

const block = sample([4, 3, 5]);

function permutation(order: readonly number[]): Case {
  const shape = [3, 4, 2, 5, 2].slice(0, order.length);
  return {
    inputs: [sample(shape)],
    run: (x) => ops.transpose(x!, order),
    is: (x) =>
      build(
        order.map((axis) => shape[axis]!),
        (...i) => at(x!, shape.map((_, axis) => i[order.indexOf(axis)]!)),
      ),
  };
}

function joining(axis: number): Case {
  const along = (size: number) => [2, 3, 4].map((other, i) => i === axis ? size : other);
  const starts = [0, 1, 5];
  return {
    inputs: [1, 4, 2].map((size, i) => sample(along(size), i)),
    run: (...parts) => ops.concat(parts, axis),
    is: (...parts) =>
      build(along(7), (...i) => {
        const part = starts.findLastIndex((start) => start <= i[axis]!);
        return at(parts[part]!, i.with(axis, i[axis]! - starts[part]!));
      }),
  };
}

function picking(axis: number, shape: readonly number[]): Case {
  const indices = build(shape, (i, j = 0) => (i! * 2 + j + 1) % 3);
  return {
    inputs: [block],
    run: (x) => ops.gather(x!, ops.tensor(Int32Array.from(indices.values), shape), axis),
    is: (x) =>
      build(
        x!.shape.toSpliced(axis, 1, ...shape),
        (...i) =>
          at(x!, i.toSpliced(axis, shape.length, at(indices, i.slice(axis, axis + shape.length)))),
      ),
  };
}

/** The operations that move elements about. */
export const shapes: Table = {
  reshape: {
    cases: [[6, 10], [-1], [2, 1, 30]].map((shape) => ({
      inputs: [block],
      run: (x) => ops.reshape(x!, shape),
      is: (x) => ({ shape: shape.map((size) => size < 0 ? 60 : size), values: x!.values }),
    })),
  },
  transpose: {
    cases: [[1, 0], [0, 2, 1], [2, 0, 1], [0, 2, 1, 3], [3, 1, 0, 2], [4, 0, 3, 1, 2]]
      .map(permutation),
  },
  concat: { cases: [0, 1, 2].map(joining) },
  slice: {
    cases: [[[1, 0, 2], [2, 3, 1]], [[0, 1, 0], [-1, 2, -1]]].map(([begin, size]) => ({
      inputs: [block],
      run: (x) => ops.slice(x!, begin!, size!),
      is: (x) =>
        build(
          size!.map((n, axis) => n < 0 ? x!.shape[axis]! - begin![axis]! : n),
          (...i) => at(x!, i.map((i, axis) => i + begin![axis]!)),
        ),
    })),
  },
  stridedSlice: {
    cases: [[2, 1, 3], [1, 2, 1], [3, 3, 3]].map((strides) => ({
      inputs: [block],
      run: (x) => ops.stridedSlice(x!, strides),
      is: (x) =>
        build(
          x!.shape.map((size, axis) => Math.ceil(size / strides[axis]!)),
          (...i) => at(x!, i.map((i, axis) => i * strides[axis]!)),
        ),
    })),
  },
  pad: {
    cases: [0, 2.5].map((value) => ({
      inputs: [block],
      run: (x) => ops.pad(x!, [[0, 1], [2, 0], [1, 1]], value),
      is: (x) => build([5, 5, 7], (i, j, k) => atOr(x!, [i!, j! - 2, k! - 1], value)),
    })),
  },
  reverse: {
    cases: [0, [1, 2], -1].map((axes) => ({
      inputs: [block],
      run: (x) => ops.reverse(x!, axes),
      is: ({ shape, values }) => {
        const turned = [axes].flat().map((axis) => axis < 0 ? axis + 3 : axis);
        return build(
          shape,
          (...i) =>
            at(
              { shape, values },
              i.map((i, axis) => turned.includes(axis) ? shape[axis]! - 1 - i : i),
            ),
        );
      },
    })),
  },
  gather: { cases: [picking(0, [3]), picking(0, [2, 2]), picking(1, [5]), picking(2, [1])] },
};
