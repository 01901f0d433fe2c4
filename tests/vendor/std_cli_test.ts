/** What this project expects of `@std/cli`, linked or original. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseArgs, type ParseOptions } from "@std/cli/parse-args";
import { ProgressBar } from "@std/cli/unstable-progress-bar";

type Case = [line: string, options: ParseOptions, result: Record<string, unknown>];

const CASES: Record<string, Case[]> = {
  "guesses what no option names": [
    ["--a", {}, { a: true, _: [] }],
    ["--a b c", {}, { a: "b", _: ["c"] }],
    ["--a=b=c", {}, { a: "b=c", _: [] }],
    ["--a=", {}, { a: "", _: [] }],
    ["--a 5 --b=0x10 --c 1e3 --d 1.2.3", {}, { a: 5, b: 16, c: 1000, d: "1.2.3", _: [] }],
    ["--a --b", {}, { a: true, b: true, _: [] }],
    ["--a -1", {}, { 1: true, a: true, _: [] }],
    ["--a=-1", {}, { a: -1, _: [] }],
    ["--a true --b false", {}, { a: "true", b: "false", _: [] }],
    ["--a 1 --a 2", {}, { a: 2, _: [] }],
    ["x 1 - y", {}, { _: ["x", 1, "-", "y"] }],
    ["--no-a", {}, { "no-a": true, _: [] }],
    ["--a.b 1 --a.c=x", {}, { a: { b: 1, c: "x" }, _: [] }],
  ],
  "reads letters in bundles": [
    ["-abc", {}, { a: true, b: true, c: true, _: [] }],
    ["-ab x", {}, { a: true, b: "x", _: [] }],
    ["-n5 -m=x", {}, { n: 5, m: "x", _: [] }],
    ["-f/path", {}, { f: "/path", _: [] }],
    ["-v x", { boolean: ["v"] }, { v: true, _: ["x"] }],
    ["-o x", { alias: { out: "o" }, string: ["out"] }, { o: "x", out: "x", _: [] }],
    ["-a -b", { string: ["a"] }, { a: "", b: true, _: [] }],
  ],
  "takes no value for booleans": [
    ["--a x", { boolean: ["a"] }, { a: true, _: ["x"] }],
    ["", { boolean: ["a", "b"] }, { a: false, b: false, _: [] }],
    ["--a false", { boolean: "a" }, { a: false, _: [] }],
    ["--a=false --b=x", { boolean: ["a", "b"] }, { a: false, b: true, _: [] }],
    ["--a x -b y", { boolean: true }, { a: true, b: "y", _: ["x"] }],
    ["-h", { boolean: ["help"], alias: { help: "h" } }, { h: true, help: true, _: [] }],
    ["", { boolean: ["help"], alias: { help: ["h", "?"] } }, {
      "h": false,
      "?": false,
      help: false,
      _: [],
    }],
  ],
  "leaves strings text": [
    ["--a 5", { string: ["a"] }, { a: "5", _: [] }],
    ["--a", { string: "a" }, { a: "", _: [] }],
    ["--a --b", { string: ["a"] }, { a: "", b: true, _: [] }],
    ["--a=007", { string: ["a"] }, { a: "007", _: [] }],
    ["", { string: ["a"] }, { _: [] }],
    ["5", { string: ["_"] }, { _: ["5"] }],
  ],
  "collects": [
    ["--a 1 --a 2", { collect: ["a"] }, { a: [1, 2], _: [] }],
    ["--a 1", { collect: ["a"], string: ["a"] }, { a: ["1"], _: [] }],
    ["", { collect: ["a"], string: ["a"] }, { a: [], _: [] }],
    ["-a x --all y", { collect: ["all"], string: ["all"], alias: { all: "a" } }, {
      all: ["x", "y"],
      a: ["x", "y"],
      _: [],
    }],
  ],
  "negates only what may be negated": [
    ["--no-a", { boolean: ["a"], negatable: ["a"], default: { a: true } }, { a: false, _: [] }],
    ["--no-a", { string: ["a"], negatable: ["a"] }, { a: false, _: [] }],
    ["--no-a", { boolean: ["a"] }, { a: false, "no-a": true, _: [] }],
  ],
  "fills in defaults": [
    ["", { default: { a: 1, b: [2] } }, { a: 1, b: [2], _: [] }],
    ["--a 3", { default: { a: 1 } }, { a: 3, _: [] }],
    ["", { boolean: ["a"], default: { a: true } }, { a: true, _: [] }],
    ["", { default: { all: 1 }, alias: { all: "a" } }, { a: 1, all: 1, _: [] }],
    ["--a.b 1", { default: { "a.c": 2 } }, { a: { b: 1, c: 2 }, _: [] }],
  ],
  "stops": [
    ["--a run --b 5", { boolean: ["a"], stopEarly: true }, { a: true, _: ["run", "--b", "5"] }],
    ["--a 1 -- --b 5", {}, { a: 1, _: ["--b", "5"] }],
    ["x -- --b 5", { "--": true }, { _: ["x"], "--": ["--b", "5"] }],
    ["x", { "--": true }, { _: ["x"], "--": [] }],
  ],
};

for (const [name, cases] of Object.entries(CASES)) {
  Deno.test(`parseArgs() ${name}`, () => {
    for (const [line, options, expected] of cases) {
      assertEquals<unknown>(parseArgs(line.split(" ").filter(Boolean), options), expected, line);
    }
  });
}

Deno.test("parseArgs() calls unknown for what it does not know and drops what it refuses", () => {
  const seen: unknown[] = [];
  const args = parseArgs(["x", "--yes", "--what=1", "-q", "--name", "n", "--also", "y"], {
    boolean: ["yes"],
    string: ["name"],
    unknown: (...call) => {
      seen.push(call);
      return call[0] === "--also";
    },
  });
  assertEquals<unknown>(args, { yes: true, name: "n", also: "y", _: [] });
  assertEquals(seen, [
    ["x"],
    ["--what=1", "what", "1"],
    ["-q", "q", true],
    ["--also", "also", "y"],
  ]);
});

Deno.test("parseArgs() never reaches a prototype", () => {
  const args = parseArgs(["--__proto__.polluted", "1", "--a.__proto__.polluted=1"]);
  assert(!("polluted" in {}) && !Object.hasOwn(args, "__proto__"));
});

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Fails to compile where two types differ. */
function same<A, B>(_equal: Same<A, B>): void {}

