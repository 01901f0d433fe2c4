/** All operations. */

import { creation } from "./creation.ts";
import { elementwise } from "./elementwise.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { shapes } from "./shapes.ts";
import type { Operation } from "./table.ts";
import { windows } from "./windows.ts";

/** Every operation with the ways to call it. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...creation,
  ...elementwise,
  ...reductions,
  ...shapes,
  ...products,
  ...windows,
};
