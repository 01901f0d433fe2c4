/**
 * What a kernel is before it runs: a compute shader with all sizes baked into its text. A generator
 * gives the same program for the same arguments, so a program is compiled once on each device.
 *
 * @module
 */

import type { Texel } from "./textures.ts";

/** A compute shader, and how many groups of threads run it. */
export interface Program {
  /** What a profile calls it; programs that differ only by sizes share a name. */
  readonly name: string;
  /** The text: an entry point `main`, and bindings 0, 1, … of group 0, outputs before inputs. */
  readonly wgsl: string;
  /** Number of groups along each axis. */
  readonly groups: readonly [x: number, y: number, z: number];
  /** Rounds that all loops of a thread take together, where they may be many. */
  readonly rounds?: number;
  /** The inputs that are read as textures, by their bindings, with the floats of a texel. */
  readonly textures?: Readonly<Record<number, Texel>>;
  /** The same for tensors that are changed in place, where it can be done: a recording may do so. */
  readonly inPlace?: {
    /** It is bound to the outputs, and then to the inputs that no output takes the place of. */
    readonly program: Program;
    /** Of each output, the number of the input whose place it takes, if any's. */
    readonly over: readonly (number | undefined)[];
  };
}

/** Threads in a group, where a kernel has no reason for another number. */
export const GROUP = 64;
/**
 * Mesa's llvmpipe, which runs shaders where there is no GPU, ends the loops of a thread when all of them
 * together took so many rounds, and says nothing.
 */
export const MOST_ROUNDS = 65_535;
/** Most groups along one axis that every device takes. */
const MOST_GROUPS = 65_535;

/** Remembers what a generator gave, by its arguments: plain data. */
export function generator<A extends readonly unknown[]>(
  generate: (...args: A) => Program,
): (...args: A) => Program {
  const made = new Map<string, Program>();
  return (...args) => {
    const at = JSON.stringify(args);
    let program = made.get(at);
    if (program === undefined) made.set(at, program = Object.freeze(generate(...args)));
    return program;
  };
}

/** The types that the elements of a binding can have. */
export type Element =
  | "f32"
  | "vec2f"
  | "vec4f"
  | "i32"
  | "vec4i"
  | "u32"
  | "vec4u";

/** Those that can be kept in halves, with what they are there. */
export const HALVES = { f32: "f16", vec4f: "vec4<f16>" } as const;

/** Text that reads and writes elements of arrays, of which those named as `halves` are of halves. */
export function access(type: keyof typeof HALVES, halves: readonly string[]): {
  read: (array: string, at: string) => string;
  write: (array: string, at: string, value: string) => string;
} {
  const converted = (array: string, to: string, value: string) =>
    halves.includes(array) ? `${to}(${value})` : value;
  return {
    read: (array, at) => converted(array, type, `${array}[${at}]`),
    write: (array, at, value) => `${array}[${at}] = ${converted(array, HALVES[type], value)};`,
  };
}

/** How an input is bound: as an array, or as a texture (see `textures.ts`). */
export type Input = Element | "texture";

/**
 * Declares the bindings of a program, in the order in which tensors are given to `dispatch`; this has to
 * come first. The arrays among them that are named as `halves` are of halves. A texture takes either.
 */
export function bindings(
  outputs: Readonly<Record<string, Element>>,
  inputs: Readonly<Record<string, Input>>,
  halves: readonly string[] = [],
): string {
  const elements = (name: string, type: Element) =>
    halves.includes(name) ? HALVES[type as keyof typeof HALVES] : type;
  const declare = (access: string) => ([name, type]: [string, Input]) =>
    type === "texture"
      ? `var ${name}: texture_2d<f32>;`
      : `var<storage, ${access}> ${name}: array<${elements(name, type)}>;`;
  const lines = [
    ...Object.entries(outputs).map(declare("read_write")),
    ...Object.entries(inputs).map(declare("read")),
  ].map((line, i) => `@group(0) @binding(${i}) ${line}\n`).join("");
  return lines.includes("f16") ? `enable f16;\n${lines}` : lines;
}

const OF_HALVES = /@binding\((\d+)\) var<[^>]*> \w+: array<(?:f16|vec4<f16>)>;/g;
const declared = new WeakMap<Program, ReadonlySet<number>>();

/** Gives the numbers of the arrays of halves that a program declares. */
export function halvesOf(program: Program): ReadonlySet<number> {
  let numbers = declared.get(program);
  if (numbers === undefined) {
    numbers = new Set([...program.wgsl.matchAll(OF_HALVES)].map(([, binding]) => Number(binding)));
    declared.set(program, numbers);
  }
  return numbers;
}

/** Gives the groups for a number of threads; `main` finds its thread with {@linkcode entry}. */
export function groupsFor(threads: number, group = GROUP): Program["groups"] {
  const groups = Math.ceil(threads / group);
  return groups <= MOST_GROUPS ? [groups, 1, 1] : [MOST_GROUPS, Math.ceil(groups / MOST_GROUPS), 1];
}

/**
 * An entry point with the body run once for each `t`, an `i32` from 0 up to the number of threads: a
 * number or an expression of WGSL.
 */
export function entry(threads: number | string, body: string, group = GROUP): string {
  return `@compute @workgroup_size(${group}) fn main(
  @builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u
) {
  let t = i32(id.x + id.y * groups.x * ${group}u);
  if (t >= ${threads}) { return; }
${body}
}
`;
}
