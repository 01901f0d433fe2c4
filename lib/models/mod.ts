/**
 * Residual networks and their neighbours, each a page that reads like a table of its paper.
 *
 * @module
 */

export { mnistResnet } from "./mnist_resnet.ts";
export type { MnistResnetOptions, MnistResnetParams, MnistResnetState } from "./mnist_resnet.ts";
