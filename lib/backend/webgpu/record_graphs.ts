/**
 * The recordings of one step: one for each signature, in one workspace. A step is recorded when a
 * signature is new, and for some calls more its code is run again and compared with the recording.
 *
 * @module
 */

import type { Tensor } from "../../tensor.ts";
import { empty, leaves, rebuild, type Tree } from "../../tree.ts";
import type { GuardedBackend } from "./backend.ts";
import { record } from "./record.ts";
import { assertSameStep } from "./record_difference.ts";
import { Graph } from "./record_graph.ts";
import { Workspace } from "./record_memory.ts";
import type { Succession } from "./record_overwrite.ts";

/** What a step does to its inputs: the tree of what it gives, and what of it succeeds which input. */
export type Flow = (inputs: readonly Tensor[]) => [tree: Tree, succession: Succession];

/** A recording, and the tree of what it gives. */
interface Recorded {
  readonly graph: Graph;
  readonly tree: Tree;
}

/** Signatures that are remembered; when there are more, the one that was used longest ago is not. */
const MOST = 8;

/** The recordings of one step on one backend. */
export class Graphs {
  readonly #recorded = new Map<string, Recorded>();
  readonly #workspace: Workspace;

  /** Makes none yet; for `checks` calls after a recording the step is compared with it. */
  constructor(
    readonly backend: GuardedBackend,
    readonly donates: boolean,
    readonly checks: number,
  ) {
    this.#workspace = new Workspace(backend.device);
  }

  /**
   * Replays the step, or records it first.
   *
   * @throws {BackendError} If it cannot be recorded.
   * @throws {MismatchError} If it does something else than when it was recorded.
   */
  run(signature: string, inputs: readonly Tensor[], flow: Flow): Tree {
    this.backend.watch.check();
    let known = this.#recorded.get(signature);
    if (known === undefined) {
      this.#forgetOldest();
      known = this.#record(inputs, flow);
    } else if (known.graph.replays <= this.checks) {
      const now = record(this.backend, inputs, (x) => leaves(flow(x)[0]));
      assertSameStep(known.graph.recording, now);
    }
    this.#recorded.delete(signature);
    this.#recorded.set(signature, known);
    const { tree, graph } = known;
    return graph.replay(inputs, (results) => rebuild(tree, results));
  }

  /** The recordings, the one used last at the end. */
  get all(): readonly Graph[] {
    return [...this.#recorded.values()].map(({ graph }) => graph);
  }

  /** Number of bytes on the device that they have in common. */
  get sharedBytes(): number {
    return this.#workspace.bytes;
  }

  /** Lets go of all of them; what they gave stays alive. */
  dispose(): void {
    for (const graph of this.all) graph.dispose();
    this.#recorded.clear();
    this.#workspace.destroy();
  }

  #record(inputs: readonly Tensor[], flow: Flow): Recorded {
    let tree: Tree = empty;
    let succession: Succession = new Map();
    const recording = record(this.backend, inputs, (x) => {
      [tree, succession] = flow(x);
      return leaves(tree);
    });
    const graph = new Graph(this.backend, recording, succession, this.donates, this.#workspace);
    return { graph, tree };
  }

  #forgetOldest(): void {
    if (this.#recorded.size < MOST) return;
    const [signature, { graph }] = this.#recorded.entries().next().value!;
    graph.dispose();
    this.#recorded.delete(signature);
  }
}
