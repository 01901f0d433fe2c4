/**
 * The golden trajectories in double precision: what is left of a difference is in the method and not
 * in the rounding.
 */

import "../double.ts";
import { assert } from "@std/assert";
import { setup } from "../../lib/backend/setup.ts";
import { grad } from "../../lib/grad.ts";
import { add, mul, scalar, slice, square, sub, sum, tensor, tidy } from "../../lib/ops.ts";
import { applyGradient } from "../../lib/optim/transform.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { testEach } from "../backends.ts";
import { assertClose } from "../compare.ts";
import golden from "../golden/optim.json" with { type: "json" };
import { follow, goldens, OPTIMIZERS, type Options } from "./follow.ts";

for (const one of goldens) {
  // PyTorch adds 1e-6 to the norm when it clips.
  const tolerance = one.name === "clipped({}) takes the steps of torch" ? 1e-6 : 1e-11;
  testEach(`${one.name} in doubles`, () => follow(one, { absolute: tolerance }), ["cpu"]);
}

const rosenbrock = ({ w }: { readonly w: Tensor }): Tensor => {
  const [x, y] = [slice(w, [0], [1]), slice(w, [1], [1])];
  return sum(add(square(sub(1, x)), mul(square(sub(y, square(x))), 100)));
};

for (const { optimizer: name, options, rate, steps, loss, place } of golden.valley) {
  Deno.test(
    `${name}(${JSON.stringify(options)}) goes down the valley of Rosenbrock as that of optax`,
    async () => {
      await setup({ backend: "cpu" });
      const optimizer = OPTIMIZERS[name]!(options as Options);
      const slope = grad(rosenbrock);
      // Leaks are looked for elsewhere: to note where each of so many tensors was made takes long.
      const params = tidy(() => {
        const learningRate = scalar(rate);
        let params = { w: tensor([-1, 1]) };
        let state = optimizer.init(params);
        for (let step = 0; step < steps; step++) {
          const context = { params, learningRate };
          [params, state] = applyGradient(optimizer, slope(params), state, context);
        }
        return params;
      });
      using reached = tidy(() => rosenbrock(params));
      assert((await reached.data())[0]! < 1.1 && loss < 1.1);
      await assertClose(params.w, { shape: [2], values: place }, { absolute: 1e-8 });
      release(params);
    },
  );
}
