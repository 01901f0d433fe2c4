/**
 * Recipes as text and side by side: printing one, changing one by a line, telling what differs.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { parseRecipe } from "./parse.ts";
import type { Recipe } from "./recipe.ts";

/**
 * Writes a recipe as JSON, always in the same way.
 *
 * @example There and back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatRecipe, parseRecipe, recipes } from "@fplusx/nn/recipes";
 *
 * const recipe = recipes["paper-cifar"]!;
 * assertEquals(parseRecipe(JSON.parse(formatRecipe(recipe))), recipe);
 * ```
 */
export function formatRecipe(recipe: Recipe): string {
  return JSON.stringify(parseRecipe(recipe), null, 2);
}

/**
 * Gives a recipe of which one field is another: `schedule.peak=0.05`. What stands after the sign is
 * JSON, or else a text; `null` where a field may be absent takes it away.
 *
 * @throws {ArgumentError} If the change is not of this form, or the field or its value is not allowed.
 *
 * @example Half the rate, another schedule
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { override, recipes } from "@fplusx/nn/recipes";
 *
 * const slow = override(recipes["paper-cifar"]!, "schedule.peak=0.05");
 * assertEquals(slow.schedule.peak, 0.05);
 * const falling = override(slow, 'schedule={"kind":"cosine","peak":0.05,"end":0}');
 * assertEquals(falling.schedule.kind, "cosine");
 * ```
 */
export function override(recipe: Recipe, change: string): Recipe {
  const [, path, text] = /^([^=\s]+)=(.+)$/s.exec(change) ?? [];
  if (path === undefined || text === undefined) {
    throw new ArgumentError(`Cannot change a recipe by "${change}": need PATH=VALUE`);
  }
  return parseRecipe(withValue(recipe, path.split("."), valueOf(text)));
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withValue(whole: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const inner = typeof whole === "object" && whole !== null
    ? (whole as { readonly [name: string]: unknown })[name]
    : undefined;
  const next = withValue(inner, rest, value);
  if (Array.isArray(whole)) return Object.assign([...whole], { [name]: next });
  return { ...whole as object | undefined, [name]: next };
}

/** A field that two recipes do not have in common; absent where one does not have it. */
export type RecipeDifference = {
  /** Which field, as names joined by dots. */
  readonly path: string;
  /** What it is in the first, as JSON. */
  readonly first?: string;
  /** What it is in the second, as JSON. */
  readonly second?: string;
};

/**
 * Tells in which fields two recipes differ, in the order of the fields; of a list, the whole. What they
 * are said to be about does not count, so recipes that train the same do not differ.
 *
 * @example What Nesterov's momentum changes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { diffRecipes, override, recipes } from "@fplusx/nn/recipes";
 *
 * const plain = recipes["paper-cifar"]!;
 * assertEquals(diffRecipes(plain, override(plain, "optimizer.nesterov=true")), [
 *   { path: "optimizer.nesterov", first: "false", second: "true" },
 * ]);
 * ```
 */
export function diffRecipes(first: Recipe, second: Recipe): RecipeDifference[] {
  const [a, b] = [new Map(recipeFields(first)), new Map(recipeFields(second))];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((path) => path !== "about" && a.get(path) !== b.get(path))
    .map((path) => ({
      path,
      ...a.has(path) ? { first: a.get(path)! } : {},
      ...b.has(path) ? { second: b.get(path)! } : {},
    }));
}

/**
 * Gives the fields of a recipe, each with its path and its value as JSON; a list is one field.
 *
 * @example What there is to set
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recipeFields, recipes } from "@fplusx/nn/recipes";
 *
 * const fields = new Map(recipeFields(recipes["paper-cifar"]!));
 * assertEquals(fields.get("schedule.at"), "[32000,48000]");
 * ```
 */
export function recipeFields(recipe: Recipe): [path: string, json: string][] {
  const fields = (value: object, path: string): [string, string][] =>
    Object.entries(value).flatMap(([name, inner]) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? fields(inner, `${path}${name}.`)
        : [[`${path}${name}`, JSON.stringify(inner)] as [string, string]]
    );
  return fields(recipe, "");
}
