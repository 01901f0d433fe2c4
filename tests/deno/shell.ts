/**
 * A shell for tests, which themselves may run nothing but Deno. As a program it runs a script:
 * `deno run --allow-run=sh tests/deno/shell.ts SCRIPT [ARGUMENT …]`.
 *
 * @module
 */

/** What came of a script. */
export interface Outcome {
  /** The exit status. */
  readonly code: number;
  /** What it printed. */
  readonly out: string;
  /** What it complained of. */
  readonly err: string;
}

/** Runs a script of the shell in the root of the project; its arguments are `$1`, `$2` and so on. */
export async function shell(script: string, ...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-run=sh", import.meta.filename!, script, ...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
  return { code, out: text(stdout), err: text(stderr) };
}

if (import.meta.main) {
  const [script = "", ...args] = Deno.args;
  const command = new Deno.Command("sh", { args: ["-ec", script, "sh", ...args] });
  Deno.exit((await command.spawn().status).code);
}