Deno.test("parseArgs() types its result by its options", () => {
  const args = parseArgs(["--tag", "a"], {
    boolean: ["json", "color"],
    string: ["model", "out", "tag", "device"],
    collect: ["tag"],
    negatable: ["color", "device"],
    default: { model: "resnet" },
    alias: { out: "o" },
  });
  same<typeof args.json, boolean>(true);
  same<typeof args.color, boolean>(true);
  same<typeof args.model, string>(true);
  same<typeof args.out, string | undefined>(true);
  same<typeof args.o, string | undefined>(true);
  same<typeof args.device, string | false | undefined>(true);
  same<typeof args.tag, string[]>(true);
  same<typeof args.whatever, unknown>(true);
  same<typeof args._, Array<string | number>>(true);
  assertEquals(args.tag, ["a"]);

  const dashed = parseArgs(["--", "x"], { "--": true, boolean: ["a"] });
  same<typeof dashed["--"], string[]>(true);
  assertEquals(dashed["--"], ["x"]);
});

/** Runs a progress bar on a stream that keeps what it is given. */
async function progress(
  options: Partial<ConstructorParameters<typeof ProgressBar>[0]>,
  use: (bar: ProgressBar) => void | Promise<void> = () => {},
): Promise<{ text: string; closed: boolean }> {
  let text = "";
  let closed = false;
  const decoder = new TextDecoder();
  const writable = new WritableStream<Uint8Array>({
    write: (bytes) => void (text += decoder.decode(bytes)),
    close: () => void (closed = true),
  });
  const bar = new ProgressBar({ writable, max: 2048, ...options });
  await use(bar);
  await bar.stop();
  return { text, closed };
}

Deno.test("ProgressBar prints at the start and at the end, and leaves the stream open", async () => {
  const { text, closed } = await progress({ barLength: 4 }, (bar) => {
    bar.value = 1024;
  });
  const lines = text.split("\r\x1b[K");
  assertEquals(lines[0], "");
  assertMatch(lines[1]!, /^\[00:00\] \[----\] \[0\.00\/2\.00 KiB\]$/);
  assertMatch(lines.at(-1)!, /^\[00:\d\d\] \[##--\] \[1\.00\/2\.00 KiB\]\n$/);
  assertEquals(closed, false);
});

Deno.test("ProgressBar prints what its formatter makes, at every interval", async () => {
  const { text } = await progress({
    max: 10,
    interval: 1,
    formatter: ({ value, previousValue, max }) => `${previousValue}>${value}/${max};`,
  }, async (bar) => {
    bar.value = 5;
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
  assertStringIncludes(text, "0>0/10;\r\x1b[K0>5/10;\r\x1b[K5>5/10;");
});

Deno.test("ProgressBar clears its line and closes the stream if asked to", async () => {
  const { text, closed } = await progress({ clear: true, keepOpen: false });
  assert(text.endsWith("\r\x1b[K"));
  assertEquals(closed, true);
});

Deno.test("ProgressBar outlives its reader", async () => {
  const writable = new WritableStream<Uint8Array>({
    write: () => Promise.reject(new Error("gone")),
  });
  const bar = new ProgressBar({ writable, max: 1 });
  await bar.stop();
});
