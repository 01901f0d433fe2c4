/**
 * Schemas: what a value from outside has to be. A schema reads an unknown value and gives it back with
 * its type, its fields in the order of the schema; what is wrong is said with its path, what it is, and
 * what is needed. They are as many as recipes need.
 *
 * @module
 */

import { ArgumentError, within } from "../errors.ts";
import { need as needed, type Range } from "../optim/range.ts";

/** Reads a value that may be anything. */
export type Schema<T> = (value: unknown) => T;

/** The schema of each field of a record. */
type Fields<T> = { readonly [K in keyof T]-?: Schema<T[K]> };

function wrong(value: unknown, need: string): ArgumentError {
  return new ArgumentError(
    value === undefined
      ? `Cannot leave this out of a recipe: need ${need}`
      : `Cannot use ${JSON.stringify(value)} in a recipe: need ${need}`,
  );
}

/** A string with something in it. */
export const text: Schema<string> = (value) => {
  if (typeof value === "string" && value !== "") return value;
  throw wrong(value, "a text");
};

/** Yes or no. */
export const flag: Schema<boolean> = (value) => {
  if (typeof value === "boolean") return value;
  throw wrong(value, "true or false");
};

/** A number in a range. */
export function number(range: Range): Schema<number> {
  return (value) => {
    const is = typeof value === "number" ? value : NaN;
    const need = needed(range, is);
    if (need === undefined) return is;
    throw wrong(value, need);
  };
}

/** One of a few strings. */
export function oneOf<const T extends string>(...choices: readonly T[]): Schema<T> {
  return (value) => {
    const choice = choices.find((choice) => choice === value);
    if (choice !== undefined) return choice;
    throw wrong(value, `one of ${choices.join(", ")}`);
  };
}

/** What a schema reads, or `null`, which may be left out. */
export function orNull<T>(schema: Schema<T>): Schema<T | null> {
  return (value) => value === null || value === undefined ? null : schema(value);
}

/** What a schema reads, or what stands for it where it is left out. */
export function orElse<T>(schema: Schema<T>, neutral: T): Schema<T> {
  return (value) => value === undefined ? neutral : schema(value);
}

/** What a schema reads, or nothing at all. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return (value) => value === undefined ? undefined : schema(value);
}

/** A list of what a schema reads. */
export function list<T>(schema: Schema<T>): Schema<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw wrong(value, "a list");
    return Object.freeze(value.map((item, i) => within(`${i}`, () => schema(item))));
  };
}

/** A record with these fields, and no others. */
export function record<T extends object>(fields: Fields<T>): Schema<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw wrong(value, `a record of ${names.join(", ")}`);
    }
    const given = value as { readonly [name: string]: unknown };
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) throw wrong(unknown, `one of ${names.join(", ")}`);
    const read = names.map((name) => {
      return [name, within(name, () => fields[name](given[name]))] as const;
    });
    const there = read.filter(([, value]) => value !== undefined);
    return Object.freeze(Object.fromEntries(there)) as T;
  };
}

/** A record whose field `kind` says which others it has. */
export function variant<T extends { readonly kind: string }>(
  kinds: { readonly [K in T["kind"]]: Omit<Fields<Extract<T, { kind: K }>>, "kind"> },
): Schema<T> {
  const names = Object.keys(kinds) as T["kind"][];
  const kind = oneOf(...names);
  return (value) => {
    const given = (value ?? undefined) as { readonly kind?: unknown } | undefined;
    if (given === undefined || typeof given !== "object") {
      throw wrong(value, `a record with kind, one of ${names.join(", ")}`);
    }
    const which = within("kind", () => kind(given.kind));
    // The fields are those of the kind that the value says it is.
    return record<T>({ kind, ...kinds[which] } as unknown as Fields<T>)(value);
  };
}
