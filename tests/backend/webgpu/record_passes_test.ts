import { assertEquals } from "@std/assert";
import { passesOf } from "../../../lib/backend/webgpu/record_passes.ts";
import { type Dispatch, StandIn } from "../../../lib/backend/webgpu/record_stage.ts";
import { Texels } from "../../../lib/backend/webgpu/textures.ts";

/** A dispatch that writes a buffer, and reads others as textures and as they are. */
function dispatch(
  to: StandIn,
  sampled: readonly StandIn[],
  read: readonly StandIn[] = [],
): Dispatch {
  const textures = sampled.map((buffer) => new Texels(buffer, 4, buffer.size / 16, false));
  return {
    kernel: "a kernel",
    call: undefined,
    pipeline: {} as GPUComputePipeline,
    bindings: [to, ...textures, ...read],
    groups: [1, 1, 1],
  };
}

/** Of each pass, how many textures are filled before and how many dispatches there are. */
const sizes = (dispatches: readonly Dispatch[]): number[][] =>
  passesOf(dispatches)[0].map(({ fillings, dispatches }) => [fillings.length, dispatches.length]);

const ROW_BYTES = 4096 * 16;
const large = () => new StandIn(33 * ROW_BYTES);
const small = () => new StandIn(32 * ROW_BYTES);

Deno.test("a pass goes on while it reads no texture of what it has made", () => {
  const [x, y, z, w] = [large(), large(), large(), large()] as const;
  assertEquals(sizes([dispatch(y, [], [x]), dispatch(z, [x, w])]), [[0, 1], [2, 1]]);
  assertEquals(sizes([dispatch(y, [x]), dispatch(z, [w], [y])]), [[2, 2]]);
  assertEquals(sizes([dispatch(y, [x]), dispatch(z, [y])]), [[1, 1], [1, 1]]);
  assertEquals(sizes([]), []);
});

Deno.test("in a pass a buffer is copied once, and copies of one kind are alike", () => {
  const [x, dx, dw] = [large(), large(), large()] as const;
  const steps = [dispatch(dx, [x]), dispatch(dw, [x])];
  assertEquals(sizes(steps), [[1, 2]]);
  const [, fillings] = passesOf(steps);
  const [first, second] = steps.map(({ bindings }) => fillings.get(bindings[1] as Texels<StandIn>));
  assertEquals(first === second, true);
  const floats = { ...steps[1]!, bindings: [dw, new Texels(x, 1, x.size / 4, false)] };
  assertEquals(sizes([steps[0]!, floats]), [[2, 2]]);
});

Deno.test("a small texture is kept, a large one is filled again", () => {
  for (const [make, again] of [[small, 0], [large, 1]] as const) {
    const [w, x, y, z] = [make(), large(), large(), large()] as const;
    const [passes] = passesOf([dispatch(y, [w, x]), dispatch(z, [w, y])]);
    assertEquals(passes.map(({ fillings }) => fillings.length), [2, 1 + again]);
    assertEquals(passes[0]!.fillings.map(({ first, last }) => [first, last]), [
      [0, 1 - again],
      [0, 0],
    ]);
  }
});

Deno.test("a texture is filled again when its buffer may have changed", () => {
  const [w, x, y, z] = [small(), large(), large(), large()] as const;
  const steps = [dispatch(y, [w, x]), dispatch(w, [], [y]), dispatch(z, [w])];
  assertEquals(sizes(steps), [[2, 2], [1, 1]]);
  // In a pass that goes on for another reason, too.
  const later = [...steps.slice(0, 2), dispatch(x, [y]), dispatch(z, [w])];
  assertEquals(sizes(later), [[2, 2], [2, 2]]);
});
