/** Event files: the very bytes that the real TensorBoard has read, see tests/golden/check_tensorboard.py. */

import { assertEquals, assertThrows } from "@std/assert";
import { ArgumentError, EmptyError } from "@fplusx/nn";
import { type TensorboardEvent, tensorboardRecord } from "@fplusx/nn/inspect";
import { eventFile } from "./event_file.ts";

Deno.test("an event file has the bytes that TensorBoard has read", async () => {
  const golden = new URL("../golden/events.out.tfevents.golden", import.meta.url);
  assertEquals(eventFile(), await Deno.readFile(golden));
});

Deno.test("a record says how long it is, and holds its text", () => {
  const record = tensorboardRecord({
    kind: "text",
    tag: "a",
    step: 0,
    time: 0,
    text: "-".repeat(300),
  });
  const view = new DataView(record.buffer);
  assertEquals(Number(view.getBigUint64(0, true)), record.length - 16);
  assertEquals(new TextDecoder().decode(record).split("-").length, 301);
});

Deno.test("events that cannot be written are refused", () => {
  const refuse = (event: Partial<TensorboardEvent>, type: typeof EmptyError, message: string) =>
    assertThrows(
      () =>
        tensorboardRecord(
          { kind: "scalar", value: 1, tag: "a", step: 0, time: 0, ...event } as TensorboardEvent,
        ),
      type,
      message,
    );
  refuse({ step: -1 }, ArgumentError, "Cannot write an event at step -1: need an integer from 0");
  refuse({ step: 0.5 }, ArgumentError, "Cannot write an event at step 0.5: need an integer from 0");
  refuse(
    { kind: "histogram", values: [NaN, Infinity] },
    EmptyError,
    "Cannot make the histogram a: it has no finite value",
  );
});
