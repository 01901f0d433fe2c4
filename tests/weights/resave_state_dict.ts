/**
 * Loads a state dict, prints the logits of an image, and saves it again, for
 * tests/golden/check_state_dict.py: resave_state_dict.ts NET SIZE FROM TO
 *
 * @module
 */

import { setup } from "../../lib/backend/setup.ts";
import { openWeights } from "../../lib/deno/weights.ts";
import { abstractKey } from "../../lib/key.ts";
import { evalMode, type Layer } from "../../lib/layer.ts";
import { resnet } from "../../lib/models/resnet.ts";
import { resnetCifar } from "../../lib/models/resnet_cifar.ts";
import { resnetD, resnext, seResnet } from "../../lib/models/resnet_variants.ts";
import { vgg } from "../../lib/models/vgg.ts";
import { tensor } from "../../lib/ops.ts";
import {
  akamasterNames,
  loadStateDict,
  saveStateDict,
  torchvisionNames,
} from "../../lib/weights/torchvision.ts";
import { images } from "../formula.ts";

const MODELS: Readonly<Record<string, Layer>> = {
  resnetCifar8: resnetCifar(8, { width: 4, zeros: "around" }),
  resnet18: resnet(18),
  resnet50: resnet(50),
  resnext50: resnext(50),
  resnet50d: resnetD(50),
  seresnet50: seResnet(50),
  vgg19: vgg(19),
};

const [net, size, from, to] = Deno.args as [string, string, string, string];
const model = MODELS[net]!;
const names = net === "resnetCifar8" ? akamasterNames : torchvisionNames;
const shape = [1, Number(size), Number(size), 3] as const;
await setup({ backend: "wasm" });
using file = await openWeights(from);
const loaded = await loadStateDict(model.init(abstractKey, shape), file, { names });
const [logits] = model.apply(loaded, tensor(images(shape), shape), evalMode);
console.log(JSON.stringify([...await logits.data()]));
await Deno.writeFile(to, await saveStateDict(loaded, { names }));
