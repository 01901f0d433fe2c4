/**
 * Residual networks and their neighbours, each a page that reads like a table of its paper.
 *
 * @module
 */

export type {
  BasicV2Params,
  BeforeParams,
  BlockV2Params,
  BlockV2State,
  BodyV2State,
  BottleneckV2Params,
} from "./block_v2.ts";
export { highwayNet } from "./highway_net.ts";
export type { HighwayNetOptions, HighwayNetParams, HighwayNetState } from "./highway_net.ts";
export { mnistResnet } from "./mnist_resnet.ts";
export type { MnistResnetOptions, MnistResnetParams, MnistResnetState } from "./mnist_resnet.ts";
export { networkInNetwork } from "./network_in_network.ts";
export type {
  MlpConvParams,
  MlpConvState,
  NetworkInNetworkOptions,
  NetworkInNetworkParams,
  NetworkInNetworkState,
} from "./network_in_network.ts";
export {
  preactivationBottleneckResnet,
  preactivationResnet,
  wideResnetCifar,
} from "./preactivation.ts";
export type {
  PreactivationOptions,
  PreactivationParams,
  PreactivationState,
  WideResNetCifarOptions,
} from "./preactivation.ts";
export { plain, resnet } from "./resnet.ts";
export type {
  BodyParams,
  PlainBlock,
  PlainOptions,
  PlainParams,
  PlainState,
  ResNetDepth,
  ResNetOptions,
  ResNetParams,
  ResNetState,
  StagedParams,
  StagedState,
} from "./resnet.ts";
export { plainCifar, resnetCifar } from "./resnet_cifar.ts";
export type {
  PlainCifarOptions,
  PlainCifarParams,
  PlainCifarState,
  ResNetCifarOptions,
  ResNetCifarParams,
  ResNetCifarState,
  StagedCifarParams,
  StagedCifarState,
} from "./resnet_cifar.ts";
export { resnetD, resnext, seResnet, wideResnet } from "./resnet_variants.ts";
export type { BottleneckDepth, BottleneckNet } from "./resnet_variants.ts";
export type { DeepStemParams, DeepStemState, StemOptions } from "./stem.ts";
export { vgg } from "./vgg.ts";
export type { VggOptions, VggParams, VggState } from "./vgg.ts";
