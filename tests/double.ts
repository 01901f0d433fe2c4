/**
 * Turns the reference backend into double precision: its arrays of floats become arrays of doubles.
 * It has to be the first import of a test file, before tfjs is loaded. Every test file runs in an
 * isolate of its own, so the others are not touched.
 *
 * @module
 */

import { types } from "node:util";

const isDouble = (value: unknown): boolean => value instanceof Float64Array;

Object.defineProperty(globalThis, "Float32Array", { value: Float64Array });
// tfjs asks Node.js what an array is.
Object.defineProperty(types, "isFloat32Array", { value: isDouble });
