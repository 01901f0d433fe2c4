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
export { joinPath, selects, splitPath } from "./lib/path.ts";
export {
  empty,
  entries,
  flatten as flattenTree,
  leaves,
  map,
  replace,
  select,
  unflatten as unflattenTree,
  zip,
} from "./lib/tree.ts";
export type { Selector } from "./lib/path.ts";
export type { Empty, Tree } from "./lib/tree.ts";
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
export { features } from "./lib/features.ts";
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
  LockedError,
  MismatchError,
  NonFiniteError,
  OutOfMemoryError,
  RecordingError,
  ShapeError,
  TreeError,
} from "./lib/errors.ts";
export type { ErrorCode } from "./lib/errors.ts";

// Layers.
export {
  elu,
  gelu,
  leakyRelu,
  prelu,
  relu,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
} from "./lib/layers/activation.ts";
export type {
  GeluOptions,
  LeakyReluOptions,
  PreluOptions,
  PreluParams,
} from "./lib/layers/activation.ts";
export { multiHeadAttention } from "./lib/layers/attention.ts";
export type { AttentionOptions, AttentionParams } from "./lib/layers/attention.ts";
export { batchNorm } from "./lib/layers/batch_norm.ts";
export type { BatchNormOptions, BatchNormParams, BatchNormState } from "./lib/layers/batch_norm.ts";
export { conv, depthwiseConv } from "./lib/layers/conv.ts";
export type {
  ConvOptions,
  ConvParams,
  DepthwiseConvOptions,
  ImageConvOptions,
  KernelOptions,
} from "./lib/layers/conv.ts";
export { conv1d } from "./lib/layers/conv1d.ts";
export type { Conv1dOptions, Conv1dParams } from "./lib/layers/conv1d.ts";
export { dense } from "./lib/layers/dense.ts";
export type { DenseOptions, DenseParams } from "./lib/layers/dense.ts";
export { dropout } from "./lib/layers/dropout.ts";
export { embedding } from "./lib/layers/embedding.ts";
export type { EmbeddingOptions, EmbeddingParams } from "./lib/layers/embedding.ts";
export {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
} from "./lib/layers/initializers.ts";
export type {
  Fan,
  Initializer,
  NormalFanOptions,
  UniformFanOptions,
} from "./lib/layers/initializers.ts";
export { groupNorm, layerNorm, rmsNorm } from "./lib/layers/norm.ts";
export type { NormOptions, NormParams, RmsNormOptions, RmsNormParams } from "./lib/layers/norm.ts";
export { orthogonal } from "./lib/layers/orthogonal.ts";
export type { OrthogonalOptions } from "./lib/layers/orthogonal.ts";
export { avgPool, globalAveragePool, globalMaxPool, maxPool } from "./lib/layers/pool.ts";
export type { PoolOptions } from "./lib/layers/pool.ts";
export { flatten, identity, pad, reshape } from "./lib/layers/shape.ts";
export type { PadOptions } from "./lib/layers/shape.ts";
export { truncatedNormal } from "./lib/layers/truncated_normal.ts";
export type { TruncatedNormalOptions } from "./lib/layers/truncated_normal.ts";
export type { Extent, Padding } from "./lib/layers/window.ts";

// Combinators.
export { basicBlock, basicBody, bottleneck, bottleneckBody } from "./lib/combinators/blocks.ts";
export type {
  BasicParams,
  BlockParams,
  BlockState,
  BodyOptions,
  BodyState,
  BottleneckBodyOptions,
  BottleneckParams,
  ShortcutOptions,
} from "./lib/combinators/blocks.ts";
export type { Merge } from "./lib/combinators/branches.ts";
export { foldBatchNorm } from "./lib/combinators/fold_batch_norm.ts";
export type { Model } from "./lib/combinators/fold_batch_norm.ts";
export { frozen } from "./lib/combinators/frozen.ts";
export { highway, transformGate } from "./lib/combinators/highway.ts";
export type { HighwayVariables, TransformGateOptions } from "./lib/combinators/highway.ts";
export { parallel } from "./lib/combinators/parallel.ts";
export type { ParallelOptions } from "./lib/combinators/parallel.ts";
export type { Layers } from "./lib/combinators/parts.ts";
export { remat } from "./lib/combinators/remat.ts";
export { residual } from "./lib/combinators/residual.ts";
export type { Branches, ResidualOptions } from "./lib/combinators/residual.ts";
export { named, repeat, sequential } from "./lib/combinators/sequential.ts";
export { paddedIdentity, shortcut } from "./lib/combinators/shortcut.ts";
export type {
  PaddedIdentityOptions,
  ShortcutOption,
  ShortcutParams,
  ShortcutState,
} from "./lib/combinators/shortcut.ts";
export { squeezeExcitation } from "./lib/combinators/squeeze_excitation.ts";
export type {
  SqueezeExcitationParams,
  SqueezeExcitationState,
} from "./lib/combinators/squeeze_excitation.ts";
export { stochasticDepth } from "./lib/combinators/stochastic_depth.ts";
export type { StochasticDepthOptions } from "./lib/combinators/stochastic_depth.ts";
export { withShape } from "./lib/combinators/with_shape.ts";

