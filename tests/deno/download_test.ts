/** Downloads from a server on this machine that breaks off, lies, changes its mind and says no. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ArgumentError, FileError, FormatError, key, randomBits } from "@fplusx/nn";
import { download, type DownloadOptions, sha256 } from "@fplusx/nn/deno";

const FILE = Uint8Array.from(randomBits(key(0), 600_000));
const SHA256 = await sha256(FILE);

/** What a server answers; it breaks off where `body` is shorter than `length` says. */
interface Answer {
  status: string;
  headers?: string[];
  body: Uint8Array;
  /** Length that is promised, if any; else the file ends with the connection. */
  length?: number;
}

/** Answers the request number `count`, for the bytes from `start` on. */
type Server = (start: number, count: number) => Answer;

interface Served {
  url: string;
  folder: string;
  path: string;
  /** The first byte that each request asked for. */
  starts: number[];
  fetch(options?: Partial<DownloadOptions>): Promise<string>;
}

/** Runs a test with a server that answers one request on each connection. */
async function serving(server: Server, test: (served: Served) => Promise<void>): Promise<void> {
  const folder = `runs/test-${crypto.randomUUID()}`;
  const starts: number[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = (async () => {
    for await (const connection of listener) {
      using _closed = connection;
      const request = await readRequest(connection);
      const start = Number(request.match(/^range: bytes=(\d+)-/im)?.[1] ?? 0);
      starts.push(start);
      await respond(connection, server(start, starts.length - 1)).catch(() => {});
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}/set/file.bin`;
  try {
    await test({
      url,
      folder,
      path: `${folder}/file.bin`,
      starts,
      fetch: (options) => download(url, { folder, sha256: SHA256, size: FILE.length, ...options }),
    });
  } finally {
    listener.close();
    await answering;
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

async function readRequest(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

async function respond(
  connection: Deno.Conn,
  { status, headers = [], body, length }: Answer,
): Promise<void> {
  const promised = length === undefined ? [] : [`content-length: ${length}`];
  const head = [`HTTP/1.1 ${status}`, "connection: close", ...promised, ...headers, "", ""];
  const bytes = [new TextEncoder().encode(head.join("\r\n")), body];
  const writer = connection.writable.getWriter();
  for (const part of bytes) await writer.write(part);
  await writer.close();
}

const whole: Server = () => ({ status: "200 OK", body: FILE, length: FILE.length });
const rest: Server = (start) => ({
  status: "206 Partial Content",
  headers: [`content-range: bytes ${start}-${FILE.length - 1}/${FILE.length}`],
  body: FILE.subarray(start),
  length: FILE.length - start,
});
const asked: Server = (start, count) => (start > 0 ? rest : whole)(start, count);

/** Sends only so many bytes of an answer. */
const cut = (answer: Answer, after: number): Answer => ({
  ...answer,
  body: answer.body.subarray(0, after),
});

Deno.test("download() brings the file once, and tells how far it is", async () => {
  await serving(whole, async ({ fetch, path, folder, starts }) => {
    const seen: { received: number; total: number }[] = [];
    assertEquals(await fetch({ progress: (progress) => seen.push(progress) }), path);
    assertEquals(await Deno.readFile(path), FILE);
    assertEquals(seen.at(-1), { received: FILE.length, total: FILE.length });
    assert(seen.every(({ received }, i) => i === 0 || received > seen[i - 1]!.received));
    assertEquals(await fetch(), path);
    assertEquals(starts, [0]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["file.bin"]);
  });
});

Deno.test("A file that was damaged since is downloaded again", async () => {
  await serving(whole, async ({ fetch, path, starts }) => {
    await fetch();
    await Deno.writeFile(path, FILE.with(77, FILE[77]! ^ 1));
    assertEquals(await Deno.readFile(await fetch()), FILE);
    assertEquals(starts, [0, 0]);
  });
});

Deno.test("A broken connection is taken up again where it broke, as long as something arrives", async () => {
  const server: Server = (start, count) =>
    count < 2 ? cut(asked(start, count), 20_000) : rest(start, count);
  await serving(server, async ({ fetch, path, starts }) => {
    await fetch();
    assertEquals(await Deno.readFile(path), FILE);
    assertEquals(starts, [0, 20_000, 40_000]);
  });
});

Deno.test("What a failed download has brought is used by the next", async () => {
  let broken = true;
  const server: Server = (start, count) =>
    broken ? cut(asked(start, count), start === 0 ? 10_000 : 0) : rest(start, count);
  await serving(server, async ({ fetch, path, url, folder, starts }) => {
    assertEquals(
      (await assertRejects(() => fetch(), FileError)).message,
      `Cannot download "${url}": the connection failed; what has arrived is kept, so try again`,
    );
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["file.bin.part"]);
    broken = false;
    await fetch();
    assertEquals(await Deno.readFile(path), FILE);
    assertEquals(starts, [0, 10_000, 10_000]);
  });
});

Deno.test("A server that cannot leave out what is there sends all of it", async () => {
  await serving(whole, async ({ fetch, path, folder, starts }) => {
    await Deno.mkdir(folder);
    await Deno.writeFile(`${path}.part`, FILE.subarray(0, 5));
    await fetch();
    assertEquals(await Deno.readFile(path), FILE);
    assertEquals(starts, [5]);
  });
});

Deno.test("What was left by another file, or is too long, is thrown away", async () => {
  for (
    const left of [FILE.map((byte) => byte ^ 1).subarray(0, 9), new Uint8Array(FILE.length + 1)]
  ) {
    await serving(rest, async ({ fetch, path, folder, starts }) => {
      await Deno.mkdir(folder);
      await Deno.writeFile(`${path}.part`, left);
      await fetch();
      assertEquals(await Deno.readFile(path), FILE);
      assertEquals(starts.at(-1), 0);
    });
  }
});

Deno.test("Another file than promised is refused, and nothing of it is kept", async () => {
  const other = FILE.toReversed();
  const digest = await sha256(other);
  await serving(() => ({ status: "200 OK", body: other }), async ({ fetch, url, folder }) => {
    assertEquals(
      (await assertRejects(() => fetch(), FormatError)).message,
      `Cannot use "${url}": its SHA-256 digest is ${digest}, need ${SHA256}, at byte 0`,
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("A file that is longer than promised is refused before it fills the disk", async () => {
  await serving(whole, async ({ fetch, url, folder }) => {
    assertEquals(
      (await assertRejects(() => fetch({ size: 100 }), FormatError)).message,
      `Cannot use "${url}": it has more than 100 bytes, at byte 100`,
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("A server that sends nothing is not asked for ever", async () => {
  await serving(
    () => ({ status: "200 OK", body: new Uint8Array() }),
    async ({ fetch, url, starts }) => {
      assertEquals(
        (await assertRejects(() => fetch(), FileError)).message,
        `Cannot download "${url}": the server sent 0 of 600000 bytes`,
      );
      assertEquals(starts, [0]);
    },
  );
});

Deno.test("What the server says is told", async () => {
  const missing = () => ({ status: "404 Not Found", body: FILE });
  await serving(missing, async ({ fetch, url }) => {
    assertEquals(
      (await assertRejects(() => fetch(), FileError)).message,
      `Cannot download "${url}": the server answered 404 Not Found`,
    );
  });
});

Deno.test("A download is stopped by its signal, and taken up again", async () => {
  await serving(asked, async ({ fetch, path, starts }) => {
    const abort = new AbortController();
    const error = await assertRejects(() =>
      fetch({ signal: abort.signal, progress: () => abort.abort(new Error("enough")) })
    );
    assertEquals((error as Error).message, "enough");
    const { size } = await Deno.stat(`${path}.part`);
    assert(size > 0 && size < FILE.length, `${size}`);
    await fetch();
    assertEquals(await Deno.readFile(path), FILE);
    assertEquals(starts, [0, size]);
  });
});

Deno.test("Of several downloads of a file one asks, and the others wait", async () => {
  await serving(whole, async ({ fetch, path, starts }) => {
    assertEquals(await Promise.all([fetch(), fetch(), fetch()]), [path, path, path]);
    assertEquals(starts, [0]);
    assertEquals(await Deno.readFile(path), FILE);
  });
});

Deno.test("Of several downloads one goes on where another gave up, or has the file by then", async () => {
  const server: Server = (_, count) =>
    count === 0 ? { status: "503 Service Unavailable", body: FILE } : whole(0, count);
  await serving(server, async ({ fetch, path, folder, starts }) => {
    const results = await Promise.allSettled([fetch(), fetch(), fetch()]);
    assertEquals(results.map(({ status }) => status).sort(), [
      "fulfilled",
      "fulfilled",
      "rejected",
    ]);
    assertEquals(starts, [0, 0]);
    assertEquals(await Deno.readFile(path), FILE);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["file.bin"]);
  });
});

Deno.test("download() names the one host that it needs", async () => {
  const folder = `runs/test-${crypto.randomUUID()}`;
  for (
    const [url, host] of [
      ["https://data.example/a/file.bin", "data.example"],
      ["http://data.example:8080/file.bin", "data.example:8080"],
    ] as const
  ) {
    assertEquals(
      (await assertRejects(() => download(url, { folder, sha256: SHA256, size: 1 }), FileError))
        .message,
      `Cannot download "${url}": the permission is missing; run with --allow-net=${host}`,
    );
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("A redirection to another host names that host", async () => {
  const away = () => ({
    status: "302 Found",
    headers: ["location: https://elsewhere.example/file.bin"],
    body: new Uint8Array(),
    length: 0,
  });
  await serving(away, async ({ fetch, url }) => {
    assertEquals(
      (await assertRejects(() => fetch(), FileError)).message,
      `Cannot download "${url}": the permission is missing; run with ` +
        "--allow-net=elsewhere.example",
    );
  });
});

Deno.test("download() says when the name of the file is too long", async () => {
  const folder = `runs/test-${crypto.randomUUID()}`;
  const name = "x".repeat(300);
  assertEquals(
    (await assertRejects(
      () => download(`http://127.0.0.1/${name}`, { folder, sha256: SHA256, size: 1 }),
      FileError,
    )).message,
    `Cannot write "${folder}/${name}": file name too long (ENAMETOOLONG)`,
  );
  await Deno.remove(folder);
});

Deno.test("download() names the permission of the folder", async () => {
  assertEquals(
    (await assertRejects(
      () => download("http://127.0.0.1/f", { folder: "/nowhere", sha256: SHA256, size: 1 }),
      FileError,
    )).message,
    'Cannot read "/nowhere/f": the permission is missing; run with --allow-read=/nowhere',
  );
});

Deno.test("download() refuses an address without a file, and a digest that is none", async () => {
  const refuse = async (url: string, sha256: string) =>
    (await assertRejects(() => download(url, { sha256, size: 1 }), ArgumentError)).message;
  const ends = ["", "a/..%2fb", "%2e%2e", "a/%2e%2e%2f", ".hidden", "c:file", "a%00b", "a%5cb"];
  for (const url of ends.map((end) => `https://data.example/${end}`)) {
    assertEquals(
      await refuse(url, SHA256),
      `Cannot download "${new URL(url).href}": need the name of a file at its end`,
    );
  }
  assertEquals(
    await refuse("https://data.example/file", "abc"),
    'Cannot download "https://data.example/file" with digest "abc": need 64 hexadecimal digits',
  );
});
