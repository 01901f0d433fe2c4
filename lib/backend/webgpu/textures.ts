/**
 * Tensors read as textures. Where the CPU runs the shaders, a buffer is read lane by lane: Mesa's
 * llvmpipe takes ten times as long for it as for a texel, which it reads whole; and a copy of the tensor
 * costs no more than to read it once. The textures are scratch: they hold what the next dispatch reads,
 * or in a recorded step what those of the next pass read.
 *
 * @module
 */

/** Texels in a row of a texture; a power of two. */
const ROW = 4096;

/** Floats in a texel. */
export type Texel = 1 | 4;

/** WGSL that reads a texel by its number, an `i32`, as a `vec4f`. */
export function readTexel(texture: string, index: string): string {
  const bits = Math.log2(ROW);
  return `textureLoad(${texture}, vec2i((${index}) & ${ROW - 1}, (${index}) >> ${bits}), 0)`;
}

/** A buffer that is read as a texture. */
export class Texels<B = GPUBuffer> {
  /** Has the first `count` texels of a buffer, of so many floats or halves each. */
  constructor(
    readonly buffer: B,
    readonly texel: Texel,
    readonly count: number,
    readonly half: boolean,
  ) {}

  /** Tells whether a texture of these would do for others. */
  isLike({ buffer, texel, half }: Texels<unknown>): boolean {
    return this.buffer === buffer && this.texel === texel && this.half === half;
  }

  /** What the texture has to be of. */
  get format(): GPUTextureFormat {
    return `${this.texel === 4 ? "rgba" : "r"}${this.half ? 16 : 32}float`;
  }

  /** How many rows the texture needs. */
  get rows(): number {
    return Math.ceil(this.count / ROW);
  }

  /** The copies that fill a texture. */
  copiesTo(texture: GPUTexture): TextureCopy<B>[] {
    const { buffer, texel, count, half } = this;
    const bytesPerRow = (half ? 2 : 4) * texel * ROW;
    const rows = Math.floor(count / ROW);
    const offset = rows * bytesPerRow;
    const copies: TextureCopy<B>[] = [
      { source: { buffer, bytesPerRow }, target: { texture }, size: [ROW, rows] },
      {
        source: { buffer, offset },
        target: { texture, origin: [0, rows] },
        size: [count % ROW, 1],
      },
    ];
    return copies.filter(({ size: [width, height] }) => width * height > 0);
  }
}

/** What `copyBufferToTexture` takes. */
export interface TextureCopy<B = GPUBuffer> {
  /** The buffer, and how the texels lie in it. */
  readonly source: GPUTexelCopyBufferLayout & { readonly buffer: B };
  /** Where they go. */
  readonly target: GPUTexelCopyTextureInfo;
  /** How many they are. */
  readonly size: [width: number, height: number];
}

/** Encodes copies. */
export function encodeCopies(encoder: GPUCommandEncoder, copies: readonly TextureCopy[]): void {
  for (const { source, target, size } of copies) encoder.copyBufferToTexture(source, target, size);
}

/** A texture to be filled, as it is bound. */
export interface Scratch {
  /** The texture. */
  readonly texture: GPUTexture;
  /** All of it. */
  readonly view: GPUTextureView;
  /** Number of bytes. */
  readonly bytes: number;
}

/** Makes a texture of so many rows. */
export function makeScratch(device: GPUDevice, format: GPUTextureFormat, rows: number): Scratch {
  const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
  const texture = device.createTexture({ label: "scratch", size: [ROW, rows], format, usage });
  const bytes = ROW * rows * (format.startsWith("rgba") ? 4 : 1) * (format.includes("16") ? 2 : 4);
  return { texture, view: texture.createView(), bytes };
}
