/**
 * A project of someone else's: it imports the package by its name, makes a layer of its own, and
 * takes one step down the gradient. It is run without any permission.
 */

import {
  evalMode,
  key,
  normal,
  ops,
  setup,
  stateless,
  type Tensor,
  valueAndGrad,
} from "@fplusx/nn";

/** Scales each feature by a learned gate: `y = x * sigmoid(gate)`. */
const gate = stateless<{ readonly gate: Tensor }>({
  kind: "gate",
  init: (key, shape) => ({
    params: { gate: normal(key, shape.slice(-1)) },
    shape,
  }),
  apply: ({ gate }, x) => ops.mul(x, ops.sigmoid(gate)),
});

await setup({ backend: "cpu" });

const { params, state } = gate.init(key(0), [8, 3]);
const x = normal(key(1), [8, 3]);
type Params = typeof params;
const loss = (params: Params) =>
  ops.mean(ops.square(gate.apply({ params, state }, x, evalMode)[0]));

const [before, gradient] = valueAndGrad(loss)(params);
const [after] = valueAndGrad(loss)({
  gate: ops.sub(params.gate, gradient.gate),
});
console.log(JSON.stringify([...await before.data(), ...await after.data()]));
