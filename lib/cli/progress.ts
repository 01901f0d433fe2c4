/**
 * The progress line: a bar, the loss, the speed and the time to go, redrawn in place on a terminal
 * and silent anywhere else.
 *
 * @module
 */

const encoder = new TextEncoder();
const CLEAR_LINE = "\r\x1b[2K";

/** What the progress line tells besides how far it is. */
export type ProgressFigures = {
  /** Loss, smoothed. */
  readonly loss?: number;
  /** Learning rate. */
  readonly learningRate?: number;
  /** Images per second. */
  readonly rate?: number;
};

/** A line at the bottom of the terminal that shows how far something is. */
export interface Progress extends Disposable {
  /** Shows that `done` of the total are done. */
  update(done: number, figures?: ProgressFigures): void;
  /** Prints a whole line above the progress line; where there is no terminal, just prints it. */
  log(line: string): void;
}

/** Formats a duration as `m:ss` or `h:mm:ss`. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Writes the line for one moment. */
export function progressLine(
  label: string,
  done: number,
  total: number,
  elapsed: number,
  { loss, learningRate, rate }: ProgressFigures = {},
): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const cells = Math.round(share * 24);
  const bar = "━".repeat(cells) + "─".repeat(24 - cells);
  const parts = [`${label} ${bar} ${String(Math.floor(share * 100)).padStart(3)}%`];
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
  if (learningRate !== undefined) parts.push(`lr ${learningRate.toPrecision(2)}`);
  if (rate !== undefined) parts.push(`${Math.round(rate)} images/s`);
  if (share > 0 && share < 1) parts.push(`ETA ${showDuration(elapsed / share - elapsed)}`);
  else parts.push(showDuration(elapsed));
  return parts.join("  ");
}

/** Starts a progress line on standard error. */
export function progress(label: string, total: number, quiet = false): Progress {
  const live = !quiet && Deno.stderr.isTerminal();
  const start = performance.now();
  let drawn = -Infinity;
  let last = "";
  const write = (text: string) => void Deno.stderr.writeSync(encoder.encode(text));
  return {
    update(done, figures) {
      const now = performance.now();
      if (!live || (now - drawn < 100 && done < total)) return;
      drawn = now;
      last = progressLine(label, done, total, (now - start) / 1000, figures);
      const { columns } = Deno.consoleSize();
      write(CLEAR_LINE + last.slice(0, columns - 1));
    },
    log(line) {
      if (!quiet) write(live ? `${CLEAR_LINE}${line}\n${last}` : `${line}\n`);
    },
    [Symbol.dispose]() {
      if (live && last !== "") write("\n");
    },
  };
}
