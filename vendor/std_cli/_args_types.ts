/**
 * What `parseArgs` returns, computed from its options: strings may be missing, booleans never are,
 * collected flags are arrays, a default makes a flag certain, and an alias has the type of its flag.
 *
 * @module
 */

/** The literal names of a list option, or undefined where it is not given. */
export type Names = string | undefined;

/** The names of booleans; `true` makes every double-dashed flag one. */
export type BooleanNames = boolean | Names;

/** The other names a flag goes by. */
export type Aliases = Readonly<Record<string, string | readonly string[]>>;

/** Anything may be a default. */
export type Defaults = Record<string, unknown>;

/** The flags of a parse; without any declared, whatever the command line says. */
export type Flags<
  B extends BooleanNames,
  S extends Names,
  C extends Names,
  N extends Names,
  D extends Defaults | undefined,
  A extends Aliases | undefined,
> = [Extract<B | S | C, string>] extends [never]
  // deno-lint-ignore no-explicit-any -- as in @std/cli: nothing is declared, so nothing is known
  ? Record<string, any>
  : Record<string, unknown> & Aliased<Defaulted<Declared<Extract<B, string>, S, C, N>, D>, A>;

type Declared<B extends string, S extends Names, C extends Names, N extends Names> =
  & { [K in Exclude<Extract<S, string>, C>]?: string | Negated<K, N> }
  & { [K in Extract<S, C> & string]: string[] | Negated<K, N> }
  & { [K in Exclude<B, C>]: boolean }
  & { [K in Extract<B, C>]: boolean[] }
  & { [K in Exclude<Extract<C, string>, B | S>]: unknown[] | Negated<K, N> };

type Negated<K, N> = K extends N ? false : never;

type Defaulted<T, D> = D extends Defaults ?
    & Omit<T, keyof D>
    & { [K in keyof D]: K extends keyof T ? D[K] | NonNullable<T[K]> : unknown }
  : T;

type Aliased<T, A> = { [K in keyof T as K | AliasOf<K, A>]: T[K] };

type AliasOf<K, A> = K extends keyof A
  ? A[K] extends infer V ? V extends readonly (infer Name extends string)[] ? Name : V & string
  : never
  : never;
