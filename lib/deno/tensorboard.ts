/**
 * Event files for TensorBoard, which looks at a folder while a training writes to it.
 *
 * @module
 */

import { type TensorboardEvent, tensorboardHeader, tensorboardRecord } from "../inspect/mod.ts";
import { message } from "../inspect/protobuf.ts";
import { appendFile } from "./append_file.ts";
import { folderPath } from "./file_error.ts";

/** Adds to an event file; `await using` closes it. */
export interface TensorboardWriter extends AsyncDisposable {
  /**
   * Adds events, which get the time of now.
   *
   * @throws {ArgumentError} If a step is not an integer from 0.
   * @throws {EmptyError} If a histogram has no finite value.
   * @throws {FileError} If the system refuses.
   */
  add(...events: readonly WithoutTime<TensorboardEvent>[]): Promise<void>;
}

/** What an event is, but for when. */
export type WithoutTime<E> = E extends unknown ? Omit<E, "time"> : never;

/**
 * Opens an event file of its own in a folder; needs `--allow-write` for the folder. Look at it with
 * `tensorboard --logdir FOLDER`.
 *
 * @param step Where a training goes on that has already written to the folder: what was said of this
 * step and later ones is not shown any more. 0 by default.
 * @throws {FileError} If the system refuses.
 *
 * @example A curve of two points
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tensorboardWriter } from "@fplusx/nn/deno";
 *
 * await Deno.mkdir("runs/board", { recursive: true });
 * {
 *   await using board = await tensorboardWriter("runs/board");
 *   await board.add({ kind: "scalar", tag: "loss", step: 0, value: 2.3 });
 *   await board.add({ kind: "scalar", tag: "loss", step: 1, value: 2.1 });
 * }
 * const [file] = [...Deno.readDirSync("runs/board")];
 * assertEquals(Deno.statSync(`runs/board/${file!.name}`).size, 155);
 * await Deno.remove("runs/board", { recursive: true });
 * ```
 */
export async function tensorboardWriter(
  folder: string | URL,
  step = 0,
): Promise<TensorboardWriter> {
  const now = () => Date.now() / 1000;
  // TensorBoard reads all files with this word in them, in the order of their names.
  const name = `events.out.tfevents.${now().toFixed(3)}.${Deno.pid}`;
  const file = await appendFile(`${folderPath(folder)}/${name}`);
  await file.append(tensorboardHeader(now(), step));
  return {
    async add(...events) {
      const time = now();
      await file.append(message(...events.map((event) => tensorboardRecord({ ...event, time }))));
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
