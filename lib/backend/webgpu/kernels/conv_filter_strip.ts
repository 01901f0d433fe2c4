/**
 * Gradients for the weights of convolutions, and products of matrices of which the first is transposed,
 * where the CPU runs the shaders. A thread makes, for one row of taps, a block of input times a block of
 * output channels, all of it in registers; it goes over a chunk of the rows of the output, and a pixel
 * of the input, once read, serves all taps that meet it. The chunks are summed by a second program in
 * their order, so the result is the same each time.
 *
 * @module
 */

import { bindings, entry, generator, groupsFor, type Program } from "../program.ts";
import {
  type Condition,
  elementOf,
  every,
  inputOf,
  LANES,
  operand,
  range,
  readers,
  when,
  write,
} from "../unrolled.ts";
import type { ConvSizes } from "./conv_sizes.ts";

/** What a filter kernel computes: as many of `[rows, columns, inputs, groups · outputs]` as `products`. */
export interface FilterSizes extends ConvSizes {
  /** Number of results, each a sum over `batch` images. */
  readonly products: number;
  /** What there is but one of for all results. */
  readonly shared: "x" | "dy" | "nothing";
}

/** What a thread makes, and how. */
export interface FilterTile {
  /** Taps in a row. */
  readonly taps: number;
  /** Input channels. */
  readonly inputs: number;
  /** Output channels, a multiple of four. */
  readonly outputs: number;
  /** Pixels of the output that are unrolled. */
  readonly pixels: number;
  /** Rows of the output that it goes over. */
  readonly rows: number;
  /** Whether both inputs are read as textures. */
  readonly sampled: boolean;
}

/** Number of chunks that the rows of the output are split into. */
export function chunksOf({ batch, rows }: ConvSizes, tile: FilterTile): number {
  return Math.ceil(batch * rows.count / tile.rows);
}

