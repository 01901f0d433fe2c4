/**
 * A way to write a kernel for tfjs's WebGPU backend as one function of WGSL: `element(index)` gives
 * one element of the result. Shapes and options are baked into the text, which is compiled once for
 * each combination; a tensor `name` is read with `name[i]`.
 *
 * @module
 */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { sizeOf } from "../../tensor.ts";
import type { tf } from "../../tfjs.ts";

/** A kernel as a function of WGSL. */
export interface Shader {
  /** Name of the kernel, by which a compiled shader is found again. */
  readonly name: string;
  /** Shape of the result. */
  readonly shape: readonly number[];
  /** Type of its elements. */
  readonly dtype: tf.DataType;
  /** The tensors that are read, by name. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  /** Integers that the code may use, by name. */
  readonly constants?: Readonly<Record<string, number>>;
  /** The function `element(index: i32)`, and what it needs. */
  readonly code: string;
}

const WORKGROUP = 64;

/** Runs a shader, an invocation for each element of the result. */
export function runShader(
  backend: WebGPUBackend,
  { name, shape, dtype, inputs, constants = {}, code }: Shader,
): tf.TensorInfo {
  const size = sizeOf(shape);
  const lines = Object.entries(constants).map(([name, value]) => `const ${name}: i32 = ${value};`);
  return backend.runWebGPUProgram(
    {
      outputShape: [...shape],
      shaderKey: `fplusx ${name} ${Object.values(constants)}`,
      variableNames: Object.keys(inputs),
      dispatchLayout: { x: shape.map((_, axis) => axis) },
      dispatch: [Math.ceil(size / WORKGROUP), 1, 1],
      workgroupSize: [WORKGROUP, 1, 1],
      size: true,
      getUserCode: () => `
        ${lines.join("\n")}
        ${code}
        fn main(index: i32) {
          if (index < uniforms.size) { result[index] = element(index); }
        }`,
    },
    Object.values(inputs),
    dtype,
  );
}
