/**
 * Tensors read as textures. Where the CPU runs the shaders, a buffer is read lane by lane: Mesa's
 * llvmpipe takes ten times as long for it as for a texel, which it reads whole; and a copy of the tensor
 * costs no more than to read it once. The textures are scratch: they hold what the next dispatch reads.
 *
 * @module
 */

/** Texels in a row of a texture; a power of two. */
const ROW = 4096;

/** Floats in a texel. */
export type Texel = 1 | 4;

/** A texture that the next dispatch may fill, as it is bound. */
export interface Scratch {
  readonly texture: GPUTexture;
  readonly view: GPUTextureView;
}

const scratches = new WeakMap<GPUDevice, Map<number, Scratch>>();

/** WGSL that reads a texel by its number, an `i32`, as a `vec4f`. */
export function readTexel(texture: string, index: string): string {
  const bits = Math.log2(ROW);
  return `textureLoad(${texture}, vec2i((${index}) & ${ROW - 1}, (${index}) >> ${bits}), 0)`;
}

/** Gives the texture number `slot` of a kind, of floats or halves, with room for so many texels. */
export function scratchTexture(
  device: GPUDevice,
  slot: number,
  texel: Texel,
  count: number,
  half: boolean,
): Scratch {
  let known = scratches.get(device);
  if (known === undefined) scratches.set(device, known = new Map());
  const key = 8 * slot + 4 * Number(half) + texel - 1;
  const rows = Math.ceil(count / ROW);
  let scratch = known.get(key);
  if (scratch !== undefined && scratch.texture.height >= rows) return scratch;
  // A smaller one lives on in what was recorded with it.
  const texture = device.createTexture({
    label: `scratch ${slot}`,
    size: [ROW, rows],
    format: `${texel === 4 ? "rgba" : "r"}${half ? 16 : 32}float`,
    usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
  });
  known.set(key, scratch = { texture, view: texture.createView() });
  return scratch;
}

/** Copies the first `count` texels of a buffer, as they lie. */
export function copyToTexture(
  encoder: GPUCommandEncoder,
  buffer: GPUBuffer,
  texture: GPUTexture,
  texel: Texel,
  count: number,
  half: boolean,
): void {
  const bytesPerRow = (half ? 2 : 4) * texel * ROW;
  const rows = Math.floor(count / ROW);
  if (rows > 0) encoder.copyBufferToTexture({ buffer, bytesPerRow }, { texture }, [ROW, rows]);
  const rest = count % ROW;
  if (rest === 0) return;
  encoder.copyBufferToTexture(
    { buffer, offset: rows * bytesPerRow },
    { texture, origin: [0, rows] },
    [rest, 1],
  );
}
