/**
 * Kernels that do the same with many tensors, as an optimizer does with parameters: as many in one
 * dispatch as the device can bind, since most of them are small and a dispatch is not free. Sizes are
 * not in the text, so that a deep network needs no more programs than a shallow one.
 *
 * @module
 */

import { sizeOf } from "../../tensor.ts";
import type { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";
import { dispatch } from "./dispatch.ts";
import { bindings, type Element, entry, generator, groupsFor, type Program } from "./program.ts";

/** What is done with each of many groups of tensors. */
export interface PerLeaf {
  /** What a profile calls it. */
  readonly name: string;
  /** What is made for each, by name, and the name of the input that it may be written over. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What is read for each, by name. */
  readonly inputs: readonly string[];
  /** The name of what is read for all, an array of floats. */
  readonly shared: string;
}

/** What is done with one group. */
export interface LeafCode {
  /** Number of elements of each of its tensors. */
  readonly size: number;
  /** What is done for the elements `at`, one or four: in the text `p$` is the tensor `p` of the group. */
  readonly body: string;
}

/**
 * Gives the program for some groups. Its outputs are those of the first group, of the second, and so
 * on; its inputs what all share, and those of each group.
 */
export const perLeaf: (what: PerLeaf, leaves: readonly LeafCode[]) => Program = generator(
  (what, leaves) => {
    const { inputs, outputs } = what;
    const over = Object.values(outputs);
    const inPlace = leaves.map(({ size, body }) => ({
      size,
      body: Object.entries(outputs)
        .reduce((text, [to, from]) => text.replaceAll(`${to}$`, `${from}$`), body),
    }));
    return {
      ...write(what, Object.keys(outputs), inputs, leaves),
      inPlace: {
        program: write(what, over, inputs.filter((name) => !over.includes(name)), inPlace),
        over: leaves.flatMap((_, i) =>
          over.map((name) => 1 + i * inputs.length + inputs.indexOf(name))
        ),
      },
    };
  },
);

const isWhole = (size: number) => size % 4 === 0;

function write(
  { name, shared }: PerLeaf,
  outputs: readonly string[],
  inputs: readonly string[],
  leaves: readonly LeafCode[],
): Program {
  const numbered = (names: readonly string[]) =>
    Object.fromEntries(leaves.flatMap(({ size }, i) => {
      const type: Element = isWhole(size) ? "vec4f" : "f32";
      return names.map((name) => [`${name}${i}`, type]);
    }));
  const lengths = leaves.map((_, i) => `i32(arrayLength(&${outputs[0]}${i}))`);
  const parts = leaves.map(({ body }, i) =>
    `  if (at < ${lengths[i]}) {
    ${body.replaceAll("$", String(i)).replaceAll("\n", "\n    ")}
    return;
  }
  at -= ${lengths[i]};`
  );
  const threads = leaves.reduce((sum, { size }) => sum + (isWhole(size) ? size / 4 : size), 0);
  return {
    name,
    wgsl: bindings(numbered(outputs), { [shared]: "f32", ...numbered(inputs) }) +
      entry(lengths.join(" + "), ["  var at = t;", ...parts].join("\n")),
    groups: groupsFor(threads),
  };
}

/** A group of tensors, of one shape, and what is done with it. */
export interface LeafGroup {
  /** Its tensors, in the order of the inputs. */
  readonly tensors: readonly tf.TensorInfo[];
  /** See {@linkcode LeafCode}. */
  readonly body: string;
}

/** Runs it for any number of groups, and gives what it makes: the first output of all, the second, … */
export function runPerLeaf(
  backend: GuardedBackend,
  what: PerLeaf,
  shared: tf.TensorInfo,
  groups: readonly LeafGroup[],
): tf.TensorInfo[] {
  const names = Object.keys(what.outputs);
  const { maxStorageBuffersPerShaderStage } = backend.device.limits;
  const most = Math.floor(
    (maxStorageBuffersPerShaderStage - 1) / (names.length + what.inputs.length),
  );
  const all = groups.map(({ tensors, body }) => {
    const { shape } = tensors[0]!;
    const outputs = names.map(() => backend.makeTensorInfo(shape, "float32"));
    return { tensors, outputs, size: sizeOf(shape), body };
  });
  // Those with the same code next to each other, so that most programs are the same.
  const ordered = all.toSorted((a, b) =>
    +isWhole(b.size) - +isWhole(a.size) || (a.body < b.body ? -1 : +(a.body > b.body))
  );
  for (let first = 0; first < all.length; first += most) {
    const lot = ordered.slice(first, first + most);
    const program = perLeaf(what, lot.map(({ size, body }) => ({ size, body })));
    const outputs = lot.flatMap(({ outputs }) => outputs);
    dispatch(backend, program, outputs, [shared, ...lot.flatMap(({ tensors }) => tensors)]);
  }
  return names.flatMap((_, k) => all.map(({ outputs }) => outputs[k]!));
}
