/** The command line in this process, and a data set of stripes for it. */

import { main } from "../../lib/cli/main.ts";

/** Runs the command line in this process, and gives the exit code and what was printed. */
export async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { log: [] as string[], error: [] as string[] };
  const { log, error } = console;
  console.log = (line) => void printed.log.push(String(line));
  console.error = (line) => void printed.error.push(String(line));
  try {
    const code = await main(args);
    return { code, out: printed.log.join("\n"), err: printed.error.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

/** An image of 28 × 28 with a bright column that says which class it is of. */
export function stripe(label: number): Uint8Array {
  return Uint8Array.from(
    { length: 784 },
    (_, i) => Math.floor((i % 28 - 4) / 2) === label ? 200 : 0,
  );
}

/** Writes a data set of stripes: the label is where the bright column is. */
export async function stripes(folder: string, count: number): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const part of ["train", "t10k"]) {
    const images = new Uint8Array(16 + count * 784);
    images.set([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28]);
    const labels = new Uint8Array(8 + count);
    labels.set([0, 0, 8, 1, 0, 0, 0, count]);
    for (let i = 0; i < count; i++) {
      const label = i % 10;
      labels[8 + i] = label;
      images.set(stripe(label), 16 + i * 784);
    }
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, images);
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, labels);
  }
}

/** Reads the last line that was printed. */
export const lastJson = (out: string) => JSON.parse(out.split("\n").at(-1)!);
