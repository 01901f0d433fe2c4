/** The live page: who may see it, what comes and when, and that it ends. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FileError } from "@fplusx/nn";
import { livePage } from "@fplusx/nn/deno";

/** Reads the events of a page, one by one. */
async function* eventsOf(url: string): AsyncGenerator<[name: string, html: string]> {
  const { body, headers } = await fetch(`${url}events`);
  assertEquals(headers.get("content-type"), "text/event-stream");
  let text = "";
  for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end))!;
      yield [name!, JSON.parse(data!)];
      text = text.slice(end + 2);
    }
  }
}

Deno.test("a viewer gets what is shown now, what is shown then, and the end", async () => {
  const seen: [string, string][] = [];
  let reading: Promise<void>;
  {
    await using page = livePage({ title: "Counting", pace: 0 });
    page.show(() => "<p>first\nline</p>");
    const arrived = Promise.withResolvers<void>();
    reading = (async () => {
      for await (const event of eventsOf(page.url)) {
        seen.push(event);
        arrived.resolve();
      }
    })();
    await arrived.promise;
    page.show(() => "second");
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    page.show(() => "last");
  }
  await reading;
  assertEquals(seen, [
    ["show", "<p>first\nline</p>"],
    ["show", "second"],
    ["show", "last"],
    ["end", ""],
  ]);
});

Deno.test("nothing is drawn while nobody looks", async () => {
  let drawn = 0;
  {
    await using page = livePage({ title: "Unseen", pace: 0 });
    for (let i = 0; i < 20; i++) {
      page.show(() => `${drawn++}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  assertEquals(drawn, 0);
});

Deno.test("the page is for those who ask for it by its address, and its script is its own", async () => {
  await using page = livePage({ title: "A <b>" });
  const answer = await fetch(page.url);
  const html = await answer.text();
  assert(html.includes("<title>A &#60;b&#62;</title>"));
  const policy = answer.headers.get("content-security-policy")!;
  const nonce = /script-src 'nonce-([-0-9a-f]+)'$/.exec(policy)![1]!;
  assert(html.includes(`<script nonce="${nonce}">`));
  const status = async (path: string, init?: RequestInit) => {
    const { status, body } = await fetch(`${page.url}${path}`, init);
    await body?.cancel();
    return status;
  };
  assertEquals(await status("etc/passwd"), 404);
  assertEquals(await status("", { method: "POST" }), 405);
  const { hostname, port } = new URL(page.url);
  assertEquals(hostname, "127.0.0.1");
  assertMatch(await ask(Number(port), "evil.example"), /^HTTP\/1.1 403 /);
  assertMatch(await ask(Number(port), `localhost:${port}`), /^HTTP\/1.1 200 /);
});

/** Asks for the page by another name. */
async function ask(port: number, host: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("livePage() says when the port is taken", async () => {
  await using page = livePage({ title: "One" });
  const port = Number(new URL(page.url).port);
  assertThrows(
    () => livePage({ title: "Two", port }),
    FileError,
    `Cannot serve http://127.0.0.1:${port}/: address already in use (EADDRINUSE)`,
  );
});
