/** Writes tar archives, for tests. */

/** Gives the archive of these files; a name that ends with a slash is a folder. */
export function tar(
  files: Readonly<Record<string, Uint8Array>>,
  prefix = "",
  size?: string,
): Uint8Array<ArrayBuffer> {
  const blocks = Object.entries(files).flatMap(([name, content]) => [
    header(name, prefix, size ?? content.length.toString(8)),
    content,
    new Uint8Array((512 - content.length % 512) % 512),
  ]);
  return new Uint8Array([...blocks, new Uint8Array(1024)].flatMap((block) => [...block]));
}

function header(name: string, prefix: string, size: string): Uint8Array {
  const block = new Uint8Array(512);
  const write = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  write(name, 0);
  write("0000644\0", 100);
  write(`${size.padStart(11, "0")}\0`, 124);
  write(" ".repeat(8), 148);
  write(name.endsWith("/") ? "5" : "0", 156);
  write("ustar\0" + "00", 257);
  write(prefix, 345);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
