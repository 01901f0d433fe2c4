/**
 * The part of `jsr:@std/cli` that this project uses, with the same names and semantics.
 *
 * @module
 */

export { type Args, parseArgs, type ParseOptions } from "./parse_args.ts";
