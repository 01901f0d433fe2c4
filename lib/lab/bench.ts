/**
 * The bench that experiments run on: data, a place for results, and a way to run an arm at most once.
 * It knows nothing of files or terminals; those are handed in.
 *
 * @module
 */

import type { Dataset } from "../data/mod.ts";
import { MismatchError } from "../errors.ts";
import { type Arm, digest, fingerprint, type Json, type LedgerLine } from "./ledger.ts";
import { memoryStore, readJson, type Store } from "./store.ts";

/** Real images, by name. */
export type LabData = {
  /** What they are called, for example `Fashion-MNIST`. */
  readonly name: string;
  /** What to learn from. */
  readonly train: Dataset;
  /** What to measure on. */
  readonly test: Dataset;
};

/** What is done in an arm, and with which data. */
export type ArmOptions = Pick<Arm, "task" | "configuration" | "seed"> & {
  /** Whether the result depends on the images. */
  readonly usesData: boolean;
};

/** What a {@linkcode bench} is made of. */
export interface BenchOptions {
  /** Version of the code, for the ledger. */
  readonly version: string;
  /** Name of the backend that is active, for the ledger. */
  readonly backend: string;
  /** Loads the images; is called at most once, and only if an experiment needs them. */
  readonly data: () => Promise<LabData>;
  /** Where results are kept; in memory by default. */
  readonly store?: Store;
  /** Is told which share (0 to 1) of an experiment is done. */
  readonly progress?: (share: number, doing: string) => void;
  /** Stops an experiment; what is finished is kept. */
  readonly signal?: AbortSignal;
  /** The hash of an arm to run again, though its result is kept, to see that it is the same. */
  readonly again?: string;
}

/** What an experiment is given. */
export interface Bench {
  /** Gives the images. */
  data(): Promise<LabData>;
  /**
   * Gives the result of an arm: the one that is kept, or that of `run`, which is then kept.
   *
   * @throws {FormatError} If what is kept is damaged.
   * @throws {MismatchError} If the arm is run again, and the result is another.
   */
  arm<T extends Json>(options: ArmOptions, run: () => Promise<T>): Promise<T>;
  /** Where results are kept. */
  readonly store: Store;
  /** Tells which share (0 to 1) of the experiment is done, and what is being done. */
  readonly progress: (share: number, doing: string) => void;
  /** Tells when to stop. */
  readonly signal: AbortSignal;
  /** The arms so far, in the order in which they were first asked for. */
  readonly ledger: readonly LedgerLine[];
}

/** What is kept of an arm. */
type Kept<T extends Json> = { readonly line: LedgerLine; readonly value: T };

/**
 * Makes a bench.
 *
 * @example An arm is run once
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bench } from "@fplusx/nn/lab";
 *
 * const { arm } = bench({ version: "1", backend: "cpu", data: () => Promise.reject() });
 * let runs = 0;
 * const options = { task: "count", configuration: { to: 3 }, seed: 0, usesData: false };
 * const count = () => arm(options, () => Promise.resolve(++runs));
 * assertEquals([await count(), await count()], [1, 1]);
 * ```
 */
export function bench(options: BenchOptions): Bench {
  const { version, backend, store = memoryStore(), again } = options;
  let loaded: Promise<LabData> | undefined;
  let dataId: Promise<string> | undefined;
  const data = () => loaded ??= options.data();
  const identify = async () => {
    const { name, train, test } = await data();
    return `${name} ${await fingerprint(train, test)}`;
  };
  const ledger = new Map<string, LedgerLine>();
  const ranAgain = new Set<string>();
  return {
    data,
    store,
    progress: options.progress ?? (() => {}),
    signal: options.signal ?? new AbortController().signal,
    get ledger() {
      return [...ledger.values()];
    },
    async arm<T extends Json>(
      { task, configuration, seed, usesData }: ArmOptions,
      run: () => Promise<T>,
    ): Promise<T> {
      const images = usesData ? await (dataId ??= identify()) : "";
      const arm: Arm = { task, version, backend, data: images, configuration, seed };
      const hash = await digest(arm);
      const name = `arms/${hash}.json`;
      // What is in the store was written here, and its hash says that it is of this arm.
      const kept = await readJson<Kept<T>>(store, name);
      if (kept && !(hash === again && !ranAgain.has(hash))) {
        ledger.set(hash, kept.line);
        return kept.value;
      }
      const start = performance.now();
      const value = await run();
      const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
      const line = { ...arm, hash, result: await digest(value), seconds };
      if (kept && kept.line.result !== line.result) {
        throw new MismatchError(
          `Cannot reproduce arm ${hash}: its result was ${kept.line.result} and is ${line.result}`,
        );
      }
      ranAgain.add(hash);
      ledger.set(hash, line);
      await store.write(name, new TextEncoder().encode(JSON.stringify({ line, value })));
      return value;
    },
  };
}
