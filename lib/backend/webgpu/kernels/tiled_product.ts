/**
 * Products of matrices by tiles, for GPUs: `C[m, n] = Σ A[m, k] B[k, n]`. A group of threads makes a
 * tile of the result; it brings a slice of each matrix after the other into the memory that it shares,
 * from where each thread takes what it multiplies for its own small block. What the matrices are, a
 * convolution's input as well, is told by where an element lies.
 *
 * @module
 */

import { bindings, type Program } from "../program.ts";
import { teamEntry, teamGroups } from "../team.ts";
import { elementOf, LANES, type Operand, range, read, when, write } from "../unrolled.ts";

/** How a product is cut up. */
export interface ProductTile {
  /** Rows of the result that a group makes. */
  readonly rows: number;
  /** Columns of the result that a group makes. */
  readonly columns: number;
  /** How deep a slice is, a multiple of four. */
  readonly depth: number;
  /** Rows that a thread makes, a multiple of four. */
  readonly tall: number;
  /** Columns that a thread makes, a multiple of four. */
  readonly wide: number;
  /** Parts of the sum that are made by themselves. */
  readonly splits: number;
}

/** A matrix that is multiplied: where its elements lie. */
export interface Side {
  /** The array that holds it. */
  readonly operand: Operand;
  /** Whether its elements lie side by side along `k`, or along `m` or `n`. */
  readonly along: "inner" | "outer";
  /** What is worked out from `k` and from `m` or `n`. */
  readonly lines: readonly string[];
  /** Whether there is such an element; else it counts as zero. */
  readonly inside: string;
  /** Its place among the floats of the array. */
  readonly at: string;
}

/** A product of matrices, or several. */
export interface Product {
  /** Rows of the result, at most. */
  readonly m: number;
  /** Columns of the result. */
  readonly n: number;
  /** How many products there are, numbered by `product`. */
  readonly count: number;
  /** What is worked out from `product`, `first` and `end` among it: from which `k` on, and up to which. */
  readonly lines: readonly string[];
  readonly a: Side;
  readonly b: Side;
  /** Where the result goes, worked out from `m`, `n` and `split`; of `n`, there are as many. */
  readonly c: Omit<Side, "along">;
}

/** Gives the program of a product. */
export function tiledProduct(name: string, product: Product, tile: ProductTile): Program {
  const { m, n, count, lines, a, b, c } = product;
  const { rows, columns, depth, tall, wide, splits } = tile;
  const threads = rows / tall * columns / wide;
  // Neighbours make neighbouring quads of columns, so that what they write lies side by side.
  const quadsRight = range(wide / 4).map((q) => `right + ${q * columns / wide}`);
  const [below, beside] = [Math.ceil(m / rows), Math.ceil(n / columns)];
  const teams = beside * below * splits * count;

  const quadsDown = range(tall / 4).map((q) => `down * ${tall / 4} + ${q}`);
  const multiply = [
    ...takeQuads("x", "aTile", a, tile, rows, quadsDown),
    ...takeQuads("w", "bTile", b, tile, columns, quadsRight),
    ...range(4).flatMap((j) =>
      range(tall).flatMap((i) =>
        range(wide / 4).map((q) =>
          `c${i}_${q} = fma(vec4f(x${j}_${i >> 2}.${LANES[i & 3]}), w${j}_${q}, c${i}_${q});`
        )
      )
    ),
  ];
  const sums = range(tall).flatMap((i) => range(wide / 4).map((q) => `var c${i}_${q} = vec4f();`));
  const stores = range(tall).flatMap((i) =>
    range(wide / 4).map((q) => {
      const store = write(
        c.operand,
        c.operand.width === 4 ? `(${c.at}) / 4` : c.at,
        `c${i}_${q}`,
        (lane) => n % columns === 0 ? "true" : `n + ${lane} < ${n}`,
      );
      return `{
    let m = top + down * ${tall} + ${i};
    let n = side + 4 * (${quadsRight[q]});
    ${c.lines.join("\n    ")}
    ${when(c.inside, store)}
  }`;
    })
  );
  const body = `  let side = item % ${beside} * ${columns};
  let top = item / ${beside} % ${below} * ${rows};
  let split = item / ${beside * below} % ${splits};
  let product = item / ${beside * below * splits};
  ${lines.join("\n  ")}
  let right = lane % ${columns / wide};
  let down = lane / ${columns / wide};
  ${sums.join(" ")}
  for (var deep = first; deep < end; deep += ${depth}) {
    ${bringSlice("aTile", a, "m", "top", tile, rows, threads)}
    ${bringSlice("bTile", b, "n", "side", tile, columns, threads)}
    workgroupBarrier();
    for (var s = 0; s < ${depth / 4}; s++) {
      ${multiply.join("\n      ")}
    }
    workgroupBarrier();
  }
  ${stores.join("\n  ")}`;
  const shared = (size: number) => `array<vec4f, ${size * depth / 4}>`;
  return {
    name,
    wgsl: bindings({ [c.operand.name]: elementOf(c.operand) }, {
      [a.operand.name]: elementOf(a.operand),
      [b.operand.name]: elementOf(b.operand),
    }, [a, b, c].flatMap(({ operand }) => operand.halves)) +
      `var<workgroup> aTile: ${shared(rows)};\nvar<workgroup> bTile: ${shared(columns)};\n` +
      teamEntry(teams, threads, body),
    groups: teamGroups(teams, threads),
  };
}

