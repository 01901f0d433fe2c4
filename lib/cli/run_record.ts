/**
 * What is known of a training besides its history: with what it was started, where it runs, and, when
 * it has ended, how. It is kept as `run.json`, and from it come the report and what it is called.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import type { Backend } from "../backend/setup.ts";
import type { Fact, HistoryRecord, RunReport } from "../inspect/mod.ts";
import { type Recipe, recipeFields } from "../recipes/mod.ts";
import type { Examined } from "./examined.ts";
import { showDuration } from "./progress.ts";

/** How a training has ended. */
export type RunEnd = {
  /** Whether all steps were taken, or it was stopped, or its loss was not finite any more. */
  readonly outcome: "finished" | "stopped" | "diverged";
  /** Number of steps that were taken. */
  readonly steps: number;
  /** Number of steps that led to the weights, when there were more. */
  readonly bestStep?: number;
  /** Seconds of training, without tests and what was lost by being killed. */
  readonly seconds: number;
  /** Images per second. */
  readonly imagesPerSecond: number;
  /** Share (0 to 1) of the test set that is classified right. */
  readonly top1: number | null;
  /** Loss on the test set. */
  readonly loss: number | null;
  /** Digest of the weights. */
  readonly weightsSha256: string;
  /** When, by ISO 8601. */
  readonly time: string;
};

/** A training. */
export type RunRecord = {
  /** Name of the model. */
  readonly model: string;
  /** Name of the data set. */
  readonly data: string;
  /** Number of classes. */
  readonly classes: number;
  /** Number of parameters. */
  readonly parameters: number;
  /** Number of steps that were asked for. */
  readonly steps: number;
  /** The recipe it follows. */
  readonly recipe: Recipe;
  /** The other options it was started with. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** Where it runs, and with which versions. */
  readonly environment: Readonly<Record<string, string>>;
  /** How it has ended; absent while it runs, and when it was killed. */
  readonly end?: RunEnd;
};

/** Tells where this process runs, and with which versions. */
export function environmentOf({ name, adapter, threads }: Backend): RunRecord["environment"] {
  const { os, arch } = Deno.build;
  return {
    fplusx: project.version,
    Deno: `${Deno.version.deno} (V8 ${Deno.version.v8})`,
    backend: threads > 1 ? `${name}, ${threads} threads` : name,
    adapter,
    system: `${os} ${arch}, ${navigator.hardwareConcurrency} cores`,
    began: new Date().toISOString(),
  };
}

/** What a training is called. */
export function titleOf({ model, data }: RunRecord): string {
  return `${model} on ${data}`;
}

/** Tells how far a training is. */
export function noteOf({ steps, end }: RunRecord, taken: number): string {
  const of = `${count(taken)} of ${count(steps)} steps`;
  switch (end?.outcome) {
    case "finished":
      return `Finished ${dayOf(end.time)}, after ${count(end.steps)} steps${bestOf(end)}.`;
    case "stopped":
      return `Stopped ${dayOf(end.time)}, after ${of}.`;
    case "diverged":
      return `Ended ${dayOf(end.time)}, after ${of}: the loss was not finite any more.`;
    case undefined:
      return `Not ended yet: step ${count(taken)} of ${count(steps)}.`;
  }
}

function bestOf({ bestStep }: RunEnd): string {
  return bestStep === undefined ? "" : `; the weights are those after step ${count(bestStep)}`;
}

/** Gives the report of a training. */
export function reportOf(
  run: RunRecord,
  history: readonly HistoryRecord[],
  examined?: Examined,
): RunReport {
  const { end } = run;
  const taken = end?.steps ?? stepsOf(history);
  const last = lastTest(history);
  const known = examined?.confusion.accuracy ?? end?.top1;
  const of = known === undefined || known === null ? last?.of : "test";
  const top1 = known ?? last?.top1;
  const loss = end?.loss ?? (last?.of === of ? last?.loss : undefined);
  const headline: Fact[] = [
    ...top1 === undefined ? [] : [[`${of} accuracy`, percent(top1)] as const],
    ...loss === undefined ? [] : [[`${of} loss`, loss.toFixed(4)] as const],
    ["steps", count(taken)],
    ...end === undefined ? [] : [
      ["training time", showDuration(end.seconds)] as const,
      ["images/s", count(Math.round(end.imagesPerSecond))] as const,
    ],
    ["parameters", count(run.parameters)],
  ];
  return {
    title: titleOf(run),
    note: noteOf(run, taken),
    headline,
    history,
    ...examined,
    configuration: configurationOf(run),
    environment: [
      ...factsOf(run.environment),
      ...end === undefined
        ? []
        : factsOf({ ended: end.time, "weights SHA-256": end.weightsSha256 }),
    ],
  };
}

/** With what a training was started: the fields of its recipe, and the other options. */
export function configurationOf({ recipe, options }: RunRecord): Fact[] {
  return [...recipeFields(recipe), ...factsOf(options)];
}

/** A test, on the test set or on images that were set aside. */
export type Test = {
  /** On which. */
  readonly of: "test" | "validation";
  /** The loss. */
  readonly loss: number;
  /** Share (0 to 1) that is classified right. */
  readonly top1: number;
};

/** Gives the last test in a history, if there is one. */
export function lastTest(history: readonly HistoryRecord[]): Test | undefined {
  const { testLoss, top1, validationLoss, validationTop1 } =
    history.findLast(({ top1, validationTop1 }) => (top1 ?? validationTop1) !== undefined) ?? {};
  if (testLoss !== undefined && top1 !== undefined) return { of: "test", loss: testLoss, top1 };
  if (validationLoss === undefined || validationTop1 === undefined) return;
  return { of: "validation", loss: validationLoss, top1: validationTop1 };
}

/** The number of steps that a history tells of. */
export function stepsOf(history: readonly HistoryRecord[]): number {
  return (history.at(-1)?.step ?? -1) + 1;
}

const factsOf = (values: RunRecord["options"]): Fact[] =>
  Object.entries(values).map(([name, value]) => [name, `${value}`]);

const count = (value: number): string => value.toLocaleString("en-US");
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const dayOf = (time: string): string =>
  new Date(time).toLocaleDateString("en-GB", { dateStyle: "long" });
