/**
 * Images from files, and what is done to them before a model sees them: decoding, resizing to the
 * byte as Pillow does, cropping, and the ways in which papers test. Runs in a browser too, and needs
 * no permission.
 *
 * @module
 */

export { centerCrop, crop, flip, tenCrops } from "./crop.ts";
export type { CropOptions } from "./crop.ts";
export { decodeImage } from "./decode_image.ts";
export type { DecodeOptions } from "./decode_image.ts";
export { encodePng } from "./encode_png.ts";
export { evaluateImages } from "./evaluate_images.ts";
export type { ImageEvaluation, LabelledImage } from "./evaluate_images.ts";
export { grey } from "./grey.ts";
export { image } from "./image.ts";
export type { Image } from "./image.ts";
export { normalize, prepare, preset } from "./preset.ts";
export type { Preset, PresetName } from "./preset.ts";
export { ensemble, multiScale, singleCrop, tenCrop } from "./protocols.ts";
export type { Protocol } from "./protocols.ts";
export { resize, resizeShorter } from "./resize.ts";
