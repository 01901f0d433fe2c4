/**
 * Weights that travel: the safetensors format, read whole or by ranges of a file or URL, and written
 * byte for byte as the reference does; trees saved and loaded by path; and state dicts of PyTorch, both
 * ways. Runs in a browser too; files are in `@fplusx/nn/deno`.
 *
 * @module
 */

export { fromFloat32, toFloat32 } from "./element_type.ts";
export type { ElementType, HostArray, HostTensor } from "./element_type.ts";
export { loadPartial } from "./partial.ts";
export type { LoadedPart, PartialOptions } from "./partial.ts";
export { openSafetensors, parseSafetensors } from "./safetensors.ts";
export type { ByteSource, Safetensors, SafetensorsFile } from "./safetensors.ts";
export type { TensorInfo } from "./safetensors_header.ts";
export { formatSafetensors } from "./safetensors_writer.ts";
export {
  akamasterNames,
  loadStateDict,
  saveStateDict,
  torchvisionNames,
  toStateDict,
} from "./torchvision.ts";
export type {
  LoadedStateDict,
  LoadStateDictOptions,
  SaveStateDictOptions,
  StateDictNames,
  StateDictOptions,
} from "./torchvision.ts";
export { loadTree, saveTree } from "./tree_file.ts";
export { urlSource } from "./url_source.ts";
export type { UrlSourceOptions } from "./url_source.ts";
