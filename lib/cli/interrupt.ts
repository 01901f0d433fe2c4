/**
 * Ctrl-C and a polite kill end a training between two steps, so that what was learned is saved; a
 * second one ends the process at once.
 *
 * @module
 */

/** The exit code after Ctrl-C, as shells have it. */
export const INTERRUPTED = 130;

/** Aborts on the first interrupt, and exits on the second, until it is disposed. */
export function abortOnInterrupt(abort: AbortController, log: (line: string) => void): Disposable {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const listener = () => {
    if (abort.signal.aborted) Deno.exit(INTERRUPTED);
    log("Stopping after this step; once more to stop at once");
    abort.abort();
  };
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, listener);
    },
  };
}
