/**
 * What needs a file system: loading MNIST and images, and writing weights and histories so that a crash leaves
 * the old file or the new one and never half of one. Each function says which permission it needs,
 * and so does the error when it is not granted.
 *
 * @module
 */

export { checkpointFolder } from "./checkpoint_folder.ts";
export type { CheckpointFolder, CheckpointFolderOptions, Found } from "./checkpoint_folder.ts";
export { loadCifar10, loadCifar100 } from "./cifar.ts";
export type { LoadOptions } from "./cifar.ts";
export { download } from "./download.ts";
export type { DownloadOptions, DownloadProgress } from "./download.ts";
export { fileError } from "./file_error.ts";
export { historyWriter } from "./history.ts";
export type { HistoryWriter } from "./history.ts";
export { loadImage } from "./image.ts";
export { imageFolder, loadImages } from "./image_folder.ts";
export type { ImageFolderOptions } from "./image_folder.ts";
export { livePage } from "./live_page.ts";
export type { LivePage, LivePageOptions } from "./live_page.ts";
export { loadFashionMnist, loadMnist } from "./mnist.ts";
export type { TrainAndTest } from "./mnist.ts";
export { sha256 } from "./sha256.ts";
export { tensorboardWriter } from "./tensorboard.ts";
export type { TensorboardWriter, WithoutTime } from "./tensorboard.ts";
export { loadWeights, openWeights, saveWeights } from "./weights.ts";
export type { OpenWeights, SavedWeights } from "./weights.ts";
export { writeFileAtomic } from "./write_file.ts";
