/** The verb `lab`: what it refuses before anything is loaded, and what it writes. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FileError } from "@fplusx/nn";
import { bench, type Entry, experiments, runExperiment } from "@fplusx/nn/lab";
import { codeVersion } from "../../lib/cli/code_version.ts";
import { folderStore, writeEntry, writeReport } from "../../lib/cli/lab_folder.ts";
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

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>t</title></svg>';

/** Runs an experiment that only counts, in a folder. */
function counted(folder: string, name: string, title: string): Promise<Entry> {
  const experiment = {
    ...{ name, title, claim: "", setUp: "", refutedBy: "", differences: "" },
    minutes: 1,
    specs: { quick: 3, full: 300 },
    async run(spec: number, { arm }: ReturnType<typeof bench>) {
      const options = { task: "count", configuration: spec, seed: 0, usesData: false };
      const sum = await arm(options, () => Promise.resolve(spec));
      const findings = [{ claim: "three", shown: sum === 3, evidence: "3" }];
      return { findings, tables: [], figures: [{ name: "one", caption: "", svg }], data: sum };
    },
  };
  const store = folderStore(folder);
  const on = bench({ version: "0", backend: "cpu", data: () => Promise.reject(), store });
  return runExperiment(experiment, "quick", on);
}

Deno.test("A folder keeps arms, entries and figures, and its report tells of all of them", async () => {
  const folder = `runs/lab-test-${crypto.randomUUID()}`;
  try {
    const named = ["second", "first"].map((name) => ({ ...experiments[0]!, name }));
    for (const { name } of named) {
      await writeEntry(folder, await counted(folder, name, `T ${name}`));
    }
    const options = { command: "lab", machine: "this one" };
    assertEquals(await writeReport(folder, named.toReversed(), options), `${folder}/report.html`);
    const html = await Deno.readTextFile(`${folder}/report.html`);
    assert(html.indexOf("T first") < html.indexOf("T second"), "in the order of the experiments");
    assertEquals(await Deno.readTextFile(`${folder}/first/one.svg`), svg);
    const { ledger, result } = JSON.parse(await Deno.readTextFile(`${folder}/first.json`));
    assertEquals(result.data, 3);
    const [{ hash }] = ledger;
    const { line, value } = JSON.parse(await Deno.readTextFile(`${folder}/arms/${hash}.json`));
    assertEquals([line.hash, value], [hash, 3]);

    const again = (hash: string) =>
      run("lab", "all", "--out", folder, "--again", hash, "--backend", "wasm", "--json");
    assertEquals(await again("0"), {
      code: 2,
      out: "",
      err: `Error: Cannot run arm 0 again: it is not in "${folder}"`,
    });
    assertEquals(await again(hash), {
      code: 2,
      out: "",
      err: `Error: Cannot run arm ${hash} again: it is of version 0, and this is ` +
        await codeVersion(),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("A folder that cannot be made is an error of ours", async () => {
  await Deno.mkdir("runs", { recursive: true });
  const file = await Deno.makeTempFile({ dir: "runs" });
  try {
    const error = await assertRejects(
      () => folderStore(file).write("arms/x", new Uint8Array()),
      FileError,
    );
    assertStringIncludes(error.message, `Cannot write "${file}/arms/": `);
  } finally {
    await Deno.remove(file);
  }
});
