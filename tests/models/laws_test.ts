import {
  highwayNet,
  mnistResnet,
  plainCifar,
  preactivationBottleneckResnet,
  preactivationResnet,
  resnetCifar,
  wideResnetCifar,
} from "../../lib/models/mod.ts";
import { layerLaws } from "../laws.ts";

const IMAGES = [2, 8, 8, 3];
// The longest sums are those over the pixels of a batch, through all layers.
const terms = 1e5;
const drawsInTrain = true;

layerLaws("mnistResnet", mnistResnet(), [2, 12, 12, 1], { terms });
layerLaws("resnetCifar", resnetCifar(8, { width: 4 }), IMAGES, { terms });
layerLaws(
  "resnetCifar with all",
  resnetCifar(8, { width: 4, squeeze: 2, shortcut: "D", survival: 0.5 }),
  IMAGES,
  {
    terms,
    drawsInTrain,
  },
);
layerLaws("plainCifar", plainCifar(8, { width: 4 }), IMAGES, { terms });
layerLaws("preactivationResnet", preactivationResnet(8), IMAGES, { terms });
layerLaws("preactivationBottleneckResnet", preactivationBottleneckResnet(11), IMAGES, { terms });
layerLaws("wideResnetCifar", wideResnetCifar(10, 1, { dropout: 0.3 }), IMAGES, {
  terms,
  drawsInTrain,
});
layerLaws("highwayNet", highwayNet(5, { width: 8 }), [2, 4, 4, 1], { terms });
