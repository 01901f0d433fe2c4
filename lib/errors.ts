/**
 * Every error that fplusx throws on purpose is an {@linkcode FplusxError}: it has a `code` to branch
 * on, a `reason` that says what is and what is needed, and the `path` of the place in the model.
 * Errors are immutable: on the way out of a nested model each combinator throws a copy whose path
 * is one name longer, so the message ends with the whole path.
 *
 * @module
 */

/** The kinds of mistakes and faults that fplusx reports. */
export type ErrorCode =
  | "SHAPE"
  | "ARG"
  | "DTYPE"
  | "LABEL"
  | "TREE"
  | "NONFINITE"
  | "EMPTY"
  | "FORMAT"
  | "KEYS"
  | "IO"
  | "LOCKED"
  | "BACKEND"
  | "MEMORY"
  | "DEVICE_LOST"
  | "DISPOSED"
  | "LEAK"
  | "MISMATCH";

/**
 * The base of all errors thrown by fplusx.
 *
 * @example Branching on the code
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { conv, FplusxError, key } from "@fplusx/nn";
 *
 * try {
 *   conv(8, 3).init(key(0), [1, 28, 28]);
 * } catch (error) {
 *   assertEquals((error as FplusxError).code, "SHAPE");
 * }
 * ```
 */
export class FplusxError extends Error {
  /** The kind of error. */
  readonly code: ErrorCode;
  /** What is and what is needed, without the place. */
  readonly reason: string;
  /** Where in the model or tree, as names joined by dots; empty at the root. */
  readonly path: string;

  /** Makes an error of one kind for one place. */
  constructor(code: ErrorCode, reason: string, path = "", options?: ErrorOptions) {
    super(path === "" ? reason : `${reason}, at "${path}"`, options);
    this.name = new.target.name;
    this.code = code;
    this.reason = reason;
    this.path = path;
  }

  /** Gives this error as seen from one level further out. */
  within(name: string): FplusxError {
    const path = this.path === "" ? name : `${name}.${this.path}`;
    const outer: FplusxError = Object.create(
      Object.getPrototypeOf(this),
      Object.getOwnPropertyDescriptors(this),
    );
    const own = { path, message: `${this.reason}, at "${path}"` };
    for (const [field, value] of Object.entries(own)) {
      Object.defineProperty(outer, field, { value, enumerable: false, configurable: true });
    }
    Object.defineProperty(outer, "stack", {
      value: this.stack?.replace(this.message, own.message),
    });
    return outer;
  }
}

/** Thrown when shapes do not fit: a wrong rank, channel count, or size. Comes from `init`. */
export class ShapeError extends FplusxError {
  /** Makes a shape error. */
  constructor(reason: string, path?: string) {
    super("SHAPE", reason, path);
  }
}

/** Thrown when an option or argument has a value out of its range. */
export class ArgumentError extends FplusxError {
  /** Makes an argument error. */
  constructor(reason: string, path?: string) {
    super("ARG", reason, path);
  }
}

/** Thrown when a tensor or array has another element type than needed; fplusx never casts silently. */
export class DTypeError extends FplusxError {
  /** Makes an element-type error. */
  constructor(reason: string, path?: string) {
    super("DTYPE", reason, path);
  }
}

/** Thrown when a class label is not an integer from 0 up to the number of classes. */
export class LabelError extends FplusxError {
  /** Makes a label error. */
  constructor(reason: string, path?: string) {
    super("LABEL", reason, path);
  }
}

/** Thrown when two trees differ in structure, or a value is not a tree. */
export class TreeError extends FplusxError {
  /** Makes a tree error. */
  constructor(reason: string, path?: string) {
    super("TREE", reason, path);
  }
}

/** Thrown when a data set or batch has nothing in it. */
export class EmptyError extends FplusxError {
  /** Makes an error about missing content. */
  constructor(reason: string, path?: string) {
    super("EMPTY", reason, path);
  }
}

/** Thrown when the loss is not a number any more; names the step and the first layer at fault. */
export class NonFiniteError extends FplusxError {
  /** The step (from 0) whose loss was not finite. */
  readonly step: number;

  /** Makes an error about a loss that is not finite. */
  constructor(reason: string, step: number, path?: string) {
    super("NONFINITE", reason, path);
    this.step = step;
  }
}

/** Thrown when bytes are not in the format they should be in; `offset` says where. */
export class FormatError extends FplusxError {
  /** The byte at which the file stops making sense. */
  readonly offset: number;

  /** Makes a format error. */
  constructor(reason: string, offset: number, path?: string) {
    super("FORMAT", `${reason}, at byte ${offset}`, path);
    this.offset = offset;
  }
}

/** Thrown when names in a file and names in a model disagree; `reason` lists all of them. */
export class KeysError extends FplusxError {
  /** Makes an error about keys. */
  constructor(reason: string) {
    super("KEYS", reason);
  }
}

/** Thrown when a file cannot be read or written; `cause` is the error of the system. */
export class FileError extends FplusxError {
  /** Makes an error about a file. */
  constructor(reason: string, options?: ErrorOptions) {
    super("IO", reason, "", options);
  }
}

/** Thrown when something is in use by another process. */
export class LockedError extends FplusxError {
  /** Makes an error about a lock. */
  constructor(reason: string) {
    super("LOCKED", reason);
  }
}

/** Thrown when a backend is missing, fails its self-test, or cannot do what is asked. */
export class BackendError extends FplusxError {
  /** Makes a backend error. */
  constructor(reason: string, options?: ErrorOptions) {
    super("BACKEND", reason, "", options);
  }
}

/** Thrown when a step does what a recording of it could not do again; without `compile` it can do so. */
export class RecordingError extends BackendError {}

/** Thrown when a backend runs out of memory. */
export class OutOfMemoryError extends FplusxError {
  /** Makes an out-of-memory error. */
  constructor(reason: string) {
    super("MEMORY", reason);
  }
}

/** Thrown when the GPU device was lost; the last state the loop yielded is still good on the host. */
export class DeviceLostError extends FplusxError {
  /** Makes a device-lost error. */
  constructor(reason: string) {
    super("DEVICE_LOST", reason);
  }
}

/** Thrown when a tensor is used after it was disposed. */
export class DisposedError extends FplusxError {
  /** Makes an error about a disposed tensor. */
  constructor(reason: string) {
    super("DISPOSED", reason);
  }
}

/** Thrown by `assertNoLeaks` when tensors were left alive. */
export class LeakError extends FplusxError {
  /** Makes a leak error. */
  constructor(reason: string) {
    super("LEAK", reason);
  }
}

/** Thrown when two ways to compute the same thing disagree: a gradient, or a backend, is wrong. */
export class MismatchError extends FplusxError {
  /** Makes an error about a disagreement. */
  constructor(reason: string, path?: string) {
    super("MISMATCH", reason, path);
  }
}

/** Runs `f`, and adds `name` to the path of an {@linkcode FplusxError} that comes out of it. */
export function within<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    throw error instanceof FplusxError ? error.within(name) : error;
  }
}

/** Writes a shape as messages do: `[128,32,32,3]`. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(",")}]`;
}