// Differentiation.
export { customGrad, grad, stopGradient, valueAndGrad } from "./lib/grad.ts";
export type { AuxGradOptions, GradOptions } from "./lib/grad.ts";

// Optimizers.
export { accumulate } from "./lib/optim/accumulate.ts";
export type { AccumulateState } from "./lib/optim/accumulate.ts";
export { adadelta, scaleByAdadelta } from "./lib/optim/adadelta.ts";
export type {
  AdadeltaOptions,
  AdadeltaState,
  ScaleByAdadeltaOptions,
} from "./lib/optim/adadelta.ts";
export { adafactor, scaleByFactoredRms, scaleByParameterRms } from "./lib/optim/adafactor.ts";
export type {
  AdafactorOptions,
  FactoredRmsOptions,
  FactoredRmsState,
  ParameterRmsOptions,
} from "./lib/optim/adafactor.ts";
export { adagrad, scaleByAdagrad } from "./lib/optim/adagrad.ts";
export type { AdagradOptions } from "./lib/optim/adagrad.ts";
export { adam, adamw, scaleByAdam } from "./lib/optim/adam.ts";
export type { AdamOptions, AdamState, AdamWOptions } from "./lib/optim/adam.ts";
export { adamax, scaleByAdamax } from "./lib/optim/adamax.ts";
export type { AdamaxOptions, AdamaxState } from "./lib/optim/adamax.ts";
export { centralize } from "./lib/optim/centralize.ts";
export { chain, namedChain } from "./lib/optim/chain.ts";
export type { ChainState, MemoryOf } from "./lib/optim/chain.ts";
export { clipAdaptively, clipByGlobalNorm, clipByRms, clipByValue } from "./lib/optim/clip.ts";
export type { ClipAdaptivelyOptions } from "./lib/optim/clip.ts";
export { cosineRestarts, interpolate, oneCycle } from "./lib/optim/cycle.ts";
export type {
  CosineRestartsOptions,
  InterpolateOptions,
  OneCycleOptions,
} from "./lib/optim/cycle.ts";
export { addDecayedWeights } from "./lib/optim/decay.ts";
export type { DecayOptions } from "./lib/optim/decay.ts";
export { averagedParams, ema } from "./lib/optim/ema.ts";
export type { EmaState } from "./lib/optim/ema.ts";
export { applyIfFinite, zeroNans } from "./lib/optim/finite.ts";
export type { ApplyIfFiniteState } from "./lib/optim/finite.ts";
export { knob } from "./lib/optim/hyperparameter.ts";
export type { Hyperparameter } from "./lib/optim/hyperparameter.ts";
export { lion, scaleByLion } from "./lib/optim/lion.ts";
export type { LionOptions, ScaleByLionOptions } from "./lib/optim/lion.ts";
export { lookahead } from "./lib/optim/lookahead.ts";
export type { LookaheadOptions, LookaheadState } from "./lib/optim/lookahead.ts";
export { freeze, masked, weightsOnly } from "./lib/optim/mask.ts";
export type { Mask } from "./lib/optim/mask.ts";
export { trace } from "./lib/optim/momentum.ts";
export type { TraceOptions } from "./lib/optim/momentum.ts";
export { muon, scaleByMuon } from "./lib/optim/muon.ts";
export type { MuonOptions, MuonState, ScaleByMuonOptions } from "./lib/optim/muon.ts";
export { nadam } from "./lib/optim/nadam.ts";
export { addNoise } from "./lib/optim/noise.ts";
export type { NoiseOptions, NoiseState } from "./lib/optim/noise.ts";
export { globalNorm } from "./lib/optim/norm.ts";
export { partition } from "./lib/optim/partition.ts";
export type { PartitionParts, PartitionState } from "./lib/optim/partition.ts";
export { reduceOnPlateau } from "./lib/optim/plateau.ts";
export type { Plateau, PlateauReducer, ReduceOnPlateauOptions } from "./lib/optim/plateau.ts";
export { radam, scaleByRadam } from "./lib/optim/radam.ts";
export type { RadamOptions, RadamState } from "./lib/optim/radam.ts";
export { rmsprop, scaleByDeviation, scaleByRms } from "./lib/optim/rmsprop.ts";
export type { DeviationState, RmspropOptions, ScaleByRmsOptions } from "./lib/optim/rmsprop.ts";
export { scale, scaleByLearningRate } from "./lib/optim/scale.ts";
export {
  constantRate,
  cosineDecay,
  exponentialDecay,
  joinSchedules,
  piecewise,
  polynomialDecay,
  stepDecay,
  warmup,
} from "./lib/optim/schedule.ts";
export type {
  CosineDecayOptions,
  Ease,
  PolynomialDecayOptions,
  Schedule,
  WarmupOptions,
} from "./lib/optim/schedule.ts";
export { scheduleFree } from "./lib/optim/schedule_free.ts";
export type { ScheduleFreeOptions, ScheduleFreeState } from "./lib/optim/schedule_free.ts";
export { sgd } from "./lib/optim/sgd.ts";
export type { SgdOptions } from "./lib/optim/sgd.ts";
export {
  applyGradient,
  applyUpdates,
  statelessTransformation,
  transformation,
} from "./lib/optim/transform.ts";
export type { GradientTransformation, UpdateContext } from "./lib/optim/transform.ts";
export { lamb, lars, scaleByTrustRatio } from "./lib/optim/trust_ratio.ts";
export type { LambOptions, LarsOptions, TrustRatioOptions } from "./lib/optim/trust_ratio.ts";

