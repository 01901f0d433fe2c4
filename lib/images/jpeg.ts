/**
 * JPEG, decoded by mozjpeg, which is libjpeg-turbo: the very arithmetic that Pillow and torchvision
 * decode with. Each image gets a decoder of its own, so that a damaged one can leave nothing behind,
 * and its memory goes with it.
 *
 * @module
 */

import makeDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { checkPixels, type Decoder } from "./decode_image.ts";
import { CHANNELS } from "./image.ts";
import { failJpeg, readFrame } from "./jpeg_frame.ts";

/** What we use of the module that Emscripten makes. */
interface MozJpeg {
  decode(bytes: Uint8Array, preserveOrientation: boolean): ImageData | null;
}

/** More scans than any encoder writes; each costs a pass over the image. */
const MAX_SCANS = 100;

let compiled: Promise<WebAssembly.Module> | undefined;

/** Decodes a JPEG; see {@linkcode decodeImage}. */
export const decodeJpeg: Decoder = async (bytes, { maxPixels, tolerant }) => {
  const frame = readFrame(bytes);
  const { height, width, components, scans, offset } = frame;
  checkPixels("a JPEG", frame, maxPixels, offset);
  if (components !== 1 && components !== 3) {
    failJpeg(`it has ${components} components, need 1 (grey) or 3 (colour)`, offset);
  }
  if (scans > MAX_SCANS) failJpeg(`it has ${scans} scans, need at most ${MAX_SCANS}`, offset);
  const warnings: string[] = [];
  const decoder = await start((line) => warnings.push(line));
  const pixels = decode(decoder, bytes)?.data;
  if (pixels?.length !== height * width * 4 || warnings.length > 0 && !tolerant) {
    failJpeg(warnings.join("; ") || "it is damaged", offset);
  }
  const data = new Uint8Array(height * width * CHANNELS);
  for (let from = 0, to = 0; to < data.length; from++) {
    data[to++] = pixels[from++]!;
    data[to++] = pixels[from++]!;
    data[to++] = pixels[from++]!;
  }
  return { height, width, data };
};

/** Gives nothing where the decoder gave up; why, it has said as a warning. */
function decode(decoder: MozJpeg, bytes: Uint8Array): ImageData | null {
  try {
    return decoder.decode(bytes, false);
  } catch {
    return null;
  }
}

async function start(warn: (line: string) => void): Promise<MozJpeg> {
  // The binary is part of the module graph like any other code: nothing is fetched or read.
  // @ts-ignore: TypeScript knows no source phase
  compiled ??= import.source("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  const binary = await compiled!;
  return await makeDecoder({
    noInitialRun: true,
    printErr: warn,
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ): WebAssembly.Exports {
      const instance = new WebAssembly.Instance(binary, imports);
      done(instance);
      return instance.exports;
    },
  });
}
