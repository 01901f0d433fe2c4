/**
 * Matrix products. XNNPACK multiplies two plain matrices at full speed; with a transpose or with
 * more than one matrix in a batch, tfjs takes a scalar loop that is twenty times slower. So here
 * transposed operands are turned first, and the products of a batch are made one after another
 * in place. The right-hand operand always goes in as an alias: XNNPACK keeps its packed form under
 * the tensor's number whatever its shape, and would give wrong products for the same memory seen as
 * another matrix.
 *
 * @module
 */

import { tf } from "../../../tfjs.ts";
import { type Kernel, type Scratch, sizeOf, type TensorInfo, view } from "../scratch.ts";

/** Multiplies the matrices `a` `[m, k]` and `b` `[k, n]` into `out`, a tensor or alias of `m n` elements. */
export function multiplyInto(
  pad: Scratch,
  a: TensorInfo,
  b: TensorInfo,
  out: TensorInfo,
): void {
  const right = pad.alias(b, 0, b.shape);
  pad.native("BatchMatMul", [a, [1, ...a.shape], 3, right, [1, ...b.shape], 3, 0, 0, out]);
}

/** The product of two matrices. */
export function multiply(pad: Scratch, a: TensorInfo, b: TensorInfo): TensorInfo {
  const out = pad.make([a.shape[0]!, b.shape[1]!]);
  multiplyInto(pad, a, b, out);
  return out;
}

interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** `BatchMatMul`: `[...batch, m, k]` by `[...batch, k, n]`, where batch axes of size one are repeated. */
export const batchMatMul: Kernel = (pad, { a, b }, { transposeA, transposeB }: Transposes) => {
  const left = matrices(pad, a, transposeA);
  const right = matrices(pad, b, transposeB);
  const [m, k] = left.shape.slice(-2) as [number, number];
  const n = right.shape.at(-1)!;
  const [lefts, rights] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(lefts, rights);
  const out = pad.make([...batch, m, n]);
  if (sizeOf(out.shape) === 0) return out;
  if (k === 0) return pad.zeros(out.shape);
  if (sizeOf(rights) === 1) {
    const rows = sizeOf(lefts) * m;
    multiplyInto(pad, view(left, [rows, k]), view(right, [k, n]), out);
    return out;
  }
  const [leftSteps, rightSteps] = [lefts, rights].map((axes) => batchSteps(axes, batch));
  for (let i = 0; i < sizeOf(batch); i++) {
    const x = pad.alias(left, leftSteps!(i) * m * k, [m, k]);
    const y = pad.alias(right, rightSteps!(i) * k * n, [k, n]);
    pad.native("BatchMatMul", [
      x,
      [1, m, k],
      3,
      y,
      [1, k, n],
      3,
      0,
      0,
      pad.alias(out, i * m * n, [m, n]),
    ]);
  }
  return out;
};

/** The operand as it is multiplied: with its last two axes swapped if it comes transposed. */
function matrices(pad: Scratch, x: TensorInfo, transposed = false): TensorInfo {
  if (!transposed) return x;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const batch = x.shape.slice(0, -2);
  const turned = pad.run(
    "Transpose",
    { x: view(x, [sizeOf(batch), rows, columns]) },
    { perm: [0, 2, 1] },
  );
  return view(turned, [...batch, columns, rows]);
}

/** Which matrix of an operand with these batch axes belongs to the i-th of the result. */
function batchSteps(axes: readonly number[], batch: readonly number[]): (i: number) => number {
  return (i) => {
    let [index, step] = [0, 1];
    for (let back = 1; back <= axes.length; back++) {
      const [own, full] = [axes.at(-back)!, batch.at(-back)!];
      if (own > 1) index += (i % full) * step;
      step *= own;
      i = Math.floor(i / full);
    }
    return index;
  };
}
