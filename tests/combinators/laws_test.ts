import { basicBlock, bottleneck } from "../../lib/combinators/blocks.ts";
import { highway } from "../../lib/combinators/highway.ts";
import { parallel } from "../../lib/combinators/parallel.ts";
import { residual } from "../../lib/combinators/residual.ts";
import { named, repeat, sequential } from "../../lib/combinators/sequential.ts";
import { paddedIdentity, shortcut } from "../../lib/combinators/shortcut.ts";
import { squeezeExcitation } from "../../lib/combinators/squeeze_excitation.ts";
import { stochasticDepth } from "../../lib/combinators/stochastic_depth.ts";
import { withShape } from "../../lib/combinators/with_shape.ts";
import { relu, tanh } from "../../lib/layers/activation.ts";
import { batchNorm } from "../../lib/layers/batch_norm.ts";
import { conv } from "../../lib/layers/conv.ts";
import { dense } from "../../lib/layers/dense.ts";
import { dropout } from "../../lib/layers/dropout.ts";
import { layerLaws } from "../laws.ts";

const IMAGES = [2, 6, 6, 4];
const drawsInTrain = true;

layerLaws("sequential", sequential(dense(4), batchNorm(), tanh, dense(2)), [4, 3]);
layerLaws("sequential of nothing", sequential(), [2, 3]);
layerLaws("sequential with dropout", sequential(dense(8), dropout(0.5)), [4, 3], { drawsInTrain });
layerLaws("named", named({ first: dense(4), norm: batchNorm(), last: dense(2) }), [4, 3]);
layerLaws("repeat", repeat(3, (i) => dense(i + 1)), [2, 3]);
layerLaws("parallel", parallel([dense(4), dense(4), tanh]), [2, 4]);
layerLaws("parallel with mean", parallel({ a: dense(4), b: batchNorm() }, { merge: "mean" }), [
  16,
  4,
]);
layerLaws("parallel with concat", parallel([dense(4), dense(2)], { merge: "concat" }), [2, 3]);
layerLaws("residual", residual(sequential(conv(4, 3, { bias: false }), batchNorm())), IMAGES);
layerLaws("residual with all", residual(dense(3), dense(3), { activation: relu }), [2, 4]);
layerLaws("highway", highway(dense(4)), [2, 4]);
layerLaws("highway on images", highway(sequential(conv(4, 3), relu)), IMAGES);
layerLaws("stochasticDepth", residual(stochasticDepth(dense(8), 0.5, { per: "sample" })), [8, 8], {
  drawsInTrain,
});
layerLaws("withShape", withShape((shape) => dense(shape[1]!)), [2, 3]);
layerLaws("paddedIdentity", paddedIdentity(6, 2), [2, 5, 4, 4]);
for (const option of ["A", "B", "C", "D"] as const) {
  layerLaws(`shortcut ${option}`, shortcut(option, 6, 2), IMAGES);
}
layerLaws("squeezeExcitation", squeezeExcitation(2), IMAGES);
layerLaws("basicBlock", basicBlock(6, { stride: 2 }), IMAGES);
layerLaws("basicBlock with option A", basicBlock(6, { stride: 2, shortcut: "A" }), IMAGES);
layerLaws("bottleneck", bottleneck(8, { stride: 2, squeeze: 2, groups: 2, width: 4 }), IMAGES);
