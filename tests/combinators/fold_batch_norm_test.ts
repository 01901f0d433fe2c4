/** Folding: the same output of every kind of net, nothing left to normalise, and nothing touched. */

import { assertEquals } from "@std/assert";
import {
  avgPool,
  basicBlock,
  batchNorm,
  bottleneck,
  conv,
  conv1d,
  dense,
  depthwiseConv,
  describe,
  entries,
  evalMode,
  fold,
  foldBatchNorm,
  globalAveragePool,
  highway,
  key,
  type Layer,
  layer,
  map,
  named,
  normal,
  ops,
  parallel,
  type Part,
  release,
  relu,
  residual,
  sequential,
  type Shape,
  stochasticDepth,
  type Tensor,
  type Variables,
  withShape,
} from "@fplusx/nn";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";

/** Variables of a net that has seen something: no mean is 0 and no variance 1. */
function seasoned(model: Layer, shape: Shape): Variables {
  const drawn = (leaf: Tensor, path: string) => {
    const x = normal(fold(key(1), path), leaf.shape);
    return path.endsWith("variance") ? ops.add(ops.abs(x), 0.3) : x;
  };
  return ops.tidy(() => {
    const { params, state } = model.init(key(0), shape);
    return {
      params: map((leaf, path) => leaf.shape.length > 1 ? leaf : drawn(leaf, path), params),
      state: map(drawn, state),
    };
  });
}

const IMAGES = [2, 8, 8, 4];
const norm = batchNorm;
const thin = (filters: number, size = 1, options = {}) =>
  conv(filters, size, { bias: false, ...options });

/** Nets, and how many normalisations are left of how many. */
const NETS: Record<string, [model: Layer, left: number, all: number, shape?: Shape]> = {
  "a convolution without bias": [sequential(thin(6, 3), norm(), relu), 0, 1],
  "a convolution with bias": [sequential(conv(6, 3, { stride: 2 }), norm()), 0, 1],
  "a convolution in groups": [sequential(thin(6, 3, { groups: 2 }), norm()), 0, 1],
  "a depthwise convolution": [sequential(depthwiseConv(3, { multiplier: 2 }), norm()), 0, 1],
  "a convolution over time": [sequential(conv1d(6, 3), norm()), 0, 1, [2, 7, 4]],
  "a fully connected layer": [sequential(dense(6), norm(), relu, dense(3)), 0, 1, [2, 4]],
  "a normalisation without parameters": [sequential(thin(6), batchNorm({ affine: false })), 0, 1],
  "another epsilon": [sequential(thin(6), batchNorm({ epsilon: 0.5 })), 0, 1],
  "a basic block": [basicBlock(8, { stride: 2 }), 0, 3],
  "a block with a padded shortcut": [basicBlock(8, { stride: 2, shortcut: "A" }), 0, 2],
  "a block of ResNet-D": [bottleneck(8, { stride: 2, shortcut: "D" }), 0, 4],
  "a block of ResNeXt": [bottleneck(8, { width: 4, groups: 2 }), 0, 4],
  "a block that squeezes": [bottleneck(8, { squeeze: 2 }), 0, 4],
  "a block that drops out": [basicBlock(4, { survival: 0.5 }), 0, 2],
  "a stem of its own": [named({ stem: sequential(thin(4, 3), relu, thin(6)), bn1: norm() }), 0, 1],
  "branches": [
    parallel({ a: sequential(thin(3), norm()), b: sequential(thin(3, 3), norm()) }),
    0,
    2,
  ],
  "a highway": [highway(sequential(thin(4, 3), norm())), 0, 1],
  "a layer that depends on the shape": [
    withShape(([, , , channels]) => sequential(thin(channels! * 2), norm())),
    0,
    1,
  ],
  "a net of nets": [
    named({
      conv1: thin(8, 3),
      bn1: norm(),
      relu,
      layer1: sequential(basicBlock(8), basicBlock(8)),
      layer2: sequential(bottleneck(16, { stride: 2, groups: 2, width: 8 }), bottleneck(16)),
      avgpool: globalAveragePool,
      fc: dense(10),
    }),
    0,
    12,
  ],
  "two normalisations in a row": [sequential(thin(6), norm(), norm()), 1, 2],
  "a normalisation before": [sequential(norm(), relu, thin(6)), 1, 1],
  "a normalisation after an activation": [sequential(thin(6), relu, norm()), 1, 1],
  "a normalisation after a pooling": [sequential(thin(6), avgPool(2), norm()), 1, 1],
  "branches side by side with a normalisation": [parallel([thin(4), norm()]), 1, 1],
  "a normalisation after a residual sum": [sequential(residual(thin(4)), norm()), 1, 1],
  "a normalisation after what is dropped": [
    sequential(stochasticDepth(sequential(thin(4)), 0.5), norm()),
    1,
    1,
  ],
  "a layer made of another": [
    (() => {
      const inner = sequential(thin(4), norm());
      return layer({
        ...inner,
        apply: (variables, x, mode) => {
          const [y, next] = inner.apply(variables, x, mode);
          return [ops.mul(y, 3), next];
        },
      });
    })(),
    1,
    1,
  ],
};

const normsIn = (part: Part): number =>
  (part.kind === "batchNorm" ? 1 : 0) + part.parts.reduce((sum, part) => sum + normsIn(part), 0);

for (const [name, [model, left, all, shape = IMAGES]] of Object.entries(NETS)) {
  Deno.test(`foldBatchNorm() leaves ${left} of ${all} in ${name}`, () => {
    assertEquals(normsIn(describe(model, shape)), all);
  });
  testEach(`foldBatchNorm() keeps the output of ${name}`, async () => {
    const variables = seasoned(model, shape);
    const folded = foldBatchNorm(model, variables, shape);
    assertEquals(normsIn(describe(folded.model, shape)), left);
    const paths = ({ state }: Variables) => entries(state).length;
    assertEquals(paths(folded.variables), 2 * left);
    const x = normal(key(9), shape);
    const [y] = model.apply(variables, x, evalMode);
    const expected = { shape: y.shape, values: await y.data() };
    // Nothing that comes out is shared with what went in.
    release([variables, y]);
    const [z] = folded.model.apply(folded.variables, x, evalMode);
    const largest = Math.max(...Array.from(expected.values, Math.abs));
    await assertClose(z, expected, { absolute: 1e-5 * largest });
    release([folded.variables, x, z]);
  });
}
