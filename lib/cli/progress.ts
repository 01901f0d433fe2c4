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
  /** Shows that this share (0 to 1) is done. */
  update(share: number, figures?: ProgressFigures): void;
  /** Prints a whole line above the progress line; where there is no terminal, just prints it. */
  log(line: string): void;
  /** Leaves the line as it is: what is printed otherwise comes below. */
  end(): void;
}

/** Formats a duration as `m:ss` or `h:mm:ss`. */
export function showDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Writes the line for one moment, `elapsed` seconds after the share `from` was done. */
export function progressLine(
  label: string,
  share: number,
  elapsed: number,
  { loss, learningRate, rate }: ProgressFigures = {},
  from = 0,
): string {
  const cells = Math.round(share * 24);
  const bar = "━".repeat(cells) + "─".repeat(24 - cells);
  return [
    `${label} ${bar} ${String(Math.floor(share * 100)).padStart(3)}%`,
    ...loss === undefined ? [] : [`loss ${loss.toFixed(4)}`],
    ...learningRate === undefined ? [] : [`lr ${learningRate.toFixed(4)}`],
    ...rate === undefined ? [] : [`${Math.round(rate)} images/s`],
    share > from && share < 1
      ? `ETA ${showDuration(elapsed * (1 - share) / (share - from))}`
      : showDuration(elapsed),
  ].join("  ");
}

/**
 * Makes a progress line on standard error, whose time begins when it is first updated, so that the time
 * to go is right also after something else, or for what is taken up again; a quiet one says nothing.
 */
export function progress(label: string, quiet = false): Progress {
  const live = !quiet && Deno.stderr.isTerminal();
  let first: { readonly time: number; readonly share: number } | undefined;
  let drawn = -Infinity;
  let last = "";
  const write = (text: string) => void Deno.stderr.writeSync(encoder.encode(text));
  const end = () => {
    if (live && last !== "") write("\n");
    last = "";
  };
  return {
    update(share, figures) {
      const now = performance.now();
      first ??= { time: now, share };
      if (!live || (now - drawn < 100 && share < 1)) return;
      drawn = now;
      const line = progressLine(label, share, (now - first.time) / 1000, figures, first.share);
      last = line.slice(0, Deno.consoleSize().columns - 1);
      write(CLEAR_LINE + last);
    },
    log(line) {
      if (!quiet) write(live ? `${CLEAR_LINE}${line}\n${last}` : `${line}\n`);
    },
    end,
    [Symbol.dispose]: end,
  };
}

/** Measures a speed, without what is done in pauses. */
export interface Stopwatch {
  /** Counts something done. */
  count(done: number): void;
  /** Does something that does not count. */
  pause<T>(f: () => Promise<T>): Promise<T>;
  /** Seconds that count. */
  seconds(): number;
  /** What was counted. */
  total(): number;
  /** What was done in a second. */
  rate(): number;
}

/** What a stopwatch has measured. */
export type Measured = {
  /** Seconds that count. */
  readonly seconds: number;
  /** What was counted. */
  readonly total: number;
};

/** Starts a stopwatch, or goes on with what was measured before. */
export function stopwatch(before: Measured = { seconds: 0, total: 0 }): Stopwatch {
  let start = performance.now() - 1000 * before.seconds;
  let { total } = before;
  const seconds = () => (performance.now() - start) / 1000;
  return {
    count: (done) => void (total += done),
    async pause(f) {
      const began = performance.now();
      try {
        return await f();
      } finally {
        start += performance.now() - began;
      }
    },
    seconds,
    total: () => total,
    rate: () => total / seconds(),
  };
}
