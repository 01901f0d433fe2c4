// Classifies a picture with a ResNet-50 of torchvision, and prints the five most likely classes.
//
// deno run --allow-read examples/resnet50.ts
//
// Append a file of weights, a PNG or JPEG, and a list of class names; without them the weights are
// fresh and the picture is grey. Python writes the weights: `from safetensors.torch import save_file`,
// save_file(torchvision.models.resnet50(weights="IMAGENET1K_V1").state_dict(), "resnet50.safetensors")
import { abstractKey, evalMode, foldBatchNorm, key, ops, scoped, setup } from "@fplusx/nn";
import { loadImage, openWeights } from "@fplusx/nn/deno";
import { image, prepare, preset } from "@fplusx/nn/images";
import { resnet } from "@fplusx/nn/models";
import { loadStateDict } from "@fplusx/nn/weights";

const [weights, picture, list] = Deno.args;
const shape = [1, 224, 224, 3];
const model = resnet(50);

async function load(path: string) {
  using file = await openWeights(path);
  const { params, state } = await loadStateDict(model.init(abstractKey, shape), file);
  return { params, state };
}

await setup();
using variables = scoped(weights ? await load(weights) : model.init(key(0), shape));
const names = list ? (await Deno.readTextFile(list)).trimEnd().split("\n") : [];
const grey = image(300, 400, new Uint8Array(300 * 400 * 3).fill(128));
using x = prepare([picture ? await loadImage(picture) : grey], preset("imagenet-v1"));

// For inference, the normalisations are folded into the convolutions before them.
const folded = foldBatchNorm(model, variables, shape);
using learned = scoped(folded.variables);
const [scores] = folded.model.apply(learned, x, evalMode);
const [top, classes] = ops.topK(ops.softmax(scores), 5);
const [shares, numbers] = await Promise.all([top.data(), classes.data()]);
for (const [i, share] of shares.entries()) {
  console.log(`${(100 * share).toFixed(2).padStart(6)} %  ${names[numbers[i]!] ?? numbers[i]}`);
}
