/**
 * The layer that our kernels are written in. A kernel gets a scratch pad: it makes tensors there,
 * calls other kernels, looks at the same memory under other shapes, and hands back one tensor. All
 * the others are let go when it ends, also when it ends in an error, so that running out of memory
 * in the middle leaves nothing behind.
 *
 * @module
 */

import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { tf } from "../../tfjs.ts";
import type { Perform } from "./perform.ts";
import { type Axis, partsOf, type Product, productCall } from "./simd/product.ts";
import type { Call } from "./simd/program.ts";
import { COLUMNS } from "./simd/tile.ts";
import { stridedCopy, stridesOf } from "./strided_copy.ts";

/** What a tensor is to a kernel: its memory, its shape and its type. */
export type TensorInfo = tf.TensorInfo;

/** Inputs of a kernel by name. */
export type Inputs = Readonly<Record<string, TensorInfo>>;

// deno-lint-ignore no-explicit-any -- tfjs's attributes are untyped; each kernel says what it reads
type Attributes = any;

/** Gives a result, or several, or nothing where the stock kernel does the job. */
export type Kernel = (
  pad: Scratch,
  inputs: Attributes,
  attributes: Attributes,
) => TensorInfo | TensorInfo[] | undefined;

/** A kernel in terms of tfjs's operations, without a scratch pad. */
export type Composition = (
  inputs: Readonly<Record<string, tf.Tensor>>,
  attributes: Attributes,
) => tf.Tensor;

/** One side of a copy: a tensor, the element to start at, and the stride along each axis. */
export interface Block {
  readonly of: TensorInfo;
  readonly at?: number;
  /** Those of a dense block if left out. */
  readonly strides?: readonly number[];
}

/** The same memory under another shape. Owns nothing. */
export function view(x: TensorInfo, shape: readonly number[]): TensorInfo {
  return { dataId: x.dataId, dtype: x.dtype, shape: [...shape] };
}

const stockKernels = new Map<string, tf.KernelFunc>();

/** Where a kernel makes its tensors; see the module's description. */
export class Scratch {
  readonly #backend: BackendWasm;
  readonly #owned: TensorInfo[] = [];

  /** Makes an empty pad. */
  constructor(backend: BackendWasm) {
    this.#backend = backend;
  }

  /** A tensor with whatever was in its memory before. */
  make(shape: readonly number[], dtype: tf.DataType = "float32"): TensorInfo {
    return this.#own(this.#backend.makeOutput([...shape], dtype));
  }

  /** A tensor of zeros. */
  zeros(shape: readonly number[], dtype: tf.DataType = "float32"): TensorInfo {
    const x = this.make(shape, dtype);
    this.#backend.typedArrayFromHeap(x).fill(0);
    return x;
  }

  /** Runs the kernel that is registered under `name`. */
  run(name: string, inputs: Inputs, attrs: object = {}): TensorInfo {
    return this.#call(tf.getKernel(name, "wasm").kernelFunc, inputs, attrs);
  }

  /** Runs the kernel that tfjs itself has under `name`. */
  stock(name: string, inputs: Inputs, attrs: object = {}): TensorInfo {
    return this.#call(stockKernels.get(name)!, inputs, attrs);
  }

  /** The values of `x` in the heap, good until the next allocation. */
  floats(x: TensorInfo): Float32Array {
    return this.#backend.typedArrayFromHeap(x) as Float32Array;
  }

  /** The values of an `int32` tensor in the heap, good until the next allocation. */
  integers(x: TensorInfo): Int32Array {
    return this.#backend.typedArrayFromHeap(x) as Int32Array;
  }

  /** Copies a block with the sizes `dims`; see {@linkcode stridedCopy}. For types of four bytes. */
  copy(dims: readonly number[], from: Block, to: Block): void {
    const { HEAP32 } = this.#runtime;
    const walk = ({ of, at = 0, strides = stridesOf(dims) }: Block) => ({
      start: this.#data(of).memoryOffset / 4 + at,
      strides,
    });
    stridedCopy(HEAP32, dims, walk(from), walk(to));
  }