// Losses and metrics.
export { binaryCrossEntropy, binaryFocalLoss } from "./lib/train/binary.ts";
export type { BinaryCrossEntropyOptions, BinaryFocalOptions } from "./lib/train/binary.ts";
export { calibrationSums, readCalibration } from "./lib/train/calibration.ts";
export type { Calibration, CalibrationBin, CalibrationOptions } from "./lib/train/calibration.ts";
export { addSums, confusionMatrix, readConfusion } from "./lib/train/confusion.ts";
export type { ClassScores, Confusion } from "./lib/train/confusion.ts";
export { klDivergence } from "./lib/train/divergence.ts";
export { focalLoss } from "./lib/train/focal.ts";
export type { FocalOptions } from "./lib/train/focal.ts";
export { huberLoss } from "./lib/train/huber.ts";
export type { HuberOptions } from "./lib/train/huber.ts";
export { crossEntropy, meanSquaredError } from "./lib/train/loss.ts";
export type { CrossEntropyOptions, LossOptions } from "./lib/train/loss.ts";
export { addBatch, readMeans, topKAccuracy } from "./lib/train/metrics.ts";
export type { Metrics, Totals } from "./lib/train/metrics.ts";

// Testing.
export { compareBackends } from "./lib/testing/backends.ts";
export type { BackendDifference, CompareBackendsOptions } from "./lib/testing/backends.ts";
export { checkGradients } from "./lib/testing/gradients.ts";
export type { CheckGradientsOptions, GradientCheck } from "./lib/testing/gradients.ts";
export type { PointOptions } from "./lib/testing/point.ts";

// Backends.
export { defineKernel } from "./lib/backend/define_kernel.ts";
export type { KernelDefinition, KernelInputs, KernelShapes } from "./lib/backend/define_kernel.ts";
export { activeBackend, assertDevice, setup } from "./lib/backend/setup.ts";
export type {
  Backend,
  BackendName,
  BackendRequirements,
  SetupOptions,
} from "./lib/backend/setup.ts";
export { tune, useTuning } from "./lib/backend/tune.ts";
export type { TunedWork, Tuning, TuningProgress } from "./lib/backend/tune.ts";

// Training.
export { compile } from "./lib/train/compile.ts";
export type {
  CompiledStep,
  CompileOptions,
  CompileStats,
  GraphStats,
} from "./lib/train/compile.ts";
export { sharpnessAware } from "./lib/train/sharpness.ts";
export type { SharpnessOptions } from "./lib/train/sharpness.ts";
export { initTraining, knobs, stepSeed, trainStep } from "./lib/train/step.ts";
export type {
  Batch,
  Knobs,
  Loss,
  Objective,
  Step,
  StepParts,
  TrainState,
} from "./lib/train/step.ts";
export type { LossEvent, StepEvent, TrainEvent } from "./lib/train/event.ts";
export { train } from "./lib/train/loop.ts";
export type { Training, TrainOptions } from "./lib/train/loop.ts";
export { earlyStopping } from "./lib/train/early_stopping.ts";
export type { EarlyStoppingOptions, Waiting } from "./lib/train/early_stopping.ts";
export { evaluate } from "./lib/train/evaluate.ts";
export type { EvaluateOptions, Evaluation } from "./lib/train/evaluate.ts";
export { examine } from "./lib/train/examine.ts";
export type { Examination, ExamineOptions, Guess, Mistake } from "./lib/train/examine.ts";
export { findLearningRate } from "./lib/train/find_learning_rate.ts";
export type {
  FindLearningRateOptions,
  LearningRatePoint,
  LearningRates,
} from "./lib/train/find_learning_rate.ts";
export { reestimateBatchNorm } from "./lib/train/reestimate_batch_norm.ts";
export type { ReestimateOptions } from "./lib/train/reestimate_batch_norm.ts";
export { formatCheckpoint, parseCheckpoint, parseCheckpointPlace } from "./lib/train/checkpoint.ts";
export type { Checkpoint, CheckpointPlace } from "./lib/train/checkpoint.ts";
