import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { TreeError } from "../lib/errors.ts";
import { abstractTensor, type Tensor } from "../lib/tensor.ts";
import { joinPath, selects, splitPath } from "../lib/path.ts";
import {
  entries,
  flatten,
  leaves,
  map,
  replace,
  select,
  type Tree,
  unflatten,
  zip,
} from "../lib/tree.ts";

const leaf = (size = 1): Tensor => abstractTensor([size]);
const paths = (tree: Tree): string[] => entries(tree).map(([path]) => path);

Deno.test("entries() lists the leaves in the order of the tree", () => {
  const [a, b, c] = [leaf(), leaf(), leaf()];
  assertEquals(entries({ z: a, list: [b, { inner: c }], none: [], nothing: {} }), [
    ["z", a],
    ["list.0", b],
    ["list.1.inner", c],
  ]);
  assertEquals(entries(a), [["", a]]);
  assertEquals(entries([]), []);
});

Deno.test("entries() lists a shared leaf once for each place", () => {
  const shared = leaf();
  assertEquals(entries({ a: shared, b: [shared] }), [["a", shared], ["b.0", shared]]);
});

Deno.test("entries() refuses a tree that contains itself, and not one that shares a branch", () => {
  const branch = [leaf()];
  assertEquals(paths({ a: branch, b: branch }), ["a.0", "b.0"]);
  const cycle: Record<string, Tree> = { a: leaf() };
  cycle.back = [cycle];
  const error = assertThrows(() => entries(cycle), TreeError);
  assertEquals(error.message, 'Cannot walk a tree: it contains itself, at "back.0"');
});

Deno.test("entries() refuses what is not a tree, and says where", () => {
  const wrong: [unknown, string][] = [
    [1, "number"],
    ["text", "string"],
    [null, "null"],
    [undefined, "undefined"],
    [() => 1, "function"],
    [new Float32Array(2), "Float32Array"],
    [new Map(), "Map"],
    [new Date(0), "Date"],
  ];
  for (const [value, shown] of wrong) {
    const error = assertThrows(() => entries({ a: [leaf(), value as Tree] }), TreeError);
    assertEquals(
      error.message,
      `Cannot walk a tree: need tensors as leaves, got ${shown}, at "a.1"`,
    );
    assertEquals(error.code, "TREE");
  }
});

/** Names that break a careless library: reordered, split, invisible, or magic. */
const NAMES = [
  "10",
  "2",
  "a.b",
  "",
  "with space",
  "größe",
  "深度",
  "\u{1F642}",
  "__proto__",
  "constructor",
  "a\\",
  "\\.",
  "*",
  "**",
];

/** A record with own properties of any name, as JSON.parse makes them. */
const record = (of: readonly (readonly [string, Tree])[]): Tree => Object.fromEntries(of);

Deno.test("A path gives back the names it was joined from, whatever they are", () => {
  for (const name of NAMES) assertEquals(splitPath(joinPath([name])), [name]);
  for (const a of NAMES) {
    for (const b of NAMES) assertEquals(splitPath(joinPath([a, b])), [a, b]);
  }
  const all = NAMES.flatMap((a) => NAMES.map((b) => joinPath([a, b])));
  assertEquals(new Set(all).size, all.length);
});

Deno.test("A tree keeps its names and their order through map() and unflatten()", () => {
  const tree = record(NAMES.map((name) => [name, record([[name, leaf()], ["x", leaf()]])]));
  const before = paths(tree);
  assertEquals(new Set(before).size, 2 * NAMES.length);
  assertEquals(paths(map((x) => x, tree)), before);
  assertEquals(paths(map((x) => x, map((x) => x, tree))), before);
  const back = unflatten(tree, flatten(tree));
  assertEquals(entries(back), entries(tree));
  assertStrictEquals(Object.getPrototypeOf(back), Object.prototype);
  assertEquals(({} as { x?: unknown }).x, undefined);
});

Deno.test("Trees may be ten thousand levels deep", () => {
  const bottom = leaf();
  let tree: Tree = bottom;
  for (let i = 0; i < 10_000; i++) tree = i % 2 === 0 ? [tree] : { a: tree };
  const [entry] = entries(tree);
  assertEquals(entry![0].length, 2 * 10_000 - 1);
  const other = leaf();
  assertStrictEquals(leaves(map(() => other, tree))[0], other);
  assertEquals(zip(([x]) => x!, tree, tree) === tree, false);
});

Deno.test("map() keeps the structure, tells the path, and freezes what it gives", () => {
  const tree = { a: leaf(1), b: [leaf(2), { c: leaf(3) }], none: [] };
  const seen: string[] = [];
  const out = map((x, path) => {
    seen.push(path);
    return leaf(x.size * 2);
  }, tree);
  assertEquals(seen, ["a", "b.0", "b.1.c"]);
  assertEquals(leaves(out).map(({ size }) => size), [2, 4, 6]);
  assertEquals(out.none, []);
  assert(Array.isArray(out.b) && Object.isFrozen(out) && Object.isFrozen(out.b));
});

