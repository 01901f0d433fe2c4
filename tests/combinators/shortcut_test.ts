/** Option A, exactly: which pixels pass, where the zeros go, and that no gradient leaks past them. */

import { assertEquals } from "@std/assert";
import { paddedIdentity } from "../../lib/combinators/shortcut.ts";
import { grad } from "../../lib/grad.ts";
import { key } from "../../lib/key.ts";
import { evalMode } from "../../lib/layer.ts";
import { mul, sum, tensor, tidy } from "../../lib/ops.ts";
import { release } from "../../lib/ownership.ts";
import type { Tensor } from "../../lib/tensor.ts";
import { testEach } from "../backends.ts";

const range = (count: number) => Float32Array.from({ length: count }, (_, i) => i + 1);

for (const [zeros, before] of [["after", 0], ["around", 1]] as const) {
  testEach(`paddedIdentity() samples pixels and puts zeros ${zeros} the channels`, async () => {
    const layer = paddedIdentity(5, 2, { zeros });
    const shape = [1, 3, 4, 2];
    const pixels = [[1, 2], [5, 6], [17, 18], [21, 22]]; // 0 and 2 of rows 0 and 2
    const after = 3 - before;
    const none = (count: number): number[] => new Array(count).fill(0);
    const { params, state } = layer.init(key(0), shape);
    const x = tensor(range(24), shape);
    const [y] = layer.apply({ params, state }, x, evalMode);
    assertEquals(y.shape, [1, 2, 2, 5]);
    assertEquals(
      [...await y.data()],
      pixels.flatMap((pixel) => [...none(before), ...pixel, ...none(after)]),
    );

    const weights = tensor(range(20), [1, 2, 2, 5]);
    const gradient = grad(([x]: readonly [Tensor]) =>
      tidy(() => sum(mul(layer.apply({ params, state }, x, evalMode)[0], weights)))
    )([x]);
    const expected = new Float32Array(24);
    pixels.forEach(([first], i) =>
      expected.set([5 * i + before + 1, 5 * i + before + 2], first! - 1)
    );
    assertEquals(await gradient[0].data(), expected);
    release([x, y, weights, gradient]);
  });
}
