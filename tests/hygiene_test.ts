/**
 * The rules of the project that no linter knows. Each text rule comes with a line that breaks it, so
 * that a rule which has stopped catching anything is noticed.
 */

import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";

const ROOT = new URL("../", import.meta.url);
const IGNORED = [".git", ".venv", "__pycache__", "coverage", "node_modules", "runs"];
const MAX_LINES = 300;

/** Files with a reason to be longer: all that there is to import is one list. */
const LONG: readonly string[] = ["mod.ts"];

interface Rule {
  /** What the rule says. */
  rule: string;
  /** The files it is about. */
  where: RegExp;
  /** What must not be found in their code, comments left out. */
  never: RegExp;
  /** A line that breaks it. */
  broken: string;
}

const RULES: readonly Rule[] = [
  {
    rule: "Values are read asynchronously",
    where: /^(lib\/|examples\/|mod\.ts)/,
    never: /(?<!\bsuper)\.(data|array|read)Sync\(/,
    broken: "x.dataSync()",
  },
  {
    rule: "No command asks for every permission",
    where: /^(examples\/|\.ci\/|deno\.json$)|\.md$/,
    never: /(?<![\w-])(-A|--allow-all)(?![\w-])/,
    broken: "deno run -A main.ts",
  },
  {
    rule: "Only the seam and the backends know the packages of tfjs",
    where: /^(examples\/|mod\.ts|lib\/(?!tfjs\.ts|backend\/))/,
    never: /["'](npm:)?@tensorflow\//,
    broken: 'import "@tensorflow/tfjs-core";',
  },
  {
    rule: "The library imports nothing of @std, but for its command line",
    where: /^(mod\.ts|lib\/(?!cli\/))/,
    never: /["'](jsr:)?@std\//,
    broken: 'import { assert } from "@std/assert";',
  },
  {
    rule: "The library runs in a browser, but for its command line and its file access",
    where: /^(mod\.ts|lib\/(?!cli\/|deno\/|backend\/wasm\/threads\.ts))/,
    never: /(?<!["'])\bDeno\.|["']node:/,
    broken: 'Deno.readFile("x")',
  },
  {
    rule: "Nothing is left to do",
    where: /^(mod\.ts|(lib|examples|vendor|tests)\/).*(?<!hygiene_test)\.ts$/,
    never: /\b(TODO|FIXME|XXX)\b/,
    broken: "f(); // TODO",
  },
  {
    rule: "The lock file names no registry host",
    where: /^deno\.lock$/,
    never: /https?:/,
    broken: '"resolved": "https://registry.example/a.tgz"',
  },
];

/** Imports go down only: a file imports from its own level and from those before it. */
const LEVELS: readonly RegExp[] = [
  /^lib\/errors\.ts$/,
  /^lib\/(ops\/)?[^/]+\.ts$/,
  /^lib\/backend\//,
  /^lib\/layers\//,
  /^lib\/combinators\//,
  /^lib\/weights\//,
  /^lib\/(optim|train|testing)\//,
  /^lib\/(data|images|models)\//,
  /^lib\/recipes\//,
  /^lib\/inspect\//,
  /^lib\/(deno|lab)\//,
  /^lib\/cli\//,
];

const files = [...listFiles("")];
const sources = files.filter((path) => path.endsWith(".ts"));

function* listFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder || ".", ROOT))) {
    if (IGNORED.includes(name)) continue;
    if (isDirectory) yield* listFiles(`${folder}${name}/`);
    else yield folder + name;
  }
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The text without comments that stand on lines of their own, which hold examples. */
function codeOf(path: string): string {
  return path.endsWith(".ts")
    ? read(path).replace(/^\s*(\/\*[^]*?\*\/|\/\/.*$)/gm, "")
    : read(path);
}

function importsOf(path: string): string[] {
  const specifiers = codeOf(path).matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...specifiers].map(([, specifier]) => join(dirname(path), specifier!));
}

function levelOf(path: string): number {
  return path === "mod.ts" ? LEVELS.length : LEVELS.findIndex((level) => level.test(path));
}

for (const { rule, where, never, broken } of RULES) {
  Deno.test(rule, () => {
    assert(never.test(broken));
    const found = files.filter((path) => where.test(path) && never.test(codeOf(path)));
    assertEquals(found, []);
  });
}

Deno.test("Imports go down only", () => {
  assert(levelOf("lib/layers/conv.ts") > levelOf("lib/layer.ts"));
  const library = sources.filter((path) => path.startsWith("lib/"));
  assertEquals(library.filter((path) => levelOf(path) < 0), [], "of no level");
  const upward = library.flatMap((path) =>
    importsOf(path)
      .filter((target) => levelOf(target) > levelOf(path))
      .map((target) => `${path} imports ${target}`)
  );
  assertEquals(upward, []);
});

Deno.test("A file is named after one concept", () => {
  const vague = /(^|\/)(utils?|helpers?|common|types|misc)(\/|\.ts$)/;
  assert(vague.test("lib/utils.ts"));
  assertEquals(sources.filter((path) => vague.test(path) || /[A-Z]|-/.test(path)), []);
});

Deno.test(`A file has ${MAX_LINES} lines at most, unless it is a list of tests`, () => {
  const written = sources.filter((path) => !path.startsWith("tests/"));
  const long = written.filter((path) => read(path).split("\n").length - 1 > MAX_LINES);
  assertEquals(long.sort(), [...LONG].sort());
});