/** Gives `parts`, a result for each chunk, from the input `x` and the output's gradient `dy`. */
export const convFilterStrip: (
  name: string,
  sizes: FilterSizes,
  tile: FilterTile,
  halves?: readonly string[],
) => Program = generator((name, sizes, tile, halves = []) => {
  const { products, batch, groups, inputs, outputs, rows, columns, shared } = sizes;
  const chunks = chunksOf(sizes, tile);
  const [sets, tall, wide] = [
    columns.taps / tile.taps,
    inputs / tile.inputs,
    outputs / tile.outputs,
  ].map(Math.ceil) as [number, number, number];
  const part = groups * wide * tall * sets * rows.taps;
  const threads = part * chunks * products;
  const x = operand("x", tile.inputs % 4 === 0 ? inputs : 1, tile.sampled, halves);
  const dy = operand("dy", outputs, tile.sampled, halves);
  const parts = operand("parts", outputs);
  const taps = range(tile.taps);
  const channels = range(Math.min(tile.inputs, inputs));
  const quads = range(Math.min(tile.outputs / 4, Math.ceil(outputs / 4)));

  /** The pixel of the input that a tap meets, counted from where the first meets the first. */
  const meets = (pixel: number, tap: number): number =>
    pixel * columns.stride + tap * columns.dilation;
  const column = (at: number, last: number): string[] => {
    const first = at - columns.before;
    const farthest = first + meets(last, (sets - 1) * tile.taps);
    const inside = every(
      first < 0 ? `left >= ${-first}` : "true",
      farthest >= columns.size ? `left < ${columns.size - first}` : "true",
    );
    return range(Math.ceil(channels.length / 4)).map((i) => {
      const count = Math.min(4, channels.length - 4 * i);
      const value = `x${count}(xAt + ${(first * groups * inputs + 4 * i) / x.width})`;
      return `let x${at}_${i} = ${
        inside === "true" ? value : `select(vec4f(), ${value}, ${inside})`
      };`;
    });
  };
  /** The lines for `count` pixels of the output from pixel `p` on, which is at most `last`. */
  const pixels = (count: number, last: number): string => {
    const known = new Set<number>();
    const unknown = (at: number) => !known.has(at) && known.add(at);
    const multiply = (u: number, tap: number, i: number, q: number) => {
      const value = `x${meets(u, tap)}_${i >> 2}.${LANES[i & 3]}`;
      return `a${tap}_${i}_${q} = fma(vec4f(${value}), d${u}_${q}, a${tap}_${i}_${q});`;
    };
    const gradient = (u: number, q: number) =>
      `dy4(dyAt + ${(u * groups * outputs + 4 * q) / dy.width})`;
    return [
      `let left = ${meets(1, 0)} * p + ${meets(0, tile.taps)} * some;`,
      `let xAt = (((line * ${columns.size} + left) * ${groups} + group) * ${inputs} + input) / ${x.width};`,
      `let dyAt = (((row * ${columns.count} + p) * ${groups} + group) * ${outputs} + output) / ${dy.width};`,
      ...range(count).flatMap((u) => [
        ...taps.map((tap) => meets(u, tap)).filter(unknown).flatMap((at) => column(at, last)),
        ...quads.map((q) => `let d${u}_${q} = ${gradient(u, q)};`),
        ...taps.flatMap((tap) =>
          channels.map((i) => quads.map((q) => multiply(u, tap, i, q)).join(" "))
        ),
      ]),
    ].join("\n      ");
  };
  const whole = columns.count - columns.count % tile.pixels;
  const loop = `for (var p = 0; p < ${whole}; p += ${tile.pixels}) {
      ${whole > 0 ? pixels(tile.pixels, whole - tile.pixels) : ""}
    }`;
  const rest = `let p = ${whole};
    ${whole < columns.count ? pixels(columns.count - whole, whole) : ""}`;

  const within = (name: string, block: number, size: number, at: number): Condition => {
    if (block >= size) return `${at < size}`;
    return size % block === 0 ? "true" : `${name} + ${at} < ${size}`;
  };
  const stores = taps.flatMap((tap) =>
    channels.map((i) => {
      const at = (q: number) =>
        `to + ${((tap * inputs + i) * groups * outputs + 4 * q) / parts.width}`;
      const writes = quads.map((q) =>
        write(
          parts,
          at(q),
          `a${tap}_${i}_${q}`,
          (lane) => within("output", tile.outputs, outputs, 4 * q + lane),
        )
      );
      const inside = every(
        within(`some * ${tile.taps}`, tile.taps, columns.taps, tap),
        within("input", tile.inputs, inputs, i),
      );
      return when(inside, writes.join(" "));
    })
  );
  const sums = taps.flatMap((tap) =>
    channels.flatMap((i) => quads.map((q) => `var a${tap}_${i}_${q} = vec4f();`))
  );
  const lines = batch * rows.count;
  const [xImage, dyRow] = [
    shared === "x" ? "0" : `product * ${batch}`,
    shared === "dy" ? "0" : `product * ${lines}`,
  ];
  const body = `  let block = t % ${groups * wide};
  let group = block / ${wide};
  let output = block % ${wide} * ${tile.outputs};
  let input = t / ${groups * wide} % ${tall} * ${tile.inputs};
  let some = t / ${groups * wide * tall} % ${sets};
  let tap = t / ${groups * wide * tall * sets} % ${rows.taps};
  let part = t / ${part};
  let chunk = part % ${chunks};
  let product = part / ${chunks};
  ${sums.join(" ")}
  for (var r = chunk * ${tile.rows}; r < min((chunk + 1) * ${tile.rows}, ${lines}); r++) {
    let down = r % ${rows.count} * ${rows.stride} + tap * ${rows.dilation} - ${rows.before};
    if (down < 0 || down >= ${rows.size}) { continue; }
    let line = (${xImage} + r / ${rows.count}) * ${rows.size} + down;
    let row = ${dyRow} + r;
    ${loop}
    ${rest}
  }
  let weight = ((part * ${rows.taps} + tap) * ${columns.taps} + some * ${tile.taps}) * ${inputs};
  let to = (((weight + input) * ${groups} + group) * ${outputs} + output) / ${parts.width};
  ${stores.join("\n  ")}`;
  return {
    name,
    wgsl: bindings({ parts: elementOf(parts) }, { x: inputOf(x), dy: inputOf(dy) }, halves) +
      readers(x, [4, channels.length % 4]) + readers(dy) + entry(threads, body),
    groups: groupsFor(threads),
    ...tile.sampled && { textures: { 1: x.width, 2: dy.width } },
  };
});
