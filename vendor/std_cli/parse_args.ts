/**
 * Command line arguments as an object: one pass over the arguments, each of which sets a flag, sets a
 * bundle of letters, or stands by itself; then the defaults.
 *
 * @module
 */

import type { Aliases, BooleanNames, Defaults, Flags, Names } from "./_args_types.ts";

/** What {@linkcode parseArgs} gives: the flags, and in `_` the arguments that belong to none. */
export type Args<
  // deno-lint-ignore no-explicit-any -- as in @std/cli: flags that nobody declared
  T extends Record<string, unknown> = Record<string, any>,
  DD extends boolean | undefined = undefined,
> = Merge<
  & T
  & { _: Array<string | number> }
  & (boolean extends DD ? { "--"?: string[] } : true extends DD ? { "--": string[] } : unknown)
>;

type Merge<T> = { [K in keyof T]: T[K] };

/** How {@linkcode parseArgs} reads the arguments. */
export interface ParseOptions<
  B extends BooleanNames = BooleanNames,
  S extends Names = Names,
  C extends Names = Names,
  N extends Names = Names,
  D extends Defaults | undefined = Defaults | undefined,
  A extends Aliases | undefined = Aliases | undefined,
  DD extends boolean | undefined = boolean | undefined,
> {
  /** Keeps what follows `--` apart, in the result's `--`. */
  "--"?: DD;
  /** Other names for flags. */
  alias?: A;
  /** Flags that take no value and are false unless given; `true` is all double-dashed ones. */
  boolean?: B | ReadonlyArray<Extract<B, string>>;
  /** Values of flags that are not given. */
  default?: D;
  /** Parses nothing after the first argument that is no flag. */
  stopEarly?: boolean;
  /** Flags whose values stay text. */
  string?: S | ReadonlyArray<Extract<S, string>>;
  /** Flags that may be given more than once; their values become an array. */
  collect?: C | ReadonlyArray<Extract<C, string>>;
  /** Flags that `--no-` makes false. */
  negatable?: N | ReadonlyArray<Extract<N, string>>;
  /** Called with each argument that the options do not name; returning false leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Gives the flags and the other arguments of a command line. */
export function parseArgs<
  B extends BooleanNames = undefined,
  S extends Names = undefined,
  C extends Names = undefined,
  N extends Names = undefined,
  D extends Defaults | undefined = undefined,
  const A extends Aliases | undefined = undefined,
  DD extends boolean | undefined = undefined,
>(
  args: readonly string[],
  options: ParseOptions<B, S, C, N, D, A, DD> = {},
): Args<Flags<B, S, C, N, D, A>, DD> {
  const end = args.indexOf("--");
  const rest = end < 0 ? [] : args.slice(end + 1);
  const parser = new Parser(options);
  const result = parser.parse(end < 0 ? args : args.slice(0, end));
  if (options["--"]) result["--"] = rest;
  else result._.push(...rest);
  // The one cast: the types follow the options, which the parser reads at run time.
  return result as Args<Flags<B, S, C, N, D, A>, DD>;
}

type Value = string | boolean;

class Parser {
  readonly #result: Args = { _: [] };
  readonly #aliases = new Map<string, string[]>();
  readonly #boolean: Set<string>;
  readonly #string: Set<string>;
  readonly #collect: Set<string>;
  readonly #negatable: Set<string>;
  readonly #options: ParseOptions;

  constructor(options: ParseOptions) {
    this.#options = options;
    for (const [name, aliases] of Object.entries(options.alias ?? {})) {
      const group = [name, ...[aliases].flat()];
      for (const one of group) this.#aliases.set(one, group.filter((other) => other !== one));
    }
    this.#boolean = this.#names(options.boolean);
    this.#string = this.#names(options.string);
    this.#collect = this.#names(options.collect);
    this.#negatable = this.#names(options.negatable);
  }

  #names(list: BooleanNames | readonly string[]): Set<string> {
    const names = [list ?? []].flat().filter((name) => typeof name === "string" && name !== "");
    return new Set((names as string[]).flatMap((name) => [name, ...this.#aliasesOf(name)]));
  }

  #aliasesOf(name: string): readonly string[] {
    return this.#aliases.get(name) ?? [];
  }

  parse(args: readonly string[]): Args {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!;
      const next = args[i + 1];
      if (arg.startsWith("--") && arg.length > 2) i += this.#long(arg, next);
      else if (arg.startsWith("-") && arg.length > 1) i += this.#letters(arg, next);
      else {
        if (this.#options.unknown?.(arg) !== false) {
          this.#result._.push(this.#string.has("_") ? arg : numeric(arg));
        }
        if (this.#options.stopEarly) {
          this.#result._.push(...args.slice(i + 1));
          break;
        }
      }
    }
    this.#fillIn();
    return this.#result;
  }

  /** Reads `--name`, `--name=value`, `--name value` or `--no-name`; gives how many more it took. */
  #long(arg: string, next: string | undefined): 0 | 1 {
    const [, name = "", value] = /^--(.+?)(?:=(.*))?$/s.exec(arg) ?? [];
    if (value !== undefined) {
      this.#set(name, this.#boolean.has(name) ? value !== "false" : value, arg);
      return 0;
    }
    if (name.startsWith("no-") && this.#negatable.has(name.slice(3))) {
      this.#set(name.slice(3), false, arg, { collect: false });
      return 0;
    }
    const takes = this.#options.boolean !== true && !next?.startsWith("-");
    return this.#valued(name, arg, takes ? next : undefined, next);
  }

  /** Reads `-abc`, `-n5`, `-n=5`, `-f/path` or `-n 5`; gives how many more arguments it took. */
  #letters(arg: string, next: string | undefined): 0 | 1 {
    for (let i = 1; i < arg.length - 1; i++) {
      const letter = arg[i]!;
      const tail = arg.slice(i + 1);
      if (tail === "-") {
        this.#set(letter, "-", arg);
        return 0;
      }
      const attached = attachedValue(letter, tail);
      if (attached !== undefined) {
        this.#set(letter, attached, arg);
        return 0;
      }
      this.#set(letter, this.#bare(letter), arg);
    }
    return this.#valued(arg.at(-1)!, arg, /^--?[^-]/.test(next ?? "") ? undefined : next, next);
  }

  /** Sets a flag to `candidate`, if it may have a value, or to the boolean that `next` spells. */
  #valued(
    name: string,
    arg: string,
    candidate: string | undefined,
    next: string | undefined,
  ): 0 | 1 {
    const isBoolean = this.#boolean.has(name);
    if (candidate && !isBoolean) this.#set(name, candidate, arg);
    else if (next === "true" || next === "false") this.#set(name, next === "true", arg);
    else {
      this.#set(name, this.#bare(name), arg);
      return 0;
    }
    return 1;
  }

  #bare(name: string): Value {
    return this.#string.has(name) ? "" : true;
  }

  #set(name: string, value: Value, arg: string, { collect = true } = {}): void {
    const known = this.#boolean.has(name) || this.#string.has(name) || this.#aliases.has(name) ||
      this.#collect.has(name) || (this.#options.boolean === true && /^--[^=]+$/.test(arg));
    if (!known && this.#options.unknown?.(arg, name, value) === false) return;
    const typed = typeof value === "string" && !this.#string.has(name) ? numeric(value) : value;
    for (const one of [name, ...this.#aliasesOf(name)]) {
      assign(this.#result, one, typed, collect && this.#collect.has(name));
    }
  }

  #fillIn(): void {
    for (const [name, value] of Object.entries(this.#options.default ?? {})) {
      if (has(this.#result, name)) continue;
      for (const one of [name, ...this.#aliasesOf(name)]) assign(this.#result, one, value, false);
    }
    for (const name of [...this.#boolean, ...this.#string]) {
      if (has(this.#result, name)) continue;
      if (this.#collect.has(name)) assign(this.#result, name, [], false);
      else if (this.#boolean.has(name)) assign(this.#result, name, false, false);
    }
  }
}

/** The value written onto a letter: after `=`, a number, or what no flag is called. */
function attachedValue(letter: string, tail: string): string | undefined {
  if (tail.startsWith("=")) return tail.slice(1);
  const isNumber = /[a-z]/i.test(letter) && /-?\d+(\.\d*)?(e-?\d+)?$/.test(tail);
  return isNumber || /^\W./s.test(tail) ? tail : undefined;
}

function numeric(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Sets the property at a dotted path, making the objects on the way; never touches a prototype. */
function assign(target: Record<string, unknown>, path: string, value: unknown, collect: boolean) {
  const names = path.split(".");
  if (names.includes("__proto__")) return;
  const last = names.pop()!;
  for (const name of names) {
    const inner = Object.hasOwn(target, name) ? target[name] : undefined;
    target = (target[name] = inner ?? {}) as Record<string, unknown>;
  }
  const old = Object.hasOwn(target, last) ? target[last] : undefined;
  if (!collect) target[last] = value;
  else if (Array.isArray(old)) old.push(value);
  else target[last] = old ? [old, value] : [value];
}

function has(target: unknown, path: string): boolean {
  for (const name of path.split(".")) {
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, name)) return false;
    target = Reflect.get(target, name);
  }
  return true;
}
