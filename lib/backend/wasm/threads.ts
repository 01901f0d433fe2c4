/**
 * Threads for the WASM backend. Emscripten's threaded build looks for a script URL and for global
 * `process`, `Worker` and `navigator`, none of which suits a library; so its factory is evaluated
 * again with substitutes in their place, here and in each worker. The workers are those of
 * `node:worker_threads`, unreferenced: unlike web workers they let the process exit.
 *
 * @module
 */

import { Worker as Thread } from "node:worker_threads";
import type { EmscriptenFactory } from "./load.ts";

/** The factory's text as a function body that has the factory for its value. */
const asBody = (source: string): string => `var _scriptDir; return (${source});`;

/** Gives the factory of the threaded build for a certain number of threads. */
export function threadedFactory(factory: EmscriptenFactory, threads: number): EmscriptenFactory {
  const source = factory.toString();
  // The calling thread is one of them; the pool is filled before the first kernel runs.
  const sized = source.replace("pthreadPoolSize=8", `pthreadPoolSize=${threads - 1}`);
  const evaluate = new Function(
    "process",
    "require",
    "Worker",
    "global",
    "navigator",
    asBody(sized),
  );
  // The C++ code uses no more threads than half of the cores it is told of.
  const cores = { hardwareConcurrency: 2 * threads };
  return evaluate(undefined, undefined, workerClass(source), globalThis, cores);
}

interface Message {
  readonly cmd?: string;
}

/** A class that Emscripten takes for the web's `Worker`. */
function workerClass(source: string): new () => object {
  const script = workerScript(source);
  return class {
    onmessage?: (event: { data: unknown }) => void;
    onerror?: (error: unknown) => void;
    readonly #thread = new Thread(script, { eval: true });

    constructor() {
      this.#thread.on("message", (data: unknown) => this.onmessage?.({ data }));
      this.#thread.on("error", (error: unknown) => this.onerror?.(error));
      this.#thread.unref();
    }

    postMessage(message: Message): void {
      // The worker has the code already, and functions cannot be sent.
      const load = { ...message, urlOrBlob: undefined, handlers: [] };
      this.#thread.postMessage(message.cmd === "load" ? load : message);
    }

    terminate(): void {
      this.#thread.terminate();
    }
  };
}

/** What runs in a worker: it instantiates the module on the shared memory, then enters threads. */
function workerScript(source: string): string {
  return `
    const { parentPort } = require("node:worker_threads");
    globalThis.postMessage = (message) => parentPort.postMessage(message);
    const factory = new Function("process", "require", "global", "self", ${
    JSON.stringify(asBody(source))
  })(undefined, undefined, globalThis, globalThis);
    let threaded = {
      ENVIRONMENT_IS_PTHREAD: true,
      instantiateWasm(imports, done) {
        const instance = new WebAssembly.Instance(threaded.wasmModule, imports);
        done(instance);
        return instance.exports;
      },
    };
    globalThis.startWorker = (instance) => {
      threaded = instance;
      postMessage({ cmd: "loaded" });
    };
    const commands = {
      load({ wasmModule, wasmMemory }) {
        factory(Object.assign(threaded, { wasmModule, wasmMemory, buffer: wasmMemory.buffer }));
      },
      run(message) {
        threaded.__emscripten_thread_init(message.pthread_ptr, 0, 0, 1);
        threaded.establishStackSpace();
        threaded.PThread.receiveObjectTransfer(message);
        threaded.PThread.threadInitTLS();
        try {
          threaded.invokeEntryPoint(message.start_routine, message.arg);
        } catch (reason) {
          if (reason !== "unwind") throw reason;
        }
      },
    };
    parentPort.on("message", (message) => commands[message.cmd]?.(message));
  `;
}
