/**
 * Moving data. Padding, slicing, reversing, tiling, permuting, and taking a convolution's input
 * apart are all the same thing: loops over some axes that read with one set of strides and write
 * with another. Here they are once, as fast as JavaScript goes.
 *
 * @module
 */

/** One side of a copy: where it starts, and how far a step along each axis goes, in elements. */
export interface Walk {
  readonly start: number;
  readonly strides: readonly number[];
}

/** From this length on, a call of `copyWithin` is faster than a loop. */
const LONG = 48;
/** Side of the squares in which an axis swap is done, so that both sides stay in the cache. */
const TILE = 32;

/** Strides of a dense array of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/**
 * Copies the elements of a block with the sizes `dims` within `heap`. Strides may be zero (which
 * repeats) or negative (which reverses); the two sides must not overlap.
 */
export function stridedCopy(heap: Int32Array, dims: readonly number[], from: Walk, to: Walk): void {
  if (dims.includes(0)) return;
  const axes = merge(dims, from.strides, to.strides);
  while (axes.length < 2) axes.unshift({ size: 1, from: 0, to: 0 });
  copyAxes(heap, axes, 0, from.start, to.start);
}

interface Axis {
  size: number;
  from: number;
  to: number;
}

/** Drops axes of size one, and joins neighbours that are one run on both sides. */
function merge(dims: readonly number[], from: readonly number[], to: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  dims.forEach((size, i) => {
    if (size === 1) return;
    const inner = { size, from: from[i]!, to: to[i]! };
    const outer = axes.at(-1);
    if (outer?.from === inner.from * size && outer.to === inner.to * size) {
      axes[axes.length - 1] = { ...inner, size: outer.size * size };
    } else axes.push(inner);
  });
  return axes;
}

function copyAxes(
  heap: Int32Array,
  axes: readonly Axis[],
  depth: number,
  from: number,
  to: number,
) {
  const [outer, inner] = [axes[depth]!, axes[depth + 1]!];
  if (depth + 2 < axes.length) {
    for (let i = 0; i < outer.size; i++) {
      copyAxes(heap, axes, depth + 1, from, to);
      from += outer.from;
      to += outer.to;
    }
  } else if (inner.from === 1 && inner.to === 1) {
    if (inner.size < LONG) copyPlane(heap, outer, inner, from, to);
    else copyRuns(heap, outer, inner.size, from, to);
  } else copyTiles(heap, outer, inner, from, to);
}

function copyRuns(heap: Int32Array, rows: Axis, length: number, from: number, to: number) {
  for (let i = 0; i < rows.size; i++) {
    heap.copyWithin(to, from, from + length);
    from += rows.from;
    to += rows.to;
  }
}

function copyTiles(heap: Int32Array, outer: Axis, inner: Axis, from: number, to: number) {
  for (let i = 0; i < outer.size; i += TILE) {
    for (let j = 0; j < inner.size; j += TILE) {
      const rows = { ...outer, size: Math.min(TILE, outer.size - i) };
      const columns = { ...inner, size: Math.min(TILE, inner.size - j) };
      copyPlane(
        heap,
        rows,
        columns,
        from + i * outer.from + j * inner.from,
        to + i * outer.to + j * inner.to,
      );
    }
  }
}

function copyPlane(heap: Int32Array, outer: Axis, inner: Axis, from: number, to: number) {
  const { size, from: read, to: write } = inner;
  for (let i = 0; i < outer.size; i++) {
    for (let j = 0, r = from, w = to; j < size; j++, r += read, w += write) heap[w] = heap[r]!;
    from += outer.from;
    to += outer.to;
  }
}
