/**
 * `recipes`: lists the recipes, prints one as JSON (which `train --recipe FILE.json` takes back), or
 * tells in what two differ.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { diffRecipes, formatRecipe, override, recipes } from "../recipes/mod.ts";
import { helpOf, parseOptions } from "./options.ts";
import { readRecipe, recipeOptions } from "./recipe_options.ts";
import type { Verb } from "./verb.ts";

const options = {
  set: recipeOptions.set,
  json: { type: "flag", about: "print only one line of JSON" },
} as const;

const ABOUT = "List the recipes, print one, or tell in what two differ";

/** The verb `recipes`. */
export const recipesVerb: Verb = {
  about: ABOUT,
  help: () => helpOf("recipes [NAME [OTHER]]", ABOUT, options),
  run: async (args) => {
    const count = args.findIndex((arg) => arg.startsWith("-"));
    const names = count < 0 ? args : args.slice(0, count);
    const values = parseOptions(args.slice(names.length), options);
    if (names.length > 2) {
      throw new ArgumentError(`Cannot compare ${names.length} recipes: need one or two`);
    }
    if (names.length === 0 && values.set.length > 0) {
      throw new ArgumentError("Cannot use --set with all recipes: need the name of one");
    }
    const [one, other] = await Promise.all(names.map(readRecipe));
    const changed = one && values.set.reduce(override, one);
    console.log(told(changed, other, values.json));
    return 0;
  },
};

type Told = Parameters<typeof formatRecipe>[0] | undefined;

function told(one: Told, other: Told, json: boolean): string {
  if (one === undefined) return json ? JSON.stringify(recipes) : list();
  if (other === undefined) return json ? JSON.stringify(one) : formatRecipe(one);
  const differ = diffRecipes(one, other);
  if (json) return JSON.stringify(differ);
  if (differ.length === 0) return "they train the same";
  const rows = differ.map(({ path, first = "absent", second = "absent" }) => [path, first, second]);
  const [a, b] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([path, first, second]) => `${path!.padEnd(a!)}  ${first!.padEnd(b!)}  ${second}`)
    .join("\n");
}

function list(): string {
  const width = Math.max(...Object.keys(recipes).map((name) => name.length));
  return Object.entries(recipes)
    .map(([name, { about }]) => `${name.padEnd(width)}  ${about}`)
    .join("\n");
}
