// A layer of your own is a pair of functions: here a learned scale for each feature, the "layer
// scale" of Touvron et al. 2021, used inside a residual block beside the library's layers.
//
// deno run examples/own_layer.ts
import {
  constant,
  dense,
  type Empty,
  entries,
  evalMode,
  fold,
  gelu,
  key,
  type Layer,
  ops,
  residual,
  scoped,
  sequential,
  setup,
  stateless,
  type Tensor,
} from "@fplusx/nn";

type LayerScaleParams = { readonly scale: Tensor };

function layerScale(start = 1e-4): Layer<LayerScaleParams, Empty> {
  return stateless<LayerScaleParams>({
    kind: "layerScale",
    init: (key, shape) => ({
      params: { scale: constant(start)(fold(key, "scale"), [shape.at(-1)!]) },
      shape,
    }),
    apply: ({ scale }, x) => ops.mul(x, scale),
  });
}

const block = residual(sequential(dense(64), gelu(), dense(16), layerScale()));
const model = sequential(dense(16), block, dense(10));

await setup();
using variables = scoped(model.init(key(0), [1, 8]));
using x = ops.ones([1, 8]);
const [y] = model.apply(variables, x, evalMode);
console.log("output", y.shape);
for (const [path, leaf] of entries(variables.params)) console.log(path.padEnd(24), leaf.shape);
