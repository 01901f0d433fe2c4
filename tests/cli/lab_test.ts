/** The verb `lab`: what it refuses before anything is loaded, and what it writes. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { experiments } from "@fplusx/nn/lab";
import { codeVersion } from "../../lib/cli/code_version.ts";
import { main } from "../../lib/cli/main.ts";

/** Runs the command line in this process, and gives the exit code and what was printed. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { log: [] as string[], error: [] as string[] };
  const { log, error } = console;
  console.log = (line) => void printed.log.push(String(line));
  console.error = (line) => void printed.error.push(String(line));
  try {
    const code = await main(args);
    return { code, out: printed.log.join("\n"), err: printed.error.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("lab tells its experiments, and refuses what it does not know", async () => {
  const { code, out } = await run("lab", "--help");
  assertEquals(code, 0);
  for (const { name, title } of experiments) {
    assertStringIncludes(out, name);
    assertStringIncludes(out, title);
  }
  const known = [...experiments.map(({ name }) => name), "all"].join(", ");
  const refuse = async (args: string[], message: string) =>
    assertEquals(await run("lab", ...args), { code: 2, out: "", err: `Error: ${message}` });
  await refuse([], `Cannot run experiment without its name: need one of ${known}`);
  await refuse(["alchemy"], `Cannot run experiment "alchemy": need one of ${known}`);
  await refuse(
    ["all", "--quick", "--full"],
    "Cannot run with both --quick and --full: need one of them",
  );
});

Deno.test("The version of the code is the same until the code changes", async () => {
  const version = await codeVersion();
  assertEquals(await codeVersion(), version);
  assertEquals(/^\d+\.\d+\.\d+\+[0-9a-f]{12}$/.test(version), true);
});