  /** Where the values of `x` start in the heap, in bytes. */
  address(x: TensorInfo): number {
    return this.#data(x).memoryOffset;
  }

  /**
   * Makes calls of our own WebAssembly, in any order. How many numbers they go through tells whether it
   * is worth waking threads up.
   */
  perform(calls: readonly Call[], numbers: number): void {
    this.#runtime.perform(calls, numbers);
  }

  /** Computes products, each cut along an axis where threads can share it. */
  compute(axis: Axis, products: readonly Product[]): void {
    const most = products.length >= this.parts ? 1 : this.parts;
    const steps = products.map((p) =>
      p.images * p.rows * p.columns * p.inner * p.outer * p.outermost
    );
    const calls = products.flatMap((product) => partsOf(product, axis, most).map(productCall));
    if (steps[0] !== 0) this.perform(calls, steps.reduce((a, b) => a + b, 0) / COLUMNS);
  }

  /** Into how many calls work should be cut: some for each thread, as they are not equally fast. */
  get parts(): number {
    const { threads } = this.#runtime.perform;
    return threads === 1 ? 1 : 4 * threads;
  }

  /** Lets go of a tensor before the end. */
  free(x: TensorInfo): void {
    const at = this.#owned.findLastIndex(({ dataId }) => dataId === x.dataId);
    if (at < 0) return;
    this.#owned.splice(at, 1);
    this.#backend.disposeData(x.dataId);
  }

  /** Lets go of everything but the results; a view of an input becomes a share in its memory. */
  close(results: readonly TensorInfo[]): void {
    for (const result of results) {
      const at = this.#owned.findLastIndex(({ dataId }) => dataId === result.dataId);
      if (at < 0) this.#backend.incRef(result.dataId);
      else this.#owned.splice(at, 1);
    }
    for (const { dataId } of this.#owned) this.#backend.disposeData(dataId);
  }

  #call(kernel: tf.KernelFunc, inputs: Inputs, attrs: object): TensorInfo {
    return this.#own(
      kernel({ inputs, attrs: attrs as tf.NamedAttrMap, backend: this.#backend }) as TensorInfo,
    );
  }

  #own(x: TensorInfo): TensorInfo {
    this.#owned.push(x);
    return x;
  }

  get #runtime(): EmscriptenRuntime {
    // tfjs's type of the module leaves out Emscripten's runtime methods.
    return this.#backend.wasm as unknown as EmscriptenRuntime;
  }

  #data(x: TensorInfo): { id: number; memoryOffset: number } {
    return this.#backend.dataIdMap.get(x.dataId);
  }
}

interface EmscriptenRuntime {
  /** Put there by our loader. */
  readonly perform: Perform;
  readonly HEAP32: Int32Array;
}

/** Puts a kernel in the place of the stock one, if there is one, which stays within its reach. */
export function install(name: string, kernel: Kernel): void {
  const old = tf.getKernel(name, "wasm") as tf.KernelConfig | undefined;
  if (old !== undefined) {
    stockKernels.set(name, old.kernelFunc);
    tf.unregisterKernel(name, "wasm");
  }
  tf.registerKernel({
    ...old,
    kernelName: name,
    backendName: "wasm",
    kernelFunc({ inputs, attrs, backend }) {
      const pad = new Scratch(backend as BackendWasm);
      let results: TensorInfo | TensorInfo[] = [];
      try {
        return results = kernel(pad, inputs, attrs) ?? pad.stock(name, inputs as Inputs, attrs);
      } finally {
        pad.close([results].flat());
      }
    },
  });
}

/** Registers a kernel that tfjs lacks as a composition of operations. */
export function compose(kernelName: string, composition: Composition): void {
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    // tfjs hands a kernel the very tensors that its operation was called with.
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => composition(inputs as Record<string, tf.Tensor>, attrs)),
  });
}
