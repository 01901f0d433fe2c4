/** Lines of text, as two processes exchange them; arrays are written as their bytes. */

/** An array of floats, row by row. */
export interface Block {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Gives the lines of a stream, one by one. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Writes plain data as one line. */
export function encode(data: unknown): string {
  return JSON.stringify(
    data,
    (_, value) =>
      value instanceof Float32Array || value instanceof Int32Array
        ? { type: value.constructor.name, bytes: new Uint8Array(value.buffer).toBase64() }
        : value,
  );
}

/** Reads what {@linkcode encode} wrote. */
export function decode<T>(line: string): T {
  return JSON.parse(line, (_, value) => {
    if (typeof value?.bytes !== "string") return value;
    const { buffer } = Uint8Array.fromBase64(value.bytes);
    return value.type === "Float32Array" ? new Float32Array(buffer) : new Int32Array(buffer);
  });
}
