/**
 * Compares networks with PyTorch, from the same weights: logits, loss and gradients in both modes, and
 * what three steps of SGD change. tests/golden/make_parity.py says what is compared and where the
 * bound comes from. `deno task parity [BACKEND] [NET …]` prints how far each network is away,
 * in multiples of the noise of float32.
 *
 * @module
 */

import { type BackendName, setup } from "../../lib/backend/setup.ts";
import { valueAndGrad } from "../../lib/grad.ts";
import { abstractKey, key } from "../../lib/key.ts";
import { evalMode, type Layer, type Mode, trainMode, type Variables } from "../../lib/layer.ts";
import { resnet } from "../../lib/models/resnet.ts";
import { resnetCifar } from "../../lib/models/resnet_cifar.ts";
import { vgg } from "../../lib/models/vgg.ts";
import { tensor } from "../../lib/ops.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { crossEntropy } from "../../lib/train/loss.ts";
import { knobs, type TrainState, trainStep } from "../../lib/train/step.ts";
import { empty, type Tree } from "../../lib/tree.ts";
import {
  akamasterNames,
  loadStateDict,
  slotsOf,
  type StateDictNames,
  torchvisionNames,
  toStateDict,
} from "../../lib/weights/torchvision.ts";
import { formula, formulaFile, images, uniform } from "../formula.ts";

/** How many times the noise of float32 we may be away from what is right. */
export const BOUND = 4;

const CLASSES = 10;
const STEPS = 3;

const akamaster = (depth: number, shortcut: "A" | "B") => ({
  model: resnetCifar(depth, { shortcut, zeros: "around" }),
  names: akamasterNames,
});
const torchvision = (model: Layer) => ({ model, names: torchvisionNames });

const NETS = {
  resnetCifar8B: akamaster(8, "B"),
  resnetCifar20A: akamaster(20, "A"),
  resnetCifar20B: akamaster(20, "B"),
  resnet18: torchvision(resnet(18, { classes: CLASSES })),
  resnet34: torchvision(resnet(34, { classes: CLASSES })),
  resnet50: torchvision(resnet(50, { classes: CLASSES })),
  resnet101: torchvision(resnet(101, { classes: CLASSES })),
  vgg19: torchvision(vgg(19, { classes: CLASSES, dropout: 0 })),
};

/** The networks that can be compared. */
export type Net = keyof typeof NETS;

/** Numbers of a tensor by its key: its norm and a product, or all of the logits. */
type Numbers = Readonly<Record<string, readonly number[]>>;

/** What make_parity.py writes. */
type Golden = {
  readonly shape: readonly [number, number, number, number];
  readonly rate: number;
  readonly noise: Readonly<Record<string, number>>;
  readonly [what: string]: unknown;
};

/** Gives how many times the noise of float32 a network is away from PyTorch at most, by what it is. */
export async function compareWithTorch(net: Net): Promise<Map<string, number>> {
  const { model, names } = NETS[net];
  const golden: Golden = JSON.parse(
    await Deno.readTextFile(new URL(`../golden/parity/${net}.json`, import.meta.url)),
  );
  const { shape, rate, noise } = golden;
  const like = model.init(abstractKey, shape);
  const shapes = new Map(slotsOf(like, names).map(({ key, shape }) => [key, shape]));
  const start = await loadStateDict(like, formulaFile(shapes), { names });
  const x = tensor(images(shape), shape);
  const y = tensor(Int32Array.from({ length: shape[0] }, (_, i) => i * 7 % CLASSES));
  const away = new Map<string, number>();
  const compare = (what: string, numbers: Numbers, noisy = what) =>
    away.set(what, distance(golden[what] as Numbers, numbers) / noise[noisy]!);

  for (const mode of [evalMode, trainMode(key(0))]) {
    const { logits, loss, gradient } = await differentiate(model, start, { x, y }, mode);
    compare(`${mode.kind} logits`, { "": logits });
    compare(`${mode.kind} loss`, { "": loss }, `${mode.kind} logits`);
    compare(`${mode.kind} gradient`, await summaries({ params: gradient, state: empty }, names));
    release(gradient);
  }

  const optimizer = sgd({ momentum: 0.9, weightDecay: 1e-4 });
  const step = trainStep({ model, optimizer, loss: crossEntropy });
  const { params, state } = start;
  let now: TrainState = { params, state, optimizer: optimizer.init(params) };
  for (let i = 0; i < STEPS; i++) {
    const rates = knobs(rate, 0, i);
    const [next, loss] = step(now, { x, y }, rates);
    release([now, rates, loss], next);
    now = next;
  }
  compare("change", await summaries({ params: now.params, state: empty }, names, formula));
  if ("state" in golden) {
    compare("state", await summaries({ params: empty, state: now.state }, names));
  }
  release([now, x, y]);
  return away;
}

async function differentiate(
  model: Layer,
  { params, state }: Variables,
  { x, y }: { x: Tensor; y: Tensor },
  mode: Mode,
): Promise<{ logits: number[]; loss: number[]; gradient: Tree }> {
  const [[loss, logits], gradient] = valueAndGrad(
    (params: Tree): [Tensor, Tensor] => {
      const [logits] = model.apply({ params, state }, x, mode);
      return [crossEntropy(logits, y), logits];
    },
    { aux: true },
  )(params);
  const read = { logits: [...await logits.data()], loss: [...await loss.data()], gradient };
  release([logits, loss]);
  return read;
}

/** The norm of each tensor, less what `before` says it was, and its product with hashed numbers. */
async function summaries(
  variables: Variables,
  names: StateDictNames,
  before?: typeof formula,
): Promise<Numbers> {
  const found: Record<string, readonly number[]> = {};
  for (const [key, { dtype, shape, data }] of await toStateDict(variables, { names })) {
    if (dtype !== "F32") continue;
    const old = before?.(key, shape);
    const weight = uniform(`product ${key}`);
    let squares = 0, product = 0;
    (data as Float32Array).forEach((value, i) => {
      const v = value - (old?.[i] ?? 0);
      squares += v * v;
      product += v * weight(i);
    });
    found[key] = [Math.sqrt(squares), product];
  }
  return found;
}

/** The largest difference of two numbers, relative to the norm of the tensor; infinite without one. */
function distance(golden: Numbers, ours: Numbers): number {
  if (Object.keys(golden).sort().join() !== Object.keys(ours).sort().join()) return Infinity;
  return Math.max(
    ...Object.entries(golden).flatMap(([key, expected]) => {
      // Of logits and losses all numbers are there, of other tensors the norm comes first.
      const norm = key === "" ? Math.hypot(...expected) : expected[0]!;
      return expected.map((value, i) => Math.abs(value - (ours[key]![i] ?? Infinity)) / norm);
    }),
  );
}

if (import.meta.main) {
  const [backend = "wasm", ...chosen] = Deno.args as [BackendName, ...Net[]];
  await setup({ backend });
  for (const net of chosen.length > 0 ? chosen : Object.keys(NETS) as Net[]) {
    const start = performance.now();
    const away = [...await compareWithTorch(net)];
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const list = away.map(([what, times]) => `${what} ${times.toFixed(2)}`).join(", ");
    console.log(`${net} (${seconds} s): ${list}`);
    if (away.some(([, times]) => !(times <= BOUND))) Deno.exitCode = 1;
  }
}
