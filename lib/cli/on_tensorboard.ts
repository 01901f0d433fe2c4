/**
 * A training in TensorBoard: its curves, how the parameters are distributed at every test, with what it
 * was started, and the pictures of its mistakes.
 *
 * @module
 */

import type { TensorboardWriter } from "../deno/mod.ts";
import type { HistoryRecord } from "../inspect/mod.ts";
import { entries } from "../tree.ts";
import type { Listener } from "./listener.ts";
import { configurationOf, lastTest } from "./run_record.ts";

const TAGS = {
  loss: "loss/training",
  testLoss: "loss/test",
  top1: "accuracy/test",
  validationLoss: "loss/validation",
  validationTop1: "accuracy/validation",
  learningRate: "learning rate",
} as const satisfies Partial<Record<keyof HistoryRecord, string>>;

/** Makes a listener that writes what it hears. */
export function onTensorboard(board: TensorboardWriter): Listener {
  let last = 0;
  return {
    async begin(run, before) {
      last = before.at(-1)?.step ?? 0;
      const rows = [...configurationOf(run), ...Object.entries(run.environment)]
        .map(([name, value]) => `| ${name} | ${value} |`);
      const text = ["| name | value |", "| --- | --- |", ...rows].join("\n");
      await board.add({ kind: "text", tag: "configuration", step: last, text });
    },
    async note(line, { variables }) {
      const { step } = line;
      last = step;
      for (const [name, tag] of Object.entries(TAGS)) {
        const value = line[name as keyof typeof TAGS];
        if (value !== undefined) await board.add({ kind: "scalar", tag, step, value });
      }
      if (lastTest([line]) === undefined) return;
      for (const [path, leaf] of entries(variables.params)) {
        const values = await leaf.data();
        await board.add({ kind: "histogram", tag: `params/${path}`, step, values });
      }
    },
    async end(_run, examined) {
      for (const [i, { png, label, guesses }] of (examined?.mistakes ?? []).entries()) {
        if (png === undefined) continue;
        const bytes = Uint8Array.fromBase64(png);
        const header = new DataView(bytes.buffer);
        const [is, seen] = [label, guesses[0]!.label].map((label) => examined!.classNames[label]);
        await board.add({
          kind: "image",
          tag: `mistakes/${i + 1}: ${is} taken for ${seen}`,
          step: last,
          png: bytes,
          width: header.getUint32(16),
          height: header.getUint32(20),
        });
      }
    },
  };
}
