/**
 * The event files of TensorBoard, in bytes: each event is a protocol buffer, framed as a TFRecord
 * with a checksum of its length and one of itself, so that a file may be appended to and read at the
 * same time. Nothing here needs TensorFlow.
 *
 * @module
 */

import { crc32c } from "../crc.ts";
import { ArgumentError, EmptyError } from "../errors.ts";
import {
  bytes,
  double,
  doubles,
  float,
  integer,
  message,
  text as textField,
  type Wire,
} from "./protobuf.ts";

/** Something that TensorBoard shows under a tag. */
export type TensorboardValue =
  | {
    /** A point of a curve. */
    readonly kind: "scalar";
    /** Its value. */
    readonly value: number;
  }
  | {
    /** How values are distributed. */
    readonly kind: "histogram";
    /** The values; those that are not finite are left out. */
    readonly values: ArrayLike<number>;
  }
  | {
    /** A picture. */
    readonly kind: "image";
    /** The bytes of a PNG. */
    readonly png: Uint8Array;
    /** Number of its rows. */
    readonly height: number;
    /** Number of its columns. */
    readonly width: number;
  }
  | {
    /** A text. */
    readonly kind: "text";
    /** The text, in Markdown. */
    readonly text: string;
  };

/** A value at a step. */
export type TensorboardEvent = TensorboardValue & {
  /** What it is called; a slash makes a group. */
  readonly tag: string;
  /** Number of the step. */
  readonly step: number;
  /** When it happened, in seconds since 1970. */
  readonly time: number;
};

/**
 * Gives the first bytes of an event file.
 *
 * @param step Where the training begins, or goes on in a further file for the same folder: what files
 * before it say of this step and later ones is not shown any more. 0 by default.
 *
 * @example A file of one number
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tensorboardHeader, tensorboardRecord } from "@fplusx/nn/inspect";
 *
 * const header = tensorboardHeader(1e9);
 * const record = tensorboardRecord({ kind: "scalar", tag: "loss", value: 0.5, step: 3, time: 1e9 });
 * assertEquals([header.length, record.length], [71, 42]);
 * ```
 */
export function tensorboardHeader(time: number, step = 0): Uint8Array<ArrayBuffer> {
  const version = message(double(1, time), textField(3, "brain.Event:2"));
  // SessionLog.START. The first one does nothing, and a later one discards only after a first.
  const start = message(double(1, time), integer(2, step), bytes(7, integer(1, 1)));
  return message(frame(version), frame(start));
}

/**
 * Gives the bytes of one event.
 *
 * @throws {ArgumentError} If the step is not an integer from 0.
 * @throws {EmptyError} If a histogram has no finite value.
 */
export function tensorboardRecord(event: TensorboardEvent): Uint8Array<ArrayBuffer> {
  const { tag, step, time } = event;
  if (!(Number.isSafeInteger(step) && step >= 0)) {
    throw new ArgumentError(`Cannot write an event at step ${step}: need an integer from 0`);
  }
  const summary = bytes(1, message(textField(1, tag), ...contentOf(event)));
  return frame(message(double(1, time), integer(2, step), bytes(5, summary)));
}

/** The fields of `Summary.Value` after its tag. */
function contentOf(event: TensorboardEvent): readonly Wire[] {
  switch (event.kind) {
    case "scalar":
      return [float(2, event.value)];
    case "histogram":
      return [bytes(5, histogram(event.tag, event.values))];
    case "image": {
      const { height, width, png } = event;
      const RGB = 3;
      const image = message(integer(1, height), integer(2, width), integer(3, RGB), bytes(4, png));
      return [bytes(4, image)];
    }
    case "text": {
      const DT_STRING = 7;
      const vectorOfOne = bytes(2, integer(1, 1));
      const tensor = message(
        integer(1, DT_STRING),
        bytes(2, vectorOfOne),
        textField(8, event.text),
      );
      return [bytes(8, tensor), bytes(9, bytes(1, textField(1, "text")))];
    }
  }
}

/** The number that TensorFlow's own histograms have. */
const BUCKETS = 30;

/** Counts values in buckets of one width, from the least value to the greatest. */
function histogram(tag: string, values: ArrayLike<number>): Wire {
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) {
    throw new EmptyError(`Cannot make the histogram ${tag}: it has no finite value`);
  }
  const least = finite.reduce((a, b) => Math.min(a, b));
  const most = finite.reduce((a, b) => Math.max(a, b));
  const width = (most - least) / BUCKETS;
  const counts = new Array<number>(width > 0 ? BUCKETS : 1).fill(0);
  for (const value of finite) {
    const bucket = width > 0 ? Math.floor((value - least) / width) : 0;
    counts[Math.min(bucket, counts.length - 1)]!++;
  }
  const limits = counts.map((_, i) => i === counts.length - 1 ? most : least + (i + 1) * width);
  return message(
    double(1, least),
    double(2, most),
    double(3, finite.length),
    double(4, finite.reduce((sum, value) => sum + value, 0)),
    double(5, finite.reduce((sum, value) => sum + value * value, 0)),
    doubles(6, limits),
    doubles(7, counts),
  );
}

/** A TFRecord: length, its checksum, the data, their checksum. */
function frame(data: Wire): Wire {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return message(length, checksum(length), data, checksum(data));
}

/** Turned and shifted, so that a record in a record is not its own checksum. */
function checksum(data: Uint8Array): Wire {
  const crc = crc32c(data);
  const masked = ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, masked, true);
  return bytes;
}
