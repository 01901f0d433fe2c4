import { assertEquals, assertThrows } from "@std/assert";
import { helpOf, parseOptions, required } from "../../lib/cli/options.ts";
import { ArgumentError } from "../../mod.ts";

const options = {
  name: { type: "text", about: "a text" },
  mode: { type: "text", choices: ["fast", "slow"], default: "fast", about: "one of two" },
  count: { type: "integer", least: 1, default: 3, about: "an integer" },
  rate: { type: "number", least: 0, about: "a number" },
  loud: { type: "flag", about: "a flag" },
} as const;

Deno.test("parseOptions() gives typed values and defaults", () => {
  const none: {
    readonly name: string | undefined;
    readonly mode: string;
    readonly count: number;
    readonly rate: number | undefined;
    readonly loud: boolean;
  } = parseOptions([], options);
  assertEquals(none, { name: undefined, mode: "fast", count: 3, rate: undefined, loud: false });
  const args = ["--name=x", "--mode", "slow", "--count", "7", "--rate", "1e-4", "--loud"];
  assertEquals(parseOptions(args, options), {
    name: "x",
    mode: "slow",
    count: 7,
    rate: 1e-4,
    loud: true,
  });
});

Deno.test("parseOptions() says what is wrong and what is needed", () => {
  const refuse = (args: string[], message: string) =>
    assertThrows(() => parseOptions(args, options), ArgumentError, message);
  refuse(
    ["--nam", "x"],
    'Cannot understand "--nam": need one of --name, --mode, --count, --rate, --loud',
  );
  refuse(["x"], 'Cannot understand "x": need one of --name, --mode, --count, --rate, --loud');
  refuse(["--name"], "Cannot use --name: need exactly one value");
  refuse(["--mode", "odd"], 'Cannot use --mode "odd": need one of fast, slow');
  refuse(["--count", "0"], "Cannot use --count 0: need an integer of at least 1");
  refuse(["--count", "1.5"], "Cannot use --count 1.5: need an integer of at least 1");
  refuse(["--count", "many"], "Cannot use --count many: need an integer of at least 1");
  refuse(["--rate", "NaN"], "Cannot use --rate NaN: need a number of at least 0");
  refuse(["--rate=-1"], "Cannot use --rate -1: need a number of at least 0");
});

Deno.test("An option may have a value for when it is given without one", () => {
  const options = {
    watch: { type: "integer", least: 0, bare: 8000, value: "PORT", about: "a port" },
    loud: { type: "flag", about: "a flag" },
  } as const;
  assertEquals(parseOptions([], options).watch, undefined);
  assertEquals(parseOptions(["--watch"], options).watch, 8000);
  assertEquals(parseOptions(["--watch", "--loud"], options), { watch: 8000, loud: true });
  assertEquals(parseOptions(["--watch", "0"], options).watch, 0);
  assertThrows(
    () => parseOptions(["--watch", "web"], options),
    ArgumentError,
    "Cannot use --watch web: need an integer of at least 0",
  );
  assertEquals(
    helpOf("demo", "Show", options).split("\n").slice(-2),
    ["  --watch [PORT]  a port (default 8000)", "  --loud          a flag"],
  );
});

Deno.test("required() asks for a value that is missing", () => {
  assertEquals(required({ out: "x" }, "out"), "x");
  assertThrows(
    () => required({ out: undefined as string | undefined }, "out"),
    ArgumentError,
    "Cannot go on without --out: need a value for it",
  );
});

Deno.test("helpOf() lists every option with its value, default and choices", () => {
  assertEquals(
    helpOf("demo", "Show something", options),
    `Show something

Usage: deno task cli demo [options]

Options:
  --name TEXT       a text
  --mode fast|slow  one of two (default fast)
  --count N         an integer (default 3)
  --rate N          a number
  --loud            a flag`,
  );
});
