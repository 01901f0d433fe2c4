/**
 * A page that shows something while it happens. It is served to this machine only, and what it shows
 * comes by server-sent events: HTML in place of the HTML before, at most once a second, and only while
 * somebody looks, so that it takes little from what is shown.
 *
 * @module
 */

import { FileError } from "../errors.ts";
import { livePageHtml } from "../inspect/live_page.ts";
import { reasonOf } from "./file_error.ts";

/** Options of {@linkcode livePage}. */
export interface LivePageOptions {
  /** Name of the page. */
  readonly title: string;
  /** Where to listen on 127.0.0.1; 0, the default, is any port that is free. */
  readonly port?: number;
  /** Milliseconds that have to lie between two pictures; 1000 by default. */
  readonly pace?: number;
}

/** A page that is being served; `await using` shows the last picture and ends it. */
export interface LivePage extends AsyncDisposable {
  /** Where it is. */
  readonly url: string;
  /** Shows other HTML, which is written when it is time, and if somebody looks. */
  show(html: () => string): void;
}

type Viewer = ReadableStreamDefaultController<Uint8Array>;

const HOST = "127.0.0.1";
/** How many times as long as drawing takes nothing is drawn: a twentieth of the time goes into it. */
const SPARING = 20;
/** Milliseconds that viewers have to take the last picture. */
const PATIENCE = 1000;

/**
 * Serves a page on 127.0.0.1; needs `--allow-net=127.0.0.1`.
 *
 * @throws {FileError} If the port is in use, or the permission is missing.
 *
 * @example A number that grows
 * ```ts ignore
 * import { livePage } from "@fplusx/nn/deno";
 *
 * await using page = livePage({ title: "Counting", port: 8000 });
 * for (let i = 0; i < 60; i++) {
 *   page.show(() => `<p>${i}</p>`);
 *   await new Promise((resolve) => setTimeout(resolve, 1000));
 * }
 * ```
 */
export function livePage({ title, port = 0, pace = 1000 }: LivePageOptions): LivePage {
  const nonce = crypto.randomUUID();
  const viewers = new Set<Viewer>();
  let html: (() => string) | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let due = 0;

  const picture = () => html ? [frame("show", html())] : [];
  const send = () => {
    waiting = undefined;
    if (viewers.size === 0) return;
    const begun = performance.now();
    const pieces = picture();
    const now = performance.now();
    due = now + Math.max(pace, SPARING * (now - begun));
    // Whoever has not taken the last picture misses this one.
    for (const viewer of viewers) if (viewer.desiredSize! > 0) enqueue(viewer, pieces);
  };
  const events = () => {
    let mine: Viewer;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        mine = controller;
        viewers.add(mine);
        enqueue(mine, picture());
      },
      cancel: () => void viewers.delete(mine),
    }, { highWaterMark: 2 });
    return new Response(body, { headers: headers("text/event-stream") });
  };
  const stop = new AbortController();
  const server = listen(port, stop.signal, (request) => {
    // A page of another name that leads here would be read by whoever owns the name.
    const hosts = [addressOf(server), `localhost:${server.addr.port}`];
    if (!hosts.includes(request.headers.get("host") ?? "")) return refuse(403);
    const { pathname } = new URL(request.url);
    if (request.method !== "GET") return refuse(405);
    if (pathname === "/events") return events();
    if (pathname !== "/") return refuse(404);
    const type = headers("text/html; charset=utf-8");
    return new Response(livePageHtml(title, nonce), {
      headers: {
        ...type,
        "content-security-policy": `default-src 'none'; connect-src 'self'; img-src data:; ` +
          `style-src 'unsafe-inline'; script-src 'nonce-${nonce}'`,
      },
    });
  });

  return {
    url: `http://${addressOf(server)}/`,
    show(next) {
      html = next;
      waiting ??= setTimeout(send, Math.max(0, due - performance.now()));
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(waiting);
      for (const viewer of viewers) {
        enqueue(viewer, [...picture(), frame("end", "")]);
        viewer.close();
      }
      viewers.clear();
      const impatient = setTimeout(() => stop.abort(), PATIENCE);
      await server.shutdown();
      clearTimeout(impatient);
    },
  };
}

const addressOf = ({ addr: { hostname, port } }: Deno.HttpServer<Deno.NetAddr>): string =>
  `${hostname}:${port}`;

function listen(
  port: number,
  signal: AbortSignal,
  answer: (request: Request) => Response,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: HOST, port, signal, onListen() {} }, answer);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotCapable
      ? `the permission is missing; run with --allow-net=${HOST}`
      : reasonOf(cause);
    throw new FileError(`Cannot serve http://${HOST}:${port}/: ${reason}`, { cause });
  }
}

const headers = (type: string) => ({ "content-type": type, "cache-control": "no-store" });
const refuse = (status: number) => new Response(null, { status });

function enqueue(viewer: Viewer, pieces: readonly Uint8Array[]): void {
  for (const piece of pieces) viewer.enqueue(piece);
}

/** An event of a stream; JSON has no line breaks of its own. */
const frame = (name: string, html: string): Uint8Array =>
  new TextEncoder().encode(`event: ${name}\ndata: ${JSON.stringify(html)}\n\n`);
