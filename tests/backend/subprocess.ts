/** Runs a program in a process of its own: without permissions, and with an environment to choose. */

const ROOT = new URL("../../", import.meta.url);

/** What came of a program. */
export interface Outcome {
  /** The exit status; a program that does not end by itself is killed after a minute. */
  readonly code: number;
  /** What it printed. */
  readonly output: string;
  /** What it complained of. */
  readonly errors: string;
}

/** Runs TypeScript that imports from the package by its name. */
export async function runProgram(code: string, env: Record<string, string> = {}): Promise<Outcome> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", "--no-check", "-"],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const { code: status, stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // The driver of software Vulkan asks for a folder that it does not need.
  const errors = text(stderr).replace(/^.*XDG_RUNTIME_DIR.*\n/gm, "");
  return { code: status, output: text(stdout), errors };
}
