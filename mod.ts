/**
 * Deep learning as pure functions over parameter trees.
 *
 * @module
 */

// The core: tensors, trees, keys, layers.
export * as ops from "./lib/ops.ts";
export { fill, ones, scalar, tensor, tidy, zeros } from "./lib/ops.ts";
export type {
  Axes,
  Binary,
  ConvGeometry,
  MatMulOptions,
  Operand,
  Padding2d,
  Pair,
  PoolGeometry,
  Reduction,
  Unary,
} from "./lib/ops.ts";
export type { DType, Scalar, Shape, Tensor, Values } from "./lib/tensor.ts";
export {
  empty,
  entries,
  flatten,
  joinPath,
  leaves,
  map,
  replace,
  select,
  selects,
  splitPath,
  unflatten,
  zip,
} from "./lib/tree.ts";
export type { Empty, Selector, Tree } from "./lib/tree.ts";
export { abstractKey, fold, key, permutation, randomBits, split } from "./lib/key.ts";
export type { Key } from "./lib/key.ts";
export { bernoulli, normal, uniform } from "./lib/random.ts";
export type { NormalOptions, UniformOptions } from "./lib/random.ts";
export {
  applyPart,
  describe,
  elementwise,
  evalMode,
  initPart,
  layer,
  partMode,
  stateless,
  trainMode,
} from "./lib/layer.ts";
export type {
  Init,
  Layer,
  Mode,
  ParamsOf,
  Part,
  StatelessDefinition,
  StateOf,
  Tap,
  Variables,
} from "./lib/layer.ts";
export { assertNoLeaks, liveTensors, release, retain, scoped } from "./lib/ownership.ts";
export {
  ArgumentError,
  BackendError,
  DeviceLostError,
  DisposedError,
  DTypeError,
  EmptyError,
  FileError,
  FormatError,
  FplusxError,
  KeysError,
  LabelError,
  LeakError,
  NonFiniteError,
  OutOfMemoryError,
  ShapeError,
  TreeError,
} from "./lib/errors.ts";
export type { ErrorCode } from "./lib/errors.ts";

// Combinators.
export type { Merge } from "./lib/combinators/branches.ts";
export { parallel } from "./lib/combinators/parallel.ts";
export type { ParallelOptions } from "./lib/combinators/parallel.ts";
export type { Layers } from "./lib/combinators/parts.ts";
export { residual } from "./lib/combinators/residual.ts";
export type { Branches, ResidualOptions } from "./lib/combinators/residual.ts";
export { named, repeat, sequential } from "./lib/combinators/sequential.ts";
export { stochasticDepth } from "./lib/combinators/stochastic_depth.ts";
export type { StochasticDepthOptions } from "./lib/combinators/stochastic_depth.ts";
export { withShape } from "./lib/combinators/with_shape.ts";

// Differentiation.
export { customGrad, grad, stopGradient, valueAndGrad } from "./lib/grad.ts";
export type { AuxGradOptions, GradOptions } from "./lib/grad.ts";

// Backends.
export { activeBackend, assertDevice, setup } from "./lib/backend/setup.ts";
export type {
  Backend,
  BackendName,
  BackendRequirements,
  SetupOptions,
} from "./lib/backend/setup.ts";
