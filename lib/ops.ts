/**
 * The operations on tensors that layers are written in, and the only seam to tfjs's. Each is a plain
 * function from tensors to a new tensor; numbers may stand for scalars. Images are
 * `[batch, height, width, channels]`, kernels `[height, width, in, out]`, padding is explicit.
 *
 * @module
 */

export * from "./ops/creation.ts";
export * from "./ops/elementwise.ts";
export * from "./ops/products.ts";
export * from "./ops/reductions.ts";
export { type Binary, clone, keep, type Operand, type Pair, tidy, type Unary } from "./ops/seam.ts";
export * from "./ops/shapes.ts";
export * from "./ops/windows.ts";
