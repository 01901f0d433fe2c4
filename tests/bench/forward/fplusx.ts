/** The library itself, as a net is built and with `foldBatchNorm`. */

import {
  abstractKey,
  type BackendName,
  evalMode,
  foldBatchNorm,
  type Model,
  release,
  setup,
  tensor,
} from "@fplusx/nn";
import { resnet } from "@fplusx/nn/models";
import { loadStateDict } from "@fplusx/nn/weights";
import { slotsOf, torchvisionNames } from "../../../lib/weights/torchvision.ts";
import { formulaFile } from "../../formula.ts";
import type { Start } from "../contenders/contender.ts";
import { COLOURS, type ForwardProblem, makeBatches, SIZE } from "./problem.ts";

const makers = { resnet18: () => resnet(18), resnet50: () => resnet(50) } as const;

const starter = (fold: boolean): Start<ForwardProblem> =>
async (
  { network, batch },
  backend,
  threads = 1,
) => {
  const { adapter } = await setup({
    backend: backend as BackendName,
    ...(threads > 0 && { threads }),
  });
  const shape = [batch, SIZE, SIZE, COLOURS];
  const drawn = makers[network]();
  const like = drawn.init(abstractKey, shape);
  const shapes = slotsOf(like, torchvisionNames).map(({ key, shape }) => [key, shape] as const);
  const loaded = await loadStateDict(like, formulaFile(new Map(shapes)));
  const { model, variables }: Model = fold
    ? foldBatchNorm(drawn, loaded, shape)
    : { model: drawn, variables: loaded };
  release([loaded.params, loaded.state], [variables.params, variables.state]);
  const images = makeBatches(batch);
  return {
    adapter,
    async step() {
      using x = tensor(images(), shape);
      const [y] = model.apply(variables, x, evalMode);
      const scores = await y.data();
      y.dispose();
      return [...scores];
    },
  };
};

/** Makes ready with normalizations as they were trained. */
export const start: Start<ForwardProblem> = starter(false);

/** Makes ready with normalizations folded into the convolutions. */
export const startFolded: Start<ForwardProblem> = starter(true);
