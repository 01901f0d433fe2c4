/**
 * The options that choose a backend, the same for every verb that computes.
 *
 * @module
 */

import { type Backend, setup } from "../backend/setup.ts";
import type { OptionValues } from "./options.ts";

/** The options that choose a backend. */
export const backendOptions = {
  backend: {
    type: "text",
    default: "auto",
    choices: ["auto", "webgpu", "wasm", "cpu"],
    about: "where to compute; auto is a GPU if there is one, else wasm",
  },
  threads: { type: "integer", least: 1, default: 1, about: "threads of the wasm backend" },
} as const;

/** Starts the backend that was asked for. */
export function startBackend(
  { backend, threads }: OptionValues<typeof backendOptions>,
): Promise<Backend> {
  return setup({ backend: backend as "auto" | "webgpu" | "wasm" | "cpu", threads });
}
