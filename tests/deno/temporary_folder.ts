/** Folders of their own for tests. */

/** Runs a test in a folder under `runs/` that has these files; names may have folders in them. */
export async function withFiles(
  content: Readonly<Record<string, Uint8Array>>,
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = `runs/test-${crypto.randomUUID()}`;
  await Deno.mkdir(folder, { recursive: true });
  try {
    for (const [name, bytes] of Object.entries(content)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(path, bytes);
    }
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Packs bytes with gzip. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
