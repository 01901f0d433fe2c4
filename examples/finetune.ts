// Fine-tunes: a network that was trained on the digits 0 to 4 learns 5 to 9 with a new head on its
// body, which comes from a file and stays as it is.
//
// deno run --allow-read=node_modules,runs --allow-write=runs examples/finetune.ts
import {
  basicBlock,
  batchNorm,
  conv,
  cosineDecay,
  crossEntropy,
  dense,
  evaluate,
  frozen,
  globalAveragePool,
  key,
  named,
  type ParamsOf,
  relu,
  sequential,
  setup,
  sgd,
  type StateOf,
  train,
  type Variables,
} from "@fplusx/nn";
import { batches, type Dataset, dataset, pick } from "@fplusx/nn/data";
import { loadMnist, openWeights, saveWeights } from "@fplusx/nn/deno";
import { loadPartial } from "@fplusx/nn/weights";

const stem = sequential(conv(16, 5, { stride: 2, bias: false }), batchNorm(), relu);
const body = sequential(stem, basicBlock(32, { stride: 2 }), globalAveragePool);
const model = named({ body, fc: dense(5) });
const tuned = named({ body: frozen(body), fc: dense(5) });
type Learned = Variables<ParamsOf<typeof model>, StateOf<typeof model>>;

const optimizer = sgd({ momentum: 0.9 });
const learn = (net: typeof model, { params, state }: Learned, data: Dataset, steps: number) =>
  train({
    model: net,
    optimizer,
    loss: crossEntropy,
    state: { params, state, optimizer: optimizer.init(params) },
    batches: batches(data, { size: 64, key: key(2), epochs: Infinity }),
    schedule: cosineDecay(0.1, steps),
    steps,
  });

/** The images of five digits, as classes 0 to 4. */
function digits(data: Dataset, first: number): Dataset {
  const inside = (label: number) => label >= first && label < first + 5;
  const rows = [...data.labels.keys()].filter((row) => inside(data.labels[row]!));
  const part = pick(data, Uint32Array.from(rows));
  return dataset({ ...part, labels: part.labels.map((label) => label - first), classes: 5 });
}

async function test(what: string, learned: Learned, data: Dataset): Promise<void> {
  const { top1 } = await evaluate(model, learned, { batches: batches(data, { size: 500 }) });
  console.log(`${what}: ${(100 * top1).toFixed(2)} %`);
}

await setup();
const mnist = await loadMnist();
const steps = Number(Deno.args[0] ?? 300);
using first = learn(model, model.init(key(0), [1, 28, 28, 1]), digits(mnist.train, 0), steps);
for await (const _ of first);
const { params, state } = first.state;
await test("0 to 4, trained", { params, state }, digits(mnist.test, 0));
await Deno.mkdir("runs", { recursive: true });
await saveWeights("runs/digits.safetensors", { params, state });

using file = await openWeights("runs/digits.safetensors");
const { params: blank } = model.init(key(1), [1, 28, 28, 1]);
const { tree } = await loadPartial({ params: blank, state }, file, { keep: "params.fc.**" });
await test("5 to 9, with a new head", tree, digits(mnist.test, 5));
using second = learn(tuned, tree, digits(mnist.train, 5), steps);
for await (const _ of second);
await test("5 to 9, fine-tuned", second.state, digits(mnist.test, 5));
