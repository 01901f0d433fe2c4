/**
 * tfjs's threaded build, for its memory, which threads of ours can share: its own wait by spinning, so
 * that none are started. Its factory looks for a script URL and for global `process`, `Worker` and
 * `navigator`, none of which suits a library, and is evaluated again with substitutes in their place.
 *
 * @module
 */

import type { EmscriptenFactory } from "./load.ts";

/** Gives the factory of the threaded build for no threads but the calling one. */
export function withoutThreads(factory: EmscriptenFactory): EmscriptenFactory {
  const evaluate = new Function(
    ...["process", "require", "Worker", "global", "navigator"],
    `var _scriptDir; return (${factory});`,
  );
  return evaluate(undefined, undefined, Nobody, globalThis, { hardwareConcurrency: 2 });
}

/** What Emscripten takes for the web's `Worker`: says that it is ready, and is never called upon. */
class Nobody {
  onmessage?: (event: { data: { cmd: string } }) => void;

  postMessage(): void {
    this.onmessage?.({ data: { cmd: "loaded" } });
  }

  terminate(): void {}
}
