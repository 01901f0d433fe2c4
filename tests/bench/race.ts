/**
 * Races of libraries over one problem: each runs in a process of its own, so that its memory is its
 * own, and they take turns, so that what the machine does meanwhile strikes all of them alike.
 */

import { assertLess } from "@std/assert";
import { linesOf } from "./lines.ts";

/** What is raced over. */
export interface Course {
  /** Number of examples. */
  readonly batch: number;
  /** Gives the problem with the first `batch` examples as a line, which every library is sent. */
  line(batch: number): string;
}

/** What a process says after a step. */
export interface Report {
  readonly adapter: string;
  readonly ms: number;
  /** What was computed: the loss, or the scores of the classes. */
  readonly values: readonly number[];
  readonly memoryMB: number;
  /** Memory that the library holds on the GPU, where it says so. */
  readonly gpuMB?: number;
}

/** Who takes part, and how much. */
export interface Entrant {
  /** The name in the results. */
  readonly name: string;
  /** The library: a file of `contenders/`. */
  readonly library: string;
  readonly backend: string;
  /** CPU threads; one by default, and as many as the library likes with 0. */
  readonly threads?: number;
  /** Options of `deno run`; none by default, and so no permission. */
  readonly options?: readonly string[];
  /** Steps that are timed. */
  readonly steps: number;
  /** How far its results may be apart from ours, where it computes less exactly. */
  readonly tolerance?: number | undefined;
  /** Examples in its batch, for one that would take too long; its time is scaled to the full batch. */
  readonly batch?: number;
}

/** What came of an entrant. */
export interface Figures {
  readonly medianMs: number;
  /** The very first step, with all that is made ready in it. */
  readonly firstMs: number;
  readonly imagesPerSecond: number;
  /** Resident memory of the process at its largest. */
  readonly memoryMB: number;
  /** Memory on the GPU at its largest, where the library says so. */
  readonly gpuMB?: number;
  /** Number of examples that was measured, where the time is scaled from fewer. */
  readonly scaledFromBatch?: number;
}

/** One line of results. */
export interface Result extends Figures {
  readonly name: string;
  readonly backend: string;
  readonly adapter: string;
  /** CPU threads, if not one. */
  readonly threads?: number;
  /** Whether a processor stands in for a GPU. */
  readonly software?: boolean;
  /** What a reader of the table has to know. */
  readonly note?: string;
  readonly batch: number;
  /** The same figures of the others. */
  readonly peers: Readonly<Record<string, Figures>>;
  /** How many times faster the library is, by peer. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Steps before those that are timed; what they compute must agree. */
const WARM_UP = 2;
/** How far results may be apart, relative to the largest of their values. */
const TOLERANCE = 1e-3;

/** Lets the library and its peers compete, and checks that they compute the same. */
export async function race(
  name: string,
  course: Course,
  ours: Entrant,
  peers: readonly Entrant[],
): Promise<Result> {
  const { batch } = course;
  const runs = await Promise.all([ours, ...peers].map((entrant) => enter(entrant, course)));
  try {
    for (const { warmUp } of runs) await warmUp();
    for (const run of runs.slice(1)) await assertSameValues(run, runs[0]!, course);
    const turns = Math.max(...runs.map(({ entrant }) => entrant.steps));
    for (let turn = 0; turn < turns; turn++) {
      for (const { entrant, step } of runs) if (isDue(entrant.steps, turn, turns)) await step();
    }
    const [own, ...others] = runs.map((run) => figuresOf(run, batch)) as [Figures, ...Figures[]];
    const byName = <T>(f: (figures: Figures) => T) =>
      Object.fromEntries(peers.map((peer, i) => [peer.name, f(others[i]!)]));
    return {
      name,
      backend: ours.backend,
      adapter: runs[0]!.reports[0]!.adapter,
      ...(ours.threads !== undefined && { threads: ours.threads }),
      batch,
      ...own,
      peers: byName((figures) => figures),
      ratios: byName(({ medianMs }) => rounded(medianMs / own.medianMs)),
    };
  } finally {
    await Promise.all(runs.map(({ stop }) => stop()));
  }
}

/** Spreads `steps` evenly over the turns. */
const isDue = (steps: number, turn: number, turns: number): boolean =>
  Math.floor((turn + 1) * steps / turns) > Math.floor(turn * steps / turns);

interface Run {
  readonly entrant: Entrant;
  readonly reports: Report[];
  step(): Promise<void>;
  warmUp(): Promise<void>;
  stop(): Promise<void>;
}

async function enter(entrant: Entrant, { batch, line }: Course): Promise<Run> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--quiet",
      ...entrant.options ?? [],
      new URL("contender.ts", import.meta.url).href,
      entrant.library,
      entrant.backend,
      String(entrant.threads ?? 1),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  const send = (line: string) => writer.write(new TextEncoder().encode(`${line}\n`));
  const lines = linesOf(process.stdout);
  const reports: Report[] = [];
  await send(line(entrant.batch ?? batch));
  const step = async () => {
    await send("step");
    const { value, done } = await lines.next();
    if (done) throw new Error(`${entrant.name} ended before its step`);
    reports.push(JSON.parse(value));
  };
  return {
    entrant,
    reports,
    step,
    async warmUp() {
      while (reports.length < WARM_UP) await step();
    },
    async stop() {
      await writer.close().catch(() => {});
      await process.status;
    },
  };
}

/** In training, the second loss comes after an update, and so it is about the gradients as well. */
async function assertSameValues({ entrant, reports }: Run, ours: Run, course: Course) {
  const { batch = course.batch, tolerance = TOLERANCE } = entrant;
  const smaller = batch < course.batch
    ? await enter({ ...ours.entrant, batch }, course)
    : undefined;
  try {
    await smaller?.warmUp();
    for (let i = 0; i < WARM_UP; i++) {
      const apart = distance(reports[i]!.values, (smaller ?? ours).reports[i]!.values);
      assertLess(
        apart,
        tolerance,
        `${entrant.name} computes something else than ${ours.entrant.name} in step ${i}: ` +
          `it is ${apart} apart`,
      );
    }
  } finally {
    await smaller?.stop();
  }
}

/** The largest difference of two values, relative to the largest value; infinite if one is missing. */
export function distance(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));
  return largest(a.map((value, i) => value - b[i]!)) / largest(b);
}

function figuresOf({ entrant, reports }: Run, batch: number): Figures {
  const scale = batch / (entrant.batch ?? batch);
  const medianMs = median(reports.slice(WARM_UP).map(({ ms }) => ms)) * scale;
  const gpuMB = Math.max(...reports.map(({ gpuMB = NaN }) => gpuMB));
  return {
    medianMs: rounded(medianMs),
    firstMs: rounded(reports[0]!.ms),
    imagesPerSecond: rounded(batch / medianMs * 1000),
    memoryMB: rounded(Math.max(...reports.map(({ memoryMB }) => memoryMB))),
    ...(gpuMB >= 0 && { gpuMB: rounded(gpuMB) }),
    ...(scale !== 1 && { scaledFromBatch: entrant.batch! }),
  };
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  return (low + high) / 2;
}

/** Keeps four digits, which is more than a measurement has. */
export const rounded = (value: number): number => Number(value.toPrecision(4));
