/**
 * Chromium without a window, by its DevTools protocol: opening a page, asking it something, and taking its
 * picture. Needs no package.
 *
 * @module
 */

/** A page in Chromium. */
export interface Page {
  /** Evaluates an expression in the page. */
  ask<T>(expression: string): Promise<T>;
  /** Waits until an expression is true in the page. */
  until(expression: string): Promise<void>;
  /** Takes a picture of the whole page, as a PNG. */
  picture(): Promise<Uint8Array>;
  /** What went wrong in the page: errors of scripts and of the console. */
  readonly complaints: readonly string[];
}

/** How a page is looked at. */
export type Look = { readonly width: number; readonly scheme: "light" | "dark" };

/** Starts Chromium, and gives what opens pages in it until it is disposed. */
export async function chromium(path: string): Promise<
  { open(url: string, look: Look): Promise<Page> } & AsyncDisposable
> {
  const profile = await Deno.makeTempDir();
  const process = new Deno.Command(path, {
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
      ...["--remote-debugging-port=0", `--user-data-dir=${profile}`],
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const socket = new WebSocket(await addressIn(process.stderr));
  await new Promise((resolve) => socket.onopen = resolve);
  const protocol = speak(socket);
  return {
    async open(url, look) {
      const { targetId } = await protocol.call("Target.createTarget", { url: "about:blank" });
      const target = { targetId, flatten: true };
      const { sessionId } = await protocol.call("Target.attachToTarget", target);
      return await pageOf(protocol, sessionId, url, look);
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      process.kill();
      await process.status;
      await Deno.remove(profile, { recursive: true });
    },
  };
}

// deno-lint-ignore no-explicit-any -- the answers of the protocol have no types here
type Answer = any;
type Protocol = {
  call(method: string, params?: object, sessionId?: string): Promise<Answer>;
  on(sessionId: string, hear: (method: string, params: Answer) => void): void;
};

function speak(socket: WebSocket): Protocol {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  const hearing = new Map<string, (method: string, params: Answer) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(data);
    if (method !== undefined) hearing.get(sessionId)?.(method, params);
    else if (error) waiting.get(id)!.reject(new Error(error.message));
    else waiting.get(id)!.resolve(result);
  };
  let last = 0;
  return {
    call(method, params = {}, sessionId) {
      const id = ++last;
      waiting.set(id, Promise.withResolvers());
      socket.send(JSON.stringify({ id, method, params, sessionId }));
      return waiting.get(id)!.promise;
    },
    on: (sessionId, hear) => void hearing.set(sessionId, hear),
  };
}

async function pageOf(
  protocol: Protocol,
  sessionId: string,
  url: string,
  { width, scheme }: Look,
): Promise<Page> {
  const call = (method: string, params?: object) => protocol.call(method, params, sessionId);
  const complaints: string[] = [];
  protocol.on(sessionId, (method, { exceptionDetails, entry }) => {
    if (method === "Runtime.exceptionThrown") complaints.push(exceptionDetails.text);
    if (method === "Log.entryAdded" && entry.level === "error") complaints.push(entry.text);
  });
  for (const domain of ["Page", "Runtime", "Log"]) await call(`${domain}.enable`);
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await call("Emulation.setEmulatedMedia", { features });
  const size = { width, height: 900, deviceScaleFactor: 1, mobile: false };
  await call("Emulation.setDeviceMetricsOverride", size);
  await call("Page.navigate", { url });
  const ask = async (expression: string): Promise<Answer> => {
    const { result } = await call("Runtime.evaluate", { expression, returnByValue: true });
    return result.value;
  };
  const page: Page = {
    ask,
    async until(expression) {
      for (let i = 0; i < 600; i++) {
        if (await ask(expression) === true) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`Never came true: ${expression}`);
    },
    async picture() {
      const options = { captureBeyondViewport: true };
      return Uint8Array.fromBase64((await call("Page.captureScreenshot", options)).data);
    },
    complaints,
  };
  await page.until('document.readyState === "complete" && location.href !== "about:blank"');
  return page;
}

/** Reads where Chromium listens, which it says when it has started. */
async function addressIn(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (
    const piece of stderr.pipeThrough(new TextDecoderStream()).values({ preventCancel: true })
  ) {
    text += piece;
    const found = /DevTools listening on (ws:\S+)/.exec(text);
    if (found) return found[1]!;
  }
  throw new Error(`Chromium did not start: ${text}`);
}
