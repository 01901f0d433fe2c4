/**
 * Tensors whose values lie on the device in halves: floats of 16 bits, half the memory and half the
 * traffic. That is nobody's business but the programs': to all others they are `float32`. A program
 * that takes no halves gets floats, to which the data are widened, for good, before it runs; and
 * no halves are left when the function that may make them is done, so they are never read, kept or
 * recorded as such.
 *
 * @module
 */

import { BackendError } from "../../errors.ts";
import type { tf } from "../../tfjs.ts";
import type { GuardedBackend } from "./backend.ts";
import { dispatch } from "./dispatch.ts";
import { elementwise } from "./elementwise.ts";
import type { Program } from "./program.ts";

/** Gives `y` from `x`, the same in halves. */
export const widened = (size: number): Program =>
  elementwise("widened", size, ["y"], ["x"], [], "y[at] = T(x[at]);", ["x"]);

/** The data that are kept in halves now. */
export class Halves {
  readonly #sizes = new Map<object, number>();

  /** Keeps none yet. */
  constructor(readonly backend: GuardedBackend) {}

  /** Tells whether these are among them. */
  has(dataId: object): boolean {
    return this.#sizes.has(dataId);
  }

  /** Makes room for new data of so many elements, unless they are among them already. */
  place(dataId: object, size: number): void {
    if (this.has(dataId)) return;
    const data = this.backend.tensorMap.get(dataId);
    const { shape } = data;
    Object.assign(data, { shape: [Math.ceil(size / 2)] }); // tfjs makes room for words
    this.backend.uploadToGPU(dataId);
    Object.assign(data, { shape });
    this.#sizes.set(dataId, size);
  }

  /** Turns data into floats. */
  widen(dataId: object): void {
    const size = this.#sizes.get(dataId)!;
    const { backend } = this;
    const wide = backend.makeTensorInfo([size], "float32");
    dispatch(backend, widened(size), [wide], [{ dataId, shape: [size], dtype: "float32" }]);
    const [data, other] = [dataId, wide.dataId].map((id) => backend.tensorMap.get(id));
    [data!.resource, other!.resource] = [other!.resource!, data!.resource!];
    this.#sizes.delete(dataId);
    backend.disposeData(wide.dataId);
  }

  /** Turns all that is still in use into floats. */
  widenAll(): void {
    for (const dataId of this.#sizes.keys()) {
      if (this.backend.refCount(dataId) > 0) this.widen(dataId);
    }
  }
}

/**
 * Runs `f`, in which convolutions, batch normalisation and pooling may keep in halves what they make.
 *
 * @throws {BackendError} If the device has no halves.
 */
export function withHalves<T>(backend: GuardedBackend, f: () => T): T {
  if (backend.halves !== undefined) return f();
  if (!backend.device.features.has("shader-f16")) {
    throw new BackendError(
      `Cannot compute in mixed precision on "${backend.adapter}": the device has no shader-f16`,
    );
  }
  backend.halves = new Halves(backend);
  try {
    return f();
  } finally {
    backend.halves.widenAll();
    backend.halves = undefined;
  }
}

/** What a result is kept in, where it may be halves: only those are worth it that are read as such. */
export type Makes = "floats" | "halves";

/** The names of those tensors that are kept in halves, or may be since they are not made yet. */
export function halvesAmong(
  { halves }: GuardedBackend,
  tensors: Readonly<Record<string, tf.TensorInfo | "new" | undefined>>,
): string[] {
  if (halves === undefined) return [];
  return Object.keys(tensors).filter((name) => {
    const tensor = tensors[name];
    return tensor === "new" || tensor !== undefined && halves.has(tensor.dataId);
  });
}
