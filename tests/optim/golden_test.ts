import { sgd } from "../../lib/optim/sgd.ts";
import { testEach } from "../backends.ts";
import golden from "../golden/optim.json" with { type: "json" };
import { follow, goldens } from "./follow.ts";
import { rate, slope, start } from "./problem.ts";

/** Rounding of ten steps in 32 bits; what it is of is checked in doubles, in a file beside this. */
const ROUNDING = { absolute: 1e-6 };
/** Five turns of Muon's polynomial multiply the rounding of small singular values by up to 3.4⁵. */
const ROUNDING_OF_MUON = { absolute: 1e-5 };

for (const [i, one] of goldens.entries()) {
  const tolerance = one.name.startsWith("muon") ? ROUNDING_OF_MUON : ROUNDING;
  // One in four on the slowest of the backends, and each that is made of operations of its own.
  const everywhere = i % 4 === 0 || /muon|adafactor|accumulate|lookahead/.test(one.name);
  testEach(one.name, () => follow(one, tolerance), [
    "cpu",
    "wasm",
    ...everywhere ? ["webgpu"] as const : [],
  ]);
}

/** SGD with Caffe's momentum, in doubles: v = m·v + rate·(g + decay·w), w -= v. */
function caffe(momentum: number, decay: number, nesterov: boolean): number[][] {
  const each = (formula: (leaf: number, i: number) => number) =>
    [6, 3, 4].flatMap((size, leaf) => Array.from({ length: size }, (_, i) => formula(leaf, i)));
  let w = each(start);
  let v = w.map(() => 0);
  const all = Array.from({ length: 10 }, (_, t) => {
    const g = each(slope(t));
    const before = v;
    v = v.map((v, i) => momentum * v + rate(t) * (g[i]! + decay * w[i]!));
    // Caffe's look ahead, as its NesterovSolver writes it.
    w = w.map((w, i) => w - (nesterov ? (1 + momentum) * v[i]! - momentum * before[i]! : v[i]!));
    return w;
  });
  return golden.steps.map((step) => all[step - 1]!);
}

for (const nesterov of [false, true]) {
  testEach(
    `sgd() with Caffe's momentum${nesterov ? " and look ahead" : ""} follows its formula`,
    () =>
      follow({
        make: () => sgd({ momentum: 0.9, weightDecay: 0.05, nesterov, convention: "caffe" }),
        trajectory: caffe(0.9, 0.05, nesterov),
        read: (params) => params,
      }, ROUNDING),
  );
}
