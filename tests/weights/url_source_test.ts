/** Reading from a server: one that knows ranges, one that does not, and several that fail. */

import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "@fplusx/nn";
import { formatSafetensors, openSafetensors, urlSource } from "@fplusx/nn/weights";

const URL_ = "https://example.org/net.safetensors";
const scalar = (
  value: number,
) => ({ dtype: "F32", shape: [], data: Float32Array.of(value) } as const);
const FILE = formatSafetensors(new Map([["a", scalar(1)], ["b", scalar(2)]]));

/** A server that knows ranges, and the ranges that it was asked for. */
function server(bytes: Uint8Array<ArrayBuffer>) {
  const ranges: string[] = [];
  const fetch = (_url: string | URL, { headers }: RequestInit) => {
    const range = new Headers(headers).get("range")!;
    ranges.push(range);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)!;
    const part = bytes.slice(Number(first), Number(last) + 1);
    return Promise.resolve(
      new Response(part, {
        status: 206,
        headers: {
          "content-range": `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`,
        },
      }),
    );
  };
  return { ranges, fetch };
}

Deno.test("urlSource() asks for ranges only", async () => {
  const { ranges, fetch } = server(FILE);
  const file = await openSafetensors(await urlSource(URL_, { fetch }));
  assertEquals(await file.read(["b"]), new Map([["b", scalar(2)]]));
  const end = FILE.length;
  assertEquals(ranges, [
    "bytes=0-7",
    "bytes=0-7",
    `bytes=8-${end - 9}`,
    `bytes=${end - 4}-${end - 1}`,
  ]);
});

Deno.test("urlSource() sends the headers it is given", async () => {
  let seen: string | null = null;
  const { fetch } = server(FILE);
  await urlSource(URL_, {
    headers: { authorization: "Bearer x" },
    fetch: (url, init) => {
      seen = new Headers(init.headers).get("authorization");
      return fetch(url, init);
    },
  });
  assertEquals(seen, "Bearer x");
});

Deno.test("urlSource() keeps the whole file when the server knows no ranges", async () => {
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.resolve(new Response(FILE));
  };
  const file = await openSafetensors(await urlSource(URL_, { fetch }));
  assertEquals((await file.read(["a", "b"])).size, 2);
  assertEquals(requests, 1);
});

const FAILURES: [what: string, fetch: () => Promise<Response>, reason: string][] = [
  [
    "a missing file",
    () => Promise.resolve(new Response("no", { status: 404, statusText: "Not Found" })),
    "the server answered 404 Not Found",
  ],
  [
    "a server that hides the size",
    () => Promise.resolve(new Response("12345678", { status: 206 })),
    "the server does not tell its size",
  ],
  [
    "no connection",
    () => Promise.reject(new TypeError("error sending request")),
    "error sending request",
  ],
  [
    "a missing permission",
    () => Promise.reject(new Deno.errors.NotCapable("Requires net access")),
    "the permission is missing; run with --allow-net=example.org",
  ],
];

for (const [what, fetch, reason] of FAILURES) {
  Deno.test(`urlSource() reports ${what}`, async () => {
    const error = await assertRejects(() => urlSource(URL_, { fetch }), FileError);
    assertEquals(error.message, `Cannot fetch "${URL_}": ${reason}`);
  });
}

Deno.test("A server that stops answering with ranges is reported", async () => {
  const { fetch } = server(FILE);
  let first = true;
  const source = await urlSource(URL_, {
    fetch: (url, init) => {
      if (!first) return Promise.resolve(new Response(FILE));
      first = false;
      return fetch(url, init);
    },
  });
  assertEquals(
    (await assertRejects(() => source.read(0, 8), FileError)).message,
    `Cannot fetch "${URL_}": the server stopped answering with ranges`,
  );
});
