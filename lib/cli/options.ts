/**
 * Command-line options as data: one table says what a verb takes, and from it come the parsed
 * values with their types, the messages about mistakes, and the help.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { ArgumentError } from "../errors.ts";

/** One option of a verb. */
export type Option = {
  /** What a value must be; a `flag` has none, and a `list` is of texts, the option given once for each. */
  readonly type: "text" | "integer" | "number" | "flag" | "list";
  /** What it does, in one line. */
  readonly about: string;
  /** How the value is called in the help. */
  readonly value?: string;
  /** The value when the option is not given. */
  readonly default?: string | number;
  /** The value when the option is given without one. */
  readonly bare?: string | number;
  /** The least value of a number. */
  readonly least?: number;
  /** The values that are allowed. */
  readonly choices?: readonly string[];
};

/** The options of a verb by name. */
export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O["type"] extends "flag" ? boolean
  : O["type"] extends "list" ? readonly string[]
  :
    | (O["type"] extends "text" ? string : number)
    | (O extends { readonly default: string | number } ? never : undefined);

/** The values of options, typed by their table. */
export type OptionValues<T extends Options> = { readonly [K in keyof T]: ValueOf<T[K]> };

/**
 * Reads the arguments of a verb.
 *
 * @throws {ArgumentError} If an option is unknown, misses its value, or has a value it cannot have.
 */
export function parseOptions<const T extends Options>(
  args: readonly string[],
  options: T,
): OptionValues<T> {
  const names = Object.keys(options);
  const flags = names.filter((name) => options[name]!.type === "flag");
  const given = parseArgs([...args], {
    boolean: flags,
    string: names.filter((name) => !flags.includes(name)),
    collect: names.filter((name) => options[name]!.type === "list"),
    unknown: (arg) => {
      throw new ArgumentError(`Cannot understand "${arg}": need one of ${showNames(names)}`);
    },
  }) as Readonly<Record<string, unknown>>;
  const values = names.map((name) => [name, valueOf(name, options[name]!, given[name])]);
  return Object.fromEntries(values) as OptionValues<T>;
}

/**
 * Gives the value of an option that has to be given.
 *
 * @throws {ArgumentError} If it was not.
 */
export function required<T extends object, K extends keyof T & string>(
  values: T,
  name: K,
): NonNullable<T[K]> {
  const value = values[name];
  if (value !== undefined && value !== null) return value;
  throw new ArgumentError(`Cannot go on without --${name}: need a value for it`);
}

const showNames = (names: readonly string[]) => names.map((name) => `--${name}`).join(", ");

function valueOf(name: string, option: Option, given: unknown): unknown {
  if (option.type === "flag") return given === true;
  if (option.type === "list") return listOf(name, given);
  if (given === undefined) return option.default;
  if (given === "" && option.bare !== undefined) return option.bare;
  if (typeof given !== "string" || given === "") {
    throw new ArgumentError(`Cannot use --${name}: need exactly one value`);
  }
  if (option.choices && !option.choices.includes(given)) {
    throw new ArgumentError(
      `Cannot use --${name} "${given}": need one of ${option.choices.join(", ")}`,
    );
  }
  return option.type === "text" ? given : numberOf(name, option, given);
}

function listOf(name: string, given: unknown): readonly string[] {
  const texts = [given ?? []].flat();
  if (!texts.includes("")) return texts as string[];
  throw new ArgumentError(`Cannot use --${name}: need a value each time`);
}

function numberOf(name: string, { type, least = -Infinity }: Option, given: string): number {
  const value = Number(given);
  const fits = type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (fits && value >= least) return value;
  const kind = type === "integer" ? "an integer" : "a number";
  const bound = least === -Infinity ? "" : ` of at least ${least}`;
  throw new ArgumentError(`Cannot use --${name} ${given}: need ${kind}${bound}`);
}

/** Writes the help of a verb. */
export function helpOf(verb: string, about: string, options: Options): string {
  const rows = Object.entries(options).map(([name, option]) => {
    const what = option.choices?.join("|") ?? option.value ??
      (option.type === "flag" ? "" : option.type === "text" ? "TEXT" : "N");
    const value = option.bare === undefined ? what : `[${what}]`;
    const preset = option.default ?? option.bare;
    const otherwise = preset === undefined ? "" : ` (default ${preset})`;
    return [`--${name} ${value}`.trimEnd(), option.about + otherwise] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) =>
    width > 34 && left.length > 34
      ? `  ${left}\n  ${" ".repeat(34)}  ${right}`
      : `  ${left.padEnd(Math.min(width, 34))}  ${right}`
  );
  return [about, "", `Usage: deno task cli ${verb} [options]`, "", "Options:", ...lines].join("\n");
}
