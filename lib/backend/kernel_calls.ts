/**
 * The calls of kernels by tfjs's engine, through which every operation goes on every backend: which
 * kernel, how much data it takes and gives, and how many products it has to compute.
 *
 * @module
 */

import { sizeOf } from "../tensor.ts";
import { tf } from "../tfjs.ts";

/** A call of a kernel. */
export interface KernelCall {
  /** Name of the kernel. */
  readonly kernel: string;
  /** When it was made, in milliseconds as `performance.now()` tells them. */
  readonly start: number;
  /** How long it took on the host. */
  milliseconds: number;
  /** Bytes of what it took and gave; 0 where values stay where they are. */
  bytes: number;
  /** Multiply-adds of convolutions and matrix products; 0 for all else. */
  multiplyAdds: number;
}

/** What the engine is told. */
interface Invocation {
  /** Absent where a gradient made by hand is around operations. */
  readonly kernelName?: string;
  readonly inputs: tf.NamedTensorMap;
  readonly attrs?: tf.NamedAttrMap;
}

/** The part of the engine that is watched. */
interface Engine {
  runKernelFunc(invocation: Invocation): tf.Tensor | tf.Tensor[];
}

/** A watch over kernels. */
export interface KernelWatch {
  /** All calls so far, in the order in which they were made. */
  readonly calls: readonly KernelCall[];
  /** The call that is under way. */
  readonly current: KernelCall | undefined;
  /** Ends the watch. */
  stop(): void;
}

/** Watches the engine until it is stopped. What a kernel calls in turn is part of it. */
export function watchKernels(): KernelWatch {
  // Private in the types of tfjs.
  const engine = tf.engine() as unknown as Engine;
  const run = engine.runKernelFunc;
  const before = Object.getOwnPropertyDescriptor(engine, "runKernelFunc"); // of a watch around this
  const calls: KernelCall[] = [];
  let current: KernelCall | undefined;
  const watched = (invocation: Invocation) => {
    const { kernelName: kernel, inputs, attrs } = invocation;
    if (kernel === undefined || current !== undefined) return run.call(engine, invocation);
    const call = { kernel, start: performance.now(), milliseconds: 0, bytes: 0, multiplyAdds: 0 };
    calls.push(current = call);
    try {
      const result = run.call(engine, invocation);
      const [given, made] = [Object.values(inputs).flat(), [result].flat()];
      call.bytes = VIEWS.has(kernel) ? 0 : bytesOf([...given, ...made]);
      call.multiplyAdds = multiplyAddsOf(kernel, inputs, made, attrs);
      return result;
    } finally {
      call.milliseconds = performance.now() - call.start;
      current = undefined;
    }
  };
  engine.runKernelFunc = watched;
  return {
    calls,
    get current() {
      return current;
    },
    stop() {
      if (before === undefined) Reflect.deleteProperty(engine, "runKernelFunc");
      else Object.defineProperty(engine, "runKernelFunc", before);
    },
  };
}

/** Kernels that give the same values under another shape or name. */
const VIEWS: ReadonlySet<string> = new Set(["Identity", "Reshape"]);

const bytesOf = (tensors: readonly tf.Tensor[]): number =>
  tensors.reduce((sum, { size }) => sum + 4 * size, 0);

/** Products of an element of `dy` or the result with the elements of a kernel that reach it. */
const each = ({ size }: tf.Tensor, { shape }: tf.Tensor, grouped = false): number =>
  size * sizeOf(shape.slice(0, grouped ? 2 : 3));

function multiplyAddsOf(
  kernel: string,
  inputs: tf.NamedTensorMap,
  [result]: readonly tf.Tensor[],
  attributes: tf.NamedAttrMap = {},
): number {
  const { filter, dy, a } = inputs;
  switch (kernel) {
    case "Conv2D":
    case "FplusxGroupedConv":
    case "FusedConv2D":
      return each(result!, filter!);
    case "Conv2DBackpropInput":
    case "FplusxGroupedConvBackpropInput":
      return each(dy!, filter!);
    case "Conv2DBackpropFilter":
    case "FplusxGroupedConvBackpropFilter":
      return each(dy!, result!);
    case "DepthwiseConv2dNative":
    case "FusedDepthwiseConv2D":
      return each(result!, filter!, true);
    case "DepthwiseConv2dNativeBackpropInput":
      return each(dy!, filter!, true);
    case "DepthwiseConv2dNativeBackpropFilter":
      return each(dy!, result!, true);
    case "BatchMatMul":
    case "_FusedMatMul":
      return result!.size * a!.shape.at(attributes.transposeA ? -2 : -1)!;
    default:
      return 0;
  }
}
