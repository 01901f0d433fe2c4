/**
 * The shader of a kernel that a user has defined. It goes through tfjs's registry like every other, so
 * that recordings and profiles know it by name.
 *
 * @module
 */

import { BackendError } from "../../errors.ts";
import { type DType, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { tf } from "../../tfjs.ts";
import type { KernelDefinition } from "../define_kernel.ts";
import type { GuardedBackend } from "./backend.ts";
import { dispatch } from "./dispatch.ts";
import { bindings, type Element, entry, generator, groupsFor } from "./program.ts";

/** Registers a shader, and gives the function that runs it on the active backend, which is webgpu. */
export function registerShader(kernel: KernelDefinition): (...inputs: Tensor[]) => Tensor {
  const { name, inputs: names, dtype = "float32", declarations = "" } = kernel;
  const named = <T>(values: readonly T[]): Record<string, T> =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const program = generator((shapes: readonly Shape[], types: readonly Element[]) => {
    const known = named(shapes);
    const threads = kernel.threads?.(known) ?? sizeOf(kernel.shape(known));
    return {
      name,
      wgsl: bindings({ y: elementOf(dtype) }, named(types)) + declarations +
        entry(threads, kernel.wgsl(known)),
      groups: groupsFor(threads),
    };
  });
  const run = (gpu: GuardedBackend, inputs: readonly tf.TensorInfo[]): tf.TensorInfo => {
    const most = gpu.device.limits.maxStorageBuffersPerShaderStage;
    if (inputs.length >= most) {
      throw new BackendError(
        `Cannot run kernel ${name} on ${inputs.length} tensors and its result: the GPU takes at most ` +
          `${most}`,
      );
    }
    const shapes = inputs.map(({ shape }) => shape);
    const types = inputs.map(({ dtype }) => elementOf(dtype as DType));
    const y = gpu.makeTensorInfo([...kernel.shape(named(shapes))], dtype);
    dispatch(gpu, program(shapes, types), [y], inputs);
    return y;
  };
  const kernelName = unusedName(name);
  tf.registerKernel({
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ backend, inputs }) =>
      run(backend as GuardedBackend, names.map((name) => inputs[name] as tf.TensorInfo)),
  });
  // Our tensors are tfjs's with a narrower type.
  return (...inputs) =>
    tf.engine().runKernel(
      kernelName,
      named(inputs) as unknown as tf.NamedTensorMap,
    ) as unknown as Tensor;
}

const elementOf = (dtype: DType): Element => dtype === "float32" ? "f32" : "i32";

/** A name that no kernel is registered by. */
function unusedName(name: string): string {
  let free = name;
  for (let i = 2; tf.getKernel(free, "webgpu") !== undefined; i++) free = `${name} ${i}`;
  return free;
}