/**
 * Brings a slice of a matrix to the shared memory, as vectors along the axis along which it lies. Vectors
 * along `k` are kept in another order in each quad of rows, so that lanes do not wait for each other.
 */
function bringSlice(
  shared: string,
  { operand, along, lines, inside, at }: Side,
  axis: "m" | "n",
  origin: string,
  { depth }: ProductTile,
  size: number,
  threads: number,
): string {
  const [count, deep] = [size * depth / 4, depth / 4];
  const [outer, inner, place] = along === "inner"
    ? [
      `i / ${deep}`,
      `4 * (i % ${deep})`,
      `i / ${deep} * ${deep} + ${reordered(`i % ${deep}`, `i / ${depth}`, depth)}`,
    ]
    : [`4 * (i % ${size / 4})`, `i / ${size / 4}`, "i"];
  const element = (on: Side["along"]) => operand.width === 1 && along === on ? " + e" : "";
  const find = [
    `let ${axis} = ${origin} + ${outer}${element("outer")};`,
    `let k = deep + ${inner}${element("inner")};`,
    ...lines,
  ].join("\n      ");
  const fetch = operand.width === 4
    ? `${find}
      if (${inside}) { value = ${read(operand, `(${at}) / 4`)}; }`
    : `for (var e = 0; e < 4; e++) {
      ${find}
      if (${inside}) { value[e] = ${read(operand, at)}; }
      }`;
  const bring = `var value = vec4f();
      ${fetch}
      ${shared}[${place}] = value;`;
  return range(Math.ceil(count / threads)).map((turn) => {
    const needed = (turn + 1) * threads <= count ? "true" : `i < ${count}`;
    return `{
      let i = lane + ${turn * threads};
      ${when(needed, bring)}
    }`;
  }).join("\n    ");
}

/** Where the vector `at` along `k` is kept in the rows of a quad. */
const reordered = (at: string, quad: string, depth: number): string =>
  `((${at}) ^ ((${quad}) & ${depth / 4 - 1}))`;

/** Takes quads of rows or columns at four places along `k`, numbered by `s`, from the shared memory. */
function takeQuads(
  name: string,
  shared: string,
  { along }: Side,
  { depth }: ProductTile,
  size: number,
  quads: readonly string[],
): string[] {
  return quads.flatMap((quad, q) => {
    if (along === "outer") {
      return range(4).map((j) =>
        `let ${name}${j}_${q} = ${shared}[(4 * s + ${j}) * ${size / 4} + ${quad}];`
      );
    }
    const element = (i: number) =>
      `${shared}[(4 * (${quad}) + ${i}) * ${depth / 4} + ${reordered("s", quad, depth)}]`;
    const turned = (j: number) => range(4).map((i) => `${name}v${i}_${q}.${LANES[j]}`).join(", ");
    return [
      ...range(4).map((i) => `let ${name}v${i}_${q} = ${element(i)};`),
      ...range(4).map((j) => `let ${name}${j}_${q} = vec4f(${turned(j)});`),
    ];
  });
}
