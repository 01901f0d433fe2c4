/**
 * An event file with one event of each kind, as tests/golden/check_tensorboard.py knows them too; it runs
 * this to have the file: event_file.ts PATH
 *
 * @module
 */

import { type TensorboardEvent, tensorboardHeader, tensorboardRecord } from "@fplusx/nn/inspect";

const time = 1_700_000_000.25;
/** A red pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

const EVENTS: readonly TensorboardEvent[] = [
  { kind: "scalar", tag: "loss/training", step: 0, value: 2.5, time },
  { kind: "scalar", tag: "loss/training", step: 300, value: -0.1, time },
  { kind: "scalar", tag: "loss/training", step: 2 ** 40 + 1, value: Infinity, time },
  {
    kind: "histogram",
    tag: "fc.weight",
    step: 300,
    values: Array.from({ length: 100 }, (_, i) => i * i / 64 - 20),
    time,
  },
  { kind: "histogram", tag: "fc.bias", step: 300, values: [3, 3, NaN], time },
  {
    kind: "image",
    tag: "mistakes/0",
    step: 300,
    png: Uint8Array.fromBase64(PNG),
    height: 1,
    width: 1,
    time,
  },
  {
    kind: "text",
    tag: "configuration",
    step: 0,
    text: "| seed | 7 |\n| --- | --- |\n| é | ✓ |",
    time,
  },
];

/** Gives the bytes of the file: the training goes back to step 301 at its end. */
export function eventFile(): Uint8Array<ArrayBuffer> {
  const pieces = [
    tensorboardHeader(time),
    ...EVENTS.map(tensorboardRecord),
    tensorboardHeader(time, 301),
    tensorboardRecord({ kind: "scalar", tag: "loss/training", step: 301, value: 1, time }),
  ];
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

if (import.meta.main) await Deno.writeFile(Deno.args[0]!, eventFile());
