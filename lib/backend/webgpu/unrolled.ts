/**
 * Text of shaders that is made piece by piece: loops unrolled, and four floats read or written at once
 * where they lie so that this can be done.
 *
 * @module
 */

import { access, type Input } from "./program.ts";
import { readTexel } from "./textures.ts";

/** The numbers from 0 up to `count`. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The names of the components of a vector. */
export const LANES = "xyzw";

/** An array of a program: what one access to it takes. */
export interface Operand {
  readonly name: string;
  /** Floats that are read or written at once. */
  readonly width: 1 | 4;
  /** Whether it is read as a texture. */
  readonly sampled: boolean;
  /** The names of the arrays that are of halves, its own perhaps among them. */
  readonly halves: readonly string[];
}

/** An operand whose rows are `row` floats long, or several times that. */
export function operand(
  name: string,
  row: number,
  sampled = false,
  halves: readonly string[] = [],
): Operand {
  return { name, width: row % 4 === 0 ? 4 : 1, sampled, halves };
}

/** How an operand that is read is bound. */
export function inputOf(operand: Operand): Input {
  return operand.sampled ? "texture" : elementOf(operand);
}

/** What the elements of an operand are. */
export function elementOf({ width }: Operand): "f32" | "vec4f" {
  return width === 4 ? "vec4f" : "f32";
}

/** Text that reads one element of an array. */
export function read(operand: Operand, at: string): string {
  return access(elementOf(operand), operand.halves).read(operand.name, at);
}

/**
 * Declares functions that read four floats side by side, or for other `counts` the first so many of
 * them; an index counts what is read at once.
 */
export function readers(operand: Operand, counts: readonly number[] = [4]): string {
  const { name, width, sampled } = operand;
  const take = (at: string) => sampled ? readTexel(name, at) : read(operand, at);
  const element = (i: number) => take(`i + ${i}`) + (sampled ? ".x" : "");
  const floats = (count: number) => range(4).map((i) => i < count ? element(i) : "0.0").join(", ");
  return [...new Set(counts)].filter((count) => count > 0).map((count) =>
    `fn ${name}${count}(i: i32) -> vec4f {
  return ${width === 4 ? take("i") : `vec4f(${floats(count)})`};
}
`
  ).join("");
}

/** A condition in WGSL, or `"true"` or `"false"` where it is decided already. */
export type Condition = string;

/** Text that reads one element of an operand by its {@linkcode readers}. */
export function readOne({ name, width }: Operand, at: string): string {
  return width === 4 ? `${name}4(${at})` : `${name}1(${at}).x`;
}

/** A line that is run under a condition. */
export function when(condition: Condition, line: string): string {
  if (condition === "true") return line;
  return condition === "false" || line === "" ? "" : `if (${condition}) { ${line} }`;
}

/** All of some conditions. */
export function every(...conditions: Condition[]): Condition {
  if (conditions.includes("false")) return "false";
  return conditions.filter((condition) => condition !== "true").join(" && ") || "true";
}

/** Writes the floats of a vector side by side, each under a condition; the index counts accesses. */
export function write(
  operand: Operand,
  index: string,
  vector: string,
  inside: (lane: number) => Condition,
): string {
  const { name, width, halves } = operand;
  const { write } = access(elementOf(operand), halves);
  if (width === 4) return when(inside(0), write(name, index, vector));
  return range(4)
    .map((i) => when(inside(i), write(name, `${index} + ${i}`, `${vector}.${LANES[i]}`)))
    .join(" ");
}
