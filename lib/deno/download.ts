/**
 * Downloads that are done once: the file is kept, known by its digest, and never taken for complete
 * before that agrees. What a broken connection has brought is kept too, and only the rest is asked for.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { ArgumentError, FileError, FormatError } from "../errors.ts";
import { fileError, folderOf, orFileError } from "./file_error.ts";
import { writeAll } from "./write_file.ts";

/** How far a download is. */
export type DownloadProgress = {
  /** Bytes that have arrived, those of earlier attempts too. */
  readonly received: number;
  /** Bytes there are. */
  readonly total: number;
};

/** Options of {@linkcode download}. */
export interface DownloadOptions {
  /** The folder where the file is kept, made if need be; `data` by default. */
  readonly folder?: string;
  /** The SHA-256 digest of the file, as 64 hexadecimal digits. */
  readonly sha256: string;
  /** Number of bytes of the file. */
  readonly size: number;
  /** Is told how far the download is, each time something arrives. */
  readonly progress?: (progress: DownloadProgress) => void;
  /** Stops the download; what has arrived is kept. */
  readonly signal?: AbortSignal;
}

/**
 * Downloads a file, unless it is there already, and gives its path. Needs `--allow-net` for the host,
 * and `--allow-read` and `--allow-write` for the folder. Of several processes one downloads, and the
 * others wait for it.
 *
 * @throws {ArgumentError} If the digest is none, or the address does not end with the name of a file.
 * @throws {FileError} If the server or the system refuses, or a permission is missing.
 * @throws {FormatError} If what arrives is not the file of this size and digest; it is removed.
 *
 * @example A file that is there already is not asked for
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { download, sha256 } from "@fplusx/nn/deno";
 *
 * await Deno.mkdir("runs/downloads", { recursive: true });
 * const bytes = new TextEncoder().encode("here");
 * await Deno.writeFile("runs/downloads/file.txt", bytes);
 * const options = { folder: "runs/downloads", sha256: await sha256(bytes), size: bytes.length };
 * const path = await download("https://example.com/file.txt", options);
 * assertEquals(await Deno.readTextFile(path), "here");
 * await Deno.remove("runs/downloads", { recursive: true });
 * ```
 */
export async function download(url: string | URL, options: DownloadOptions): Promise<string> {
  const { folder = "data", sha256 } = options;
  const address = new URL(url);
  const name = address.pathname.replace(/^.*\//, "");
  if (!/^\w[\w.-]*$/.test(name)) {
    throw new ArgumentError(
      `Cannot download "${address.href}": need the name of a file at its end`,
    );
  }
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new ArgumentError(
      `Cannot download "${address.href}" with digest "${sha256}": need 64 hexadecimal digits`,
    );
  }
  const path = `${folder}/${name}`;
  if (await isComplete(path, sha256)) return path;
  for (const unfinished = `${path}.part`;;) {
    using part = await orFileError("write", path, openPart(folder, unfinished));
    // Whoever had it before us may have finished the file, or have given up and removed it.
    const isOurs = await isAt(unfinished, part);
    if (await isComplete(path, sha256)) {
      if (isOurs) await Deno.remove(unfinished);
      return path;
    }
    if (!isOurs) continue;
    try {
      await receiveAll(address, part, path, options);
      await orFileError("write", path, part.sync().then(() => Deno.rename(unfinished, path)));
      return path;
    } catch (error) {
      // Where nothing has arrived nothing is to be kept.
      if (await sizeOf(part) === 0) await Deno.remove(unfinished).catch(() => {});
      throw error;
    }
  }
}

/** Fills the file until its digest is right; starts anew if what was there before was of another. */
async function receiveAll(
  url: URL,
  part: Deno.FsFile,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  for (let have = await orFileError("read", path, sizeOf(part));; have = 0) {
    if (have > options.size) have = 0;
    await orFileError("write", path, part.truncate(have));
    await complete(url, part, path, options);
    const digest = await orFileError("read", path, digestOf(part));
    if (digest === options.sha256) return;
    await orFileError("write", path, part.truncate(0));
    if (have > 0) continue;
    throw new FormatError(
      `Cannot use "${url.href}": its SHA-256 digest is ${digest}, need ${options.sha256}`,
      0,
    );
  }
}

async function openPart(folder: string, path: string): Promise<Deno.FsFile> {
  await Deno.mkdir(folder, { recursive: true });
  const file = await Deno.open(path, { read: true, write: true, create: true });
  await file.lock(true);
  return file;
}

/** Tells whether an open file still has this name. */
async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  try {
    return (await Deno.stat(path)).ino === (await file.stat()).ino;
  } catch {
    return false;
  }
}

/** Asks for what is missing, again and again as long as something arrives. */
async function complete(
  url: URL,
  part: Deno.FsFile,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  const { size, signal } = options;
  for (let have = await sizeOf(part); have < size;) {
    let broken: unknown;
    try {
      await receive(url, part, path, have, options);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof FileError || cause instanceof FormatError) throw cause;
      broken = cause;
    }
    const now = await sizeOf(part);
    if (now <= have) throw refusal(url, broken ?? `the server sent ${now} of ${size} bytes`);
    have = now;
  }
}

/** Makes one request and writes what comes; leaves out what is there, where the server can do that. */
async function receive(
  url: URL,
  part: Deno.FsFile,
  path: string,
  have: number,
  { size, progress, signal }: DownloadOptions,
): Promise<void> {
  const response = await fetch(url, {
    ...have > 0 && { headers: { range: `bytes=${have}-` } },
    ...signal && { signal },
  });
  const start = response.headers.get("content-range")?.match(/^bytes (\d+)-/)?.[1];
  const goesOn = response.status === 206 && Number(start) === have;
  if (!goesOn && response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw refusal(url, `the server answered ${response.status} ${response.statusText}`.trimEnd());
  }
  let received = goesOn ? have : 0;
  await orFileError("write", path, part.truncate(received));
  await orFileError("write", path, part.seek(received, Deno.SeekMode.Start));
  for await (const chunk of response.body) {
    received += chunk.length;
    if (received > size) {
      await part.truncate(0);
      throw new FormatError(`Cannot use "${url.href}": it has more than ${size} bytes`, size);
    }
    await orFileError("write", path, writeAll(part, chunk));
    progress?.({ received, total: size });
  }
}

function refusal(url: URL, cause: unknown): FileError {
  const reason = cause instanceof Deno.errors.NotCapable
    ? `the permission is missing; run with --allow-net=${hostIn(cause) ?? url.host}`
    : cause instanceof Error
    ? "the connection failed; what has arrived is kept, so try again"
    : String(cause);
  return new FileError(`Cannot download "${url.href}": ${reason}`, { cause });
}

/** The host that is missing; not that of the address where the server sends us elsewhere. */
function hostIn({ message }: Error): string | undefined {
  return /^Requires net access to "([^"]+?)(:443)?"/.exec(message)?.[1];
}

async function sizeOf(file: Deno.FsFile): Promise<number> {
  return (await file.stat()).size;
}

async function isComplete(path: string, sha256: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    return await digestOf(file) === sha256;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw fileError("read", path, cause, folderOf(path));
  }
}

async function digestOf(file: Deno.FsFile): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(2 ** 20);
  await file.seek(0, Deno.SeekMode.Start);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
  }
}
