/**
 * A line of progress that rewrites itself: printed at once, at every interval, and once more at the end.
 *
 * @module
 */

const CLEAR_LINE = "\r\x1b[K";

/** What a line of progress can be made of. */
export interface ProgressBarFormatter {
  /** The time gone by, as `mm:ss`. */
  styledTime: string;
  /** The value and the maximum in a binary unit, as `0.40/97.66 KiB`. */
  styledData: string;
  /** The bar, as `###-------`. */
  progressBar: string;
  /** The milliseconds since the bar was made. */
  time: number;
  /** The `time` of the print before. */
  previousTime: number;
  /** The value reached. */
  value: number;
  /** The `value` of the print before. */
  previousValue: number;
  /** The value to reach. */
  max: number;
}

/** How a {@linkcode ProgressBar} looks and where it is written. */
export interface ProgressBarOptions {
  /** Takes the output; standard error by default. */
  writable?: WritableStream<Uint8Array>;
  /** The value to start at. @default {0} */
  value?: number;
  /** The value to reach. */
  max: number;
  /** The length of the bar in characters. @default {50} */
  barLength?: number;
  /** The character for what is done. @default {'#'} */
  fillChar?: string;
  /** The character for what is not. @default {'-'} */
  emptyChar?: string;
  /** Removes the line at the end. @default {false} */
  clear?: boolean;
  /** Makes the line; `[mm:ss] [###---] [0.24/97.66 KiB]` by default. */
  formatter?: (formatter: ProgressBarFormatter) => string;
  /** Leaves `writable` open at the end. @default {true} */
  keepOpen?: boolean;
  /** The milliseconds between two prints. @default {1000} */
  interval?: number;
}

/** Shows how far `value` is on its way to `max`; set either at any time. */
export class ProgressBar {
  /** The value reached. */
  value: number;
  /** The value to reach. */
  max: number;

  readonly #options: Required<Omit<ProgressBarOptions, "value" | "max">>;
  readonly #writer: WritableStreamDefaultWriter<string>;
  readonly #piped: Promise<void>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #start = Date.now();
  #previous: { time: number; value: number };

  /** Starts the clock and prints the first line. */
  constructor({ value = 0, max, ...options }: ProgressBarOptions) {
    this.value = value;
    this.max = max;
    this.#previous = { time: 0, value };
    this.#options = {
      writable: options.writable ?? Deno.stderr.writable,
      barLength: 50,
      fillChar: "#",
      emptyChar: "-",
      clear: false,
      formatter: (it) => `[${it.styledTime}] [${it.progressBar}] [${it.styledData}]`,
      keepOpen: true,
      interval: 1000,
      ...options,
    };
    const encoder = new TextEncoderStream();
    this.#writer = encoder.writable.getWriter();
    this.#timer = setInterval(() => this.#print(), this.#options.interval);
    this.#piped = encoder.readable
      .pipeTo(this.#options.writable, { preventClose: this.#options.keepOpen })
      .catch(() => clearInterval(this.#timer));
    this.#print();
  }

  /** Prints the last line, or removes it if asked to, and lets go of the stream. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#options.clear) this.#write(CLEAR_LINE);
    else {
      this.#print();
      this.#write("\n");
    }
    await this.#writer.close().catch(() => {});
    await this.#piped;
  }

  #print(): void {
    const { barLength, fillChar, emptyChar, formatter } = this.#options;
    const { value, max } = this;
    const time = Date.now() - this.#start;
    const done = Math.trunc(Math.min(Math.max(value / max, 0), 1) * barLength);
    const line = formatter({
      styledTime: clock(time),
      styledData: amounts(value, max),
      progressBar: fillChar.repeat(done) + emptyChar.repeat(barLength - done),
      time,
      previousTime: this.#previous.time,
      value,
      previousValue: this.#previous.value,
      max,
    });
    this.#write(CLEAR_LINE + line);
    this.#previous = { time, value };
  }

  /** A reader that went away must not end the program that reports to it. */
  #write(text: string): void {
    this.#writer.write(text).catch(() => {});
  }
}

function clock(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  return [Math.trunc(seconds / 60), seconds % 60].map((n) => `${n}`.padStart(2, "0")).join(":");
}

const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

function amounts(value: number, max: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log2(max) / 10), 1), UNITS.length);
  const [now, all] = [value, max].map((n) => (n / 2 ** (10 * power)).toFixed(2));
  return `${now}/${all} ${UNITS[power - 1]}`;
}
