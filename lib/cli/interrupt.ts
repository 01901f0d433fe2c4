/**
 * Ctrl-C and a polite kill end a training between two steps, so that what was learned is saved; a
 * second one ends the process at once.
 *
 * @module
 */

/** What comes of interrupts; they end the process as usual when this is disposed. */
export interface Interrupts extends Disposable {
  /** The exit code of a process that was stopped: as in shells, 130 after Ctrl-C, 143 after a kill. */
  readonly exitCode: number;
}

/** Aborts on the first interrupt, and exits on the second, until it is disposed. */
export function abortOnInterrupt(abort: AbortController, log: (line: string) => void): Interrupts {
  let exitCode = 130;
  const listen = (signal: Deno.Signal, code: number): () => void => {
    const listener = () => {
      if (abort.signal.aborted) Deno.exit(code);
      exitCode = code;
      log("Stopping after this step; once more to stop at once");
      abort.abort();
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  };
  const ends = [
    listen("SIGINT", 130),
    ...Deno.build.os === "windows" ? [] : [listen("SIGTERM", 143)],
  ];
  return {
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const end of ends) end();
    },
  };
}
