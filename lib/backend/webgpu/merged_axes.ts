/**
 * Axes of a tensor that lie side by side, as one: what a reduction sees of a shape.
 *
 * @module
 */

/** Neighbouring axes that all go, or all stay. */
export interface Axes {
  /** Number of elements along them. */
  readonly size: number;
  /** Whether they are reduced. */
  readonly goes: boolean;
}

/** Makes neighbours that go or stay together one axis, and leaves out those of size 1. */
export function mergedAxes(shape: readonly number[], reduced: readonly number[]): Axes[] {
  const all: Axes[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const goes = reduced.includes(axis);
    const last = all.at(-1);
    if (last?.goes === goes) all[all.length - 1] = { size: last.size * size, goes };
    else all.push({ size, goes });
  }
  return all;
}

/** Number of elements along all of them. */
export function product(axes: readonly Axes[]): number {
  return axes.reduce((all, { size }) => all * size, 1);
}
