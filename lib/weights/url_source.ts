/**
 * A file on the web, read by ranges, so that one tensor of a large file costs no more than itself. A
 * server that knows no ranges sends the whole file, which is then kept.
 *
 * @module
 */

import { FileError } from "../errors.ts";
import type { ByteSource } from "./safetensors.ts";

/** How a URL is fetched. */
export interface UrlSourceOptions {
  /** Headers of every request, for example `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Stops reading. */
  readonly signal?: AbortSignal;
  /** Fetches; the global `fetch` by default. */
  readonly fetch?: (url: string | URL, init: RequestInit) => Promise<Response>;
}

/**
 * Gives the bytes of a URL; in Deno it needs `--allow-net` for its host.
 *
 * @throws {FileError} If the server does not answer, or not with the file.
 *
 * @example The header of a file on a server
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatSafetensors, openSafetensors, urlSource } from "@fplusx/nn/weights";
 *
 * const bytes = formatSafetensors(new Map(), { made: "here" });
 * const url = `data:application/octet-stream;base64,${bytes.toBase64()}`;
 * assertEquals((await openSafetensors(await urlSource(url))).metadata.get("made"), "here");
 * ```
 */
export async function urlSource(
  url: string | URL,
  options: UrlSourceOptions = {},
): Promise<ByteSource> {
  const first = await request(url, 0, 8, options);
  if (first.status !== 206) return inMemory(await bodyOf(url, first));
  await first.body?.cancel();
  const size = Number(/^bytes \d+-\d+\/(\d+)$/.exec(first.headers.get("content-range") ?? "")?.[1]);
  if (!Number.isSafeInteger(size)) throw fetchError(url, "the server does not tell its size");
  return {
    size,
    async read(offset, length) {
      const response = await request(url, offset, length, options);
      if (response.status === 206) return await bodyOf(url, response);
      await response.body?.cancel();
      throw fetchError(url, "the server stopped answering with ranges");
    },
  };
}

function inMemory(bytes: Uint8Array<ArrayBuffer>): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
  };
}

async function request(
  url: string | URL,
  offset: number,
  length: number,
  { headers = {}, signal, fetch = globalThis.fetch }: UrlSourceOptions,
): Promise<Response> {
  const range = `bytes=${offset}-${offset + length - 1}`;
  const init = { headers: { ...headers, range }, ...signal && { signal } };
  const response = await reach(url, fetch(url, init));
  if (response.ok) return response;
  await response.body?.cancel();
  throw fetchError(url, `the server answered ${response.status} ${response.statusText}`.trimEnd());
}

async function bodyOf(url: string | URL, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await reach(url, response.arrayBuffer()));
}

async function reach<T>(url: string | URL, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    // A name and not a class, since this runs where there is no Deno.
    throw cause.name === "NotCapable"
      ? fetchError(
        url,
        `the permission is missing; run with --allow-net=${new URL(url).host}`,
        cause,
      )
      : fetchError(url, cause.message, cause);
  }
}

function fetchError(url: string | URL, reason: string, cause?: unknown): FileError {
  return new FileError(`Cannot fetch "${url}": ${reason}`, { cause });
}
