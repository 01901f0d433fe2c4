/**
 * An experiment is a claim and a pure function: from a specification to tables, figures and findings,
 * each of which says whether the claim was shown, in numbers. Whatever takes long is an arm: it is run
 * through the bench, which keeps its result under the hash of everything it depends on.
 *
 * @module
 */

import type { Bench } from "./bench.ts";
import type { Json } from "./ledger.ts";

/** A part of a claim, and whether it was shown. */
export type Finding = {
  /** What was claimed. */
  readonly claim: string;
  /** Whether this run shows it. */
  readonly shown: boolean;
  /** The numbers that say so. */
  readonly evidence: string;
};

/** A table; cells from the second on are numbers and end at the right. */
export type Table = {
  /** What it tells. */
  readonly caption: string;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** Its rows. */
  readonly rows: readonly (readonly string[])[];
};

/** A picture. */
export type Figure = {
  /** Name of its file, without the ending. */
  readonly name: string;
  /** What it shows. */
  readonly caption: string;
  /** The picture. */
  readonly svg: string;
};

/** What an experiment gives. */
export type Result = {
  /** What was found, claim by claim. */
  readonly findings: readonly Finding[];
  /** Tables, in the order of reading. */
  readonly tables: readonly Table[];
  /** Figures, in the order of reading. */
  readonly figures: readonly Figure[];
  /** Every number in tables and figures, and more. */
  readonly data: Json;
};

/** How much is run: minutes on a CPU, or the scale of the paper, for a GPU. */
export type Scale = "quick" | "full";

/** A question of the paper or of its neighbours, to be asked of real networks. */
export interface Experiment<S extends Json = Json> {
  /** Name on the command line. */
  readonly name: string;
  /** Title in the report. */
  readonly title: string;
  /** What is claimed, and by whom. */
  readonly claim: string;
  /** How it is examined. */
  readonly setUp: string;
  /** What would refute it. */
  readonly refutedBy: string;
  /** How the quick version differs from the paper's. */
  readonly differences: string;
  /** About how many minutes the quick version takes on one core. */
  readonly minutes: number;
  /** What is run at each scale. */
  readonly specs: { readonly [K in Scale]: S };
  /**
   * Runs it.
   *
   * @throws {DOMException} If the signal of the bench is aborted.
   */
  run(spec: S, bench: Bench): Promise<Result>;
}

/** Freezes an experiment. */
export function experiment<S extends Json>(definition: Experiment<S>): Experiment<S> {
  return Object.freeze(definition);
}

/** Tells in a word what the findings say together. */
export function verdictOf(findings: readonly Finding[]): "shown" | "partly shown" | "not shown" {
  const shown = findings.filter(({ shown }) => shown).length;
  return shown === findings.length ? "shown" : shown > 0 ? "partly shown" : "not shown";
}
