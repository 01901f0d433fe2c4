/**
 * Loads tfjs's WASM backend without asking for any permission, and with our kernels in it. The
 * binary is imported as a source-phase module, so that it arrives with the module graph like any
 * other code: nothing is fetched, read or located at run time. tfjs's own loader, which needs to
 * read a file by its path, is replaced.
 *
 * @module
 */

import { BackendWasm, setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { ArgumentError, OutOfMemoryError } from "../../errors.ts";
import { tf } from "../../tfjs.ts";
import { installKernels } from "./kernels.ts";
import { withoutThreads } from "./shared_build.ts";
import { type Perform, performerIn } from "./perform.ts";

/** What we use of the module that Emscripten makes. */
export interface EmscriptenModule {
  /** The heap; another array after it has grown. */
  readonly HEAPU8: Uint8Array;
  /** The heap as integers; another array after it has grown. */
  readonly HEAP32: Int32Array;
  /** Makes calls of our own WebAssembly in the heap. */
  perform?: Perform;
  /** What tfjs's backend calls. */
  tfjs?: Readonly<Record<string, CallableFunction>>;
  /** Gives the address of a piece of the heap, or 0. */
  _malloc(bytes: number): number;
  /** Gives a piece of the heap back. */
  _free(address: number): void;
  /** Makes a JavaScript function of a C++ one. */
  cwrap(name: string, result: "number" | null, parameters: readonly string[]): CallableFunction;
}

/** Makes an Emscripten module from its options. */
export type EmscriptenFactory = (options: object) => Promise<EmscriptenModule>;

/** Options of {@linkcode registerWasm}. */
export interface WasmOptions {
  /**
   * How many threads share the work, 1 by default. More than there are idle cores do no good; they
   * change no result.
   */
  readonly threads?: number;
}

const MEBIBYTE = 2 ** 20;
/** Below this size a heap has room to grow, and an allocation needs no second look. */
const NEARLY_FULL = 3 * 1024 * MEBIBYTE;
/** What has to stay free for allocations inside of the C++ code, which cannot survive a failure. */
const HEADROOM = 64 * MEBIBYTE;

let loaded: EmscriptenModule | undefined;
let registered = false;

/**
 * Registers the backend `"wasm"` with tfjs; `await tf.setBackend("wasm")` then starts it. A second
 * call does nothing, because the number of threads is fixed when the backend starts.
 *
 * @throws {ArgumentError} If `threads` is not a positive integer.
 */
export function registerWasm({ threads = 1 }: WasmOptions = {}): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ArgumentError(`Cannot run on ${threads} threads: need a positive integer`);
  }
  if (registered) return;
  registered = true;
  installKernels();
  tf.removeBackend("wasm"); // tfjs registers its own when it is imported
  tf.registerBackend("wasm", () => start(threads), 2);
}

/** Size of the WASM heap in bytes, which only ever grows; 0 before the backend has started. */
export function wasmHeapBytes(): number {
  return loaded?.HEAPU8.length ?? 0;
}

async function start(threads: number): Promise<BackendWasm> {
  const [factory, binary] = threads === 1 ? await plain() : await sharing();
  let memory: WebAssembly.Memory | undefined;
  const module = await factory({
    locateFile: (path: string) => path,
    mainScriptUrlOrBlob: "unused", // or it would look for the URL of a script element
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) {
      const instance = new WebAssembly.Instance(binary, imports);
      memory = [instance.exports, ...Object.values(imports)].flatMap(Object.values<unknown>)
        .find((value) => value instanceof WebAssembly.Memory);
      done(instance, binary);
      return instance.exports;
    },
  });
  guardHeap(module);
  // One of the builds exports its memory, the other imports it.
  module.perform = performerIn(module, memory!, threads);
  module.tfjs = {
    init: module.cwrap("init", null, []),
    initWithThreadsCount: module.cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: module.cwrap("get_threads_count", "number", []),
    registerTensor: module.cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: module.cwrap("dispose_data", null, ["number"]),
    dispose: module.cwrap("dispose", null, []),
  };
  loaded = module;
  setThreadsCount(1); // the threads are ours
  // Our view of the module is narrower than tfjs's.
  return new BackendWasm(module as unknown as BackendWasm["wasm"]);
}

type Build = [factory: EmscriptenFactory, binary: WebAssembly.Module];

// In both, TypeScript takes the CommonJS module for its default export, and knows no source phase.

async function plain(): Promise<Build> {
  const { default: factory } = await import(
    "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js"
  );
  // @ts-ignore: see above
  const binary = await import.source(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"
  );
  return [factory as unknown as EmscriptenFactory, binary];
}

async function sharing(): Promise<Build> {
  const { default: factory } = await import(
    "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js"
  );
  // @ts-ignore: see above
  const binary = await import.source(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm"
  );
  return [withoutThreads(factory as unknown as EmscriptenFactory), binary];
}

/**
 * Makes a failed allocation an error. Stock tfjs takes the address 0 for an answer and writes its
 * tensor over the start of the heap. When the heap is nearly full, some of it is kept back.
 */
function guardHeap(module: EmscriptenModule): void {
  module._free(module._malloc(1)); // the first call of either puts another function in its place
  const malloc = module._malloc;
  const allocate = (bytes: number) => {
    const address = malloc(bytes);
    if (address === 0 || module.HEAPU8.length < NEARLY_FULL) return address;
    const spare = malloc(HEADROOM);
    module._free(spare === 0 ? address : spare);
    return spare === 0 ? 0 : address;
  };
  module._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? allocate(bytes) : 0; // the heap's addresses have 32 bits
    if (address !== 0 || bytes === 0) return address;
    const size = Math.round(module.HEAPU8.length / MEBIBYTE);
    throw new OutOfMemoryError(
      `Cannot allocate ${bytes} bytes: the WASM heap is exhausted at ${size} of at most 4096 MiB; ` +
        "a smaller batch needs less",
    );
  };
}
