/**
 * Kernels of one's own: an operation with a plain definition, which is what it is, and a WebGPU shader,
 * which is how it is done where there is a GPU. The gradient is that of the definition, or one that
 * is given by hand. In a layer it is an operation like any other: it is recorded in a compiled step
 * and has its place in a profile.
 *
 * @module
 */

import { ArgumentError, ShapeError, showShape } from "../errors.ts";
import { customGrad, grad } from "../grad.ts";
import { mul, sum, tidy, zeros } from "../ops.ts";
import { alive, type DType, sameShape, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { tf } from "../tfjs.ts";
import { registerShader } from "./webgpu/own_shader.ts";

/** The shapes of the inputs of a kernel by name. */
export type KernelShapes<N extends readonly string[]> = { readonly [name in N[number]]: Shape };

/** The inputs of a kernel: a tensor for each name. */
export type KernelInputs<N extends readonly string[]> = { readonly [I in keyof N]: Tensor };

/** What {@linkcode defineKernel} makes a kernel of. */
export interface KernelDefinition<N extends readonly string[] = readonly string[]> {
  /** What errors and profiles call it. */
  readonly name: string;
  /** Names of the inputs, as the WGSL has them: an `array<f32>` each, or of integers an `array<i32>`. */
  readonly inputs: N;
  /** Type of the elements of the result; `"float32"` by default. */
  readonly dtype?: DType;
  /** Functions and constants of WGSL that the text uses; none by default. */
  readonly declarations?: string;
  /** Gives the shape of the result. */
  shape(shapes: KernelShapes<N>): Shape;
  /**
   * Gives, in WGSL, what one thread does, of which `t` is the number: most often it computes `y[t]`. The
   * text is compiled once for each combination of shapes, so these are best written into it.
   */
  wgsl(shapes: KernelShapes<N>): string;
  /** Gives the number of threads; one for each element of the result by default. */
  threads?(shapes: KernelShapes<N>): number;
  /** Computes the same in operations, for the other backends. */
  definition(...inputs: KernelInputs<N>): Tensor;
  /**
   * Gives the gradient by each input from `dy`, that by the result; by default it is the gradient of the
   * definition. One by an input that is not of floats is not looked at.
   */
  vjp?(dy: Tensor, inputs: KernelInputs<N>, y: Tensor): readonly Tensor[];
}

/**
 * Makes an operation with a WebGPU shader.
 *
 * On WebGPU a shader that does not compile is a {@linkcode BackendError} of the next read, as all faults
 * of the device are: it names the kernel and shows the line.
 *
 * @throws {ArgumentError} If a name is not one that WGSL can have, or stands for something else; from a
 * call, if there are not as many tensors as names.
 * @throws {ShapeError} From a call, if the definition gives something else than `shape` and `dtype` say;
 * from a gradient, if one that `vjp` gives has not the shape of its input.
 * @throws {BackendError} From a call on WebGPU, if there are more tensors than the device can bind.
 *
 * @example An activation in one go, with its gradient
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { defineKernel, grad, ops, setup, type Tensor, tensor } from "@fplusx/nn";
 *
 * const softsign = defineKernel({
 *   name: "softsign",
 *   inputs: ["x"],
 *   shape: ({ x }) => x,
 *   wgsl: () => "y[t] = x[t] / (1.0 + abs(x[t]));",
 *   definition: (x) => ops.div(x, ops.add(ops.abs(x), 1)),
 *   vjp: (dy, [x]) => [ops.div(dy, ops.square(ops.add(ops.abs(x), 1)))],
 * });
 *
 * await setup();
 * const x = tensor([-1, 0, 3]);
 * assertEquals([...await softsign(x).data()], [-0.5, 0, 0.75]);
 * const [slope] = grad(([x]: [Tensor]) => ops.sum(softsign(x)))([x]);
 * assertAlmostEquals((await slope.data())[2]!, 1 / 16, 1e-6);
 * ```
 *
 * @example Rows of a matrix, each times its own factor
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defineKernel, ops, setup, tensor } from "@fplusx/nn";
 *
 * const scaleRows = defineKernel({
 *   name: "scaleRows",
 *   inputs: ["x", "factors"],
 *   shape: ({ x }) => x,
 *   wgsl: ({ x: [, columns] }) => `y[t] = x[t] * factors[t / ${columns}];`,
 *   definition: (x, factors) => ops.mul(x, ops.reshape(factors, [-1, 1])),
 * });
 *
 * await setup();
 * const y = scaleRows(tensor([1, 2, 3, 4], [2, 2]), tensor([10, 100]));
 * assertEquals([...await y.data()], [10, 20, 300, 400]);
 * ```
 */
export function defineKernel<const N extends readonly string[]>(
  definition: KernelDefinition<N>,
): (...inputs: KernelInputs<N>) => Tensor {
  // What is done with the names does not depend on their types.
  const kernel = definition as KernelDefinition;
  const { name, inputs: names } = kernel;
  checkNames(kernel);
  const shader = registerShader(kernel);
  const differentiated = (run: (...inputs: Tensor[]) => Tensor) =>
    customGrad(
      (...inputs) => {
        const y = run(...inputs);
        return [y, [...inputs, y]];
      },
      (dy, saved) => gradients(kernel, dy, saved.slice(0, -1), saved.at(-1)!),
    );
  const onHost = (...inputs: Tensor[]) => defined(kernel, inputs);
  const there = differentiated(shader);
  const here = kernel.vjp ? differentiated(onHost) : onHost;
  return (...given) => {
    const inputs = [...given as readonly Tensor[]].map(alive);
    if (inputs.length !== names.length) {
      throw new ArgumentError(
        `Cannot run kernel ${name} with ${inputs.length} tensors: need ${names.join(", ")}`,
      );
    }
    const shapes = inputs.map(({ shape }) => shape);
    const empty = [...shapes, shapeOf(kernel, shapes)].some((shape) => sizeOf(shape) === 0);
    return tf.getBackend() === "webgpu" && !empty ? there(...inputs) : here(...inputs);
  };
}

/** Names that the text has for other things. */
const TAKEN: readonly string[] = ["y", "t", "id", "groups", "main"];

function checkNames({ name: kernel, inputs }: KernelDefinition): void {
  // Capitals begin the names of the kernels of tfjs.
  if (!/^[a-z]\w*$/.test(kernel)) {
    throw new ArgumentError(
      `Cannot define a kernel "${kernel}": need letters, digits and _, of which the first is a small letter`,
    );
  }
  const wrong = inputs.find((name, i) =>
    !/^[a-z]\w*$/i.test(name) || TAKEN.includes(name) || inputs.indexOf(name) < i
  );
  if (wrong === undefined) return;
  throw new ArgumentError(
    `Cannot define kernel ${kernel} with an input "${wrong}": need letters, digits and _, no name ` +
      `twice, and none of ${TAKEN.join(", ")}`,
  );
}

/** Gives the shape of the result for inputs of these shapes. */
function shapeOf(kernel: KernelDefinition, shapes: readonly Shape[]): Shape {
  return kernel.shape(Object.fromEntries(kernel.inputs.map((name, i) => [name, shapes[i]!])));
}

/** What the definition gives, which has to be what is said of it. */
function defined(kernel: KernelDefinition, inputs: readonly Tensor[]): Tensor {
  const { name, dtype = "float32" } = kernel;
  const y = tidy(() => kernel.definition(...inputs));
  const shape = shapeOf(kernel, inputs.map(({ shape }) => shape));
  if (sameShape(y.shape, shape) && y.dtype === dtype) return y;
  throw new ShapeError(
    `Cannot run kernel ${name}: need ${dtype} of shape ${
      showShape(shape)
    } from its definition, got ` +
      `${y.dtype} of shape ${showShape(y.shape)}`,
  );
}

/** The gradients by hand, or those of the definition. */
function gradients(
  kernel: KernelDefinition,
  dy: Tensor,
  inputs: readonly Tensor[],
  y: Tensor,
): readonly Tensor[] {
  const { name, inputs: names } = kernel;
  const found = kernel.vjp?.(dy, inputs, y) ?? gradientsOfDefinition(kernel, dy, inputs);
  if (found.length !== inputs.length) {
    throw new ArgumentError(
      `Cannot take the gradient of kernel ${name}: need one tensor from its vjp for each of ` +
        `${names.join(", ")}, got ${found.length}`,
    );
  }
  const at = inputs.findIndex(({ shape }, i) => !sameShape(shape, found[i]!.shape));
  if (at < 0) return found;
  throw new ShapeError(
    `Cannot take the gradient of kernel ${name} by ${names[at]} of shape ` +
      `${showShape(inputs[at]!.shape)}: its vjp gives shape ${showShape(found[at]!.shape)}`,
  );
}

function gradientsOfDefinition(
  kernel: KernelDefinition,
  dy: Tensor,
  inputs: readonly Tensor[],
): readonly Tensor[] {
  const isSmooth = ({ dtype }: Tensor) => dtype === "float32";
  const weighted = (smooth: readonly Tensor[]) => {
    const left = smooth.values();
    const all = inputs.map((input) => isSmooth(input) ? left.next().value! : input);
    return sum(mul(kernel.definition(...all), dy));
  };
  const found = grad(weighted)(inputs.filter(isSmooth)).values();
  return inputs.map((input) => isSmooth(input) ? found.next().value! : zeros(input.shape));
}
