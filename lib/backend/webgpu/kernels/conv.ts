/** Convolution of images, and its gradients for the images and for the kernel. */

import { sizeOf } from "../../../tensor.ts";
import type { tf } from "../../../tfjs.ts";
import type { Kernel } from "../kernels.ts";
import { perform } from "../plan.ts";
import { convSizes } from "./conv_sizes.ts";
import { filterGradientWork, forwardWork, inputGradientWork } from "./conv_work.ts";

/** `Conv2D`. */
export const conv: Kernel = (backend, { x, filter }, attributes) => {
  const sizes = convSizes(x.shape, filter.shape, attributes);
  if (sizes === undefined || !areFloats(x, filter)) return;
  const { batch, groups, outputs, rows, columns } = sizes;
  const y = perform(backend, forwardWork("conv", sizes, "weights", "halves"), [x, filter]);
  return { ...y, shape: [batch, rows.count, columns.count, groups * outputs] };
};

/** `Conv2DBackpropInput`. */
export const convInputGradient: Kernel = (backend, { dy, filter }, attributes) => {
  const sizes = convSizes(attributes.inputShape, filter.shape, attributes);
  if (sizes === undefined || !areFloats(dy, filter)) return;
  const work = inputGradientWork("convInputGradient", sizes, "weights", "halves");
  return { ...perform(backend, work, [dy, filter]), shape: attributes.inputShape };
};

/** `Conv2DBackpropFilter`. */
export const convFilterGradient: Kernel = (backend, { x, dy }, attributes) => {
  const sizes = convSizes(x.shape, attributes.filterShape, attributes);
  if (sizes === undefined || !areFloats(x, dy)) return;
  const work = filterGradientWork("convFilterGradient", sizes);
  return { ...perform(backend, work, [x, dy]), shape: attributes.filterShape };
};

/** Whether there is something to compute, and with floats. */
function areFloats(...inputs: readonly tf.TensorInfo[]): boolean {
  return inputs.every(({ dtype, shape }) => dtype === "float32" && sizeOf(shape) > 0);
}
