/**
 * A verb of the command line: what it is about, what it takes, and what it does.
 *
 * @module
 */

import { helpOf, type Options, type OptionValues, parseOptions } from "./options.ts";

/** A verb as the command line runs it. */
export type Verb = {
  /** What it does, in one line. */
  readonly about: string;
  /** Writes what it takes. */
  readonly help: () => string;
  /** Runs it and gives the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
};

/** Makes a verb from its name, the table of its options, and what it does with their values. */
export function verb<const T extends Options>(
  name: string,
  about: string,
  options: T,
  run: (values: OptionValues<T>) => Promise<number>,
): Verb {
  return {
    about,
    help: () => helpOf(name, about, options),
    run: (args) => run(parseOptions(args, options)),
  };
}