Deno.test("map() of the identity gives the same leaves, and of a composition what two maps give", () => {
  const tree = { a: leaf(1), b: [leaf(2)] };
  assertEquals(leaves(map((x) => x, tree)), leaves(tree));
  const f = (x: Tensor): Tensor => leaf(x.size + 1);
  const g = (x: Tensor): Tensor => leaf(x.size * 3);
  const sizes = (tree: Tree): number[] => leaves(tree).map(({ size }) => size);
  assertEquals(sizes(map((x) => g(f(x)), tree)), sizes(map(g, map(f, tree))));
});

Deno.test("zip() brings the leaves at the same path together", () => {
  const out = zip(
    ([a, b, c]) => leaf(a!.size * 100 + b!.size * 10 + c!.size),
    { p: leaf(1), q: [leaf(2)] },
    { p: leaf(3), q: [leaf(4)] },
    { p: leaf(5), q: [leaf(6)] },
  );
  assertEquals(leaves(out).map(({ size }) => size), [135, 246]);
});

Deno.test("zip() names the first path that differs", () => {
  const cases: [Tree[], string][] = [
    [
      [{ a: leaf(), b: leaf() }, { a: leaf(), c: leaf() }],
      'Cannot zip trees: the first has "b" where the second has "c"',
    ],
    [
      [[leaf()], [leaf()], [leaf(), leaf()]],
      'Cannot zip trees: the first has no more leaves where the third has "1"',
    ],
    [
      [{ a: [leaf()] }, { a: leaf() }],
      'Cannot zip trees: the first has "a.0" where the second has "a"',
    ],
    [
      [[leaf()], [leaf()], [leaf()], [leaf()], [leaf()], []],
      'Cannot zip trees: the first has "0" where the number 6 has no more leaves',
    ],
  ];
  for (const [[first, ...others], message] of cases) {
    const error = assertThrows(() => zip(([x]) => x!, first!, ...others), TreeError);
    assertEquals(error.message, message);
  }
});

Deno.test("unflatten() names every path that is missing or one too many", () => {
  const like = { a: leaf(), b: leaf(), c: leaf() };
  const flat = new Map([["b", leaf()], ["d", leaf()], ["e.f", leaf()]]);
  const error = assertThrows(() => unflatten(like, flat), TreeError);
  assertEquals(
    error.message,
    'Cannot build the tree: missing "a", "c"; unexpected "d", "e.f"',
  );
});

Deno.test("selects() understands paths, one-name and many-name wildcards, lists and functions", () => {
  const path = "layer1.0.body.conv1.weight";
  const yes = [
    path,
    "**",
    "layer1.**",
    "**.weight",
    "**.conv1.*",
    "layer1.*.body.*.weight",
    "layer1.**.weight",
    "**.0.**",
    `${path}.**`,
    ["no", "**.weight"],
    (name: string) => name.endsWith("conv1.weight"),
  ];
  for (const selector of yes) assert(selects(selector, path), String(selector));
  const no = ["", "*", "layer1", "layer1.*", "weight", "**.bias", "*.weight", "layer*.**", []];
  for (const selector of no) assert(!selects(selector, path), String(selector));
  assert(selects("a\\.b.*", joinPath(["a.b", "c"])));
  assert(!selects("a.b.*", joinPath(["a.b", "c"])));
});

Deno.test("selects() takes no time that grows with every wildcard", () => {
  const path = Array(60).fill("a").join(".");
  assert(!selects(`${"**.a.".repeat(20)}**.b`, path));
});

Deno.test("select() gives the chosen leaves by path", () => {
  const [a, b, c] = [leaf(), leaf(), leaf()];
  const tree = { fc: { weight: a, bias: b }, bn: { weight: c } };
  assertEquals([...select(tree, "*.weight")], [["fc.weight", a], ["bn.weight", c]]);
  assertEquals([...select(tree, "none")], []);
});

Deno.test("replace() changes the chosen leaves and shares the others", () => {
  const tree = { fc: { weight: leaf(1), bias: leaf(2) }, bn: [leaf(3)] };
  const out = replace(tree, "fc.*", (x, path) => leaf(x.size * 10 + path.length));
  assertEquals(leaves(out).map(({ size }) => size), [19, 27, 3]);
  assertStrictEquals(out.bn[0], tree.bn[0]);
});

Deno.test("replace() refuses a selector that selects nothing", () => {
  const tree = { a: leaf() };
  const cases: [Parameters<typeof replace>[1], string][] = [
    ["b.**", 'Cannot replace leaves: "b.**" selects none'],
    [["b", "c.*"], 'Cannot replace leaves: "b c.*" selects none'],
    [() => false, "Cannot replace leaves: the function selects none"],
  ];
  for (const [selector, message] of cases) {
    const error = assertThrows(() => replace(tree, selector, (x) => x), TreeError);
    assertEquals(error.message, message);
  }
});
