/**
 * What all pictures share: text, rounded places, and a palette. Colours are classes, so that a media
 * query can swap them in the dark.
 *
 * @module
 */

import { escape } from "./table.ts";

// The palette of Okabe and Ito, Color Universal Design (2008), lighter on dark ground.
/** The style sheet of every picture: `.c0` to `.c6` are colours that the colour-blind can tell apart. */
const STYLE = `
  .ground { fill: #fff }
  text { font: 12px system-ui, sans-serif; fill: #444 }
  .title { font-size: 16px; font-weight: 600; fill: #111 }
  .name { font-size: 13px; font-weight: 600; fill: #111 }
  .right { text-anchor: end }
  .middle { text-anchor: middle }
  .grid { stroke: #e3e3e3 }
  .axis { stroke: #999 }
  .c0 { stroke: #0072b2; fill: #0072b2 }
  .c1 { stroke: #d55e00; fill: #d55e00 }
  .c2 { stroke: #009e73; fill: #009e73 }
  .c3 { stroke: #aa5c8f; fill: #aa5c8f }
  .c4 { stroke: #b07a00; fill: #b07a00 }
  .c5 { stroke: #3a9bd0; fill: #3a9bd0 }
  .c6 { stroke: #555; fill: #555 }
  .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
  .dashed { stroke-dasharray: 6 4 }
  .band { stroke: none; opacity: 0.2 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #16181d }
    text { fill: #b8bcc4 }
    .title, .name { fill: #f0f0f0 }
    .grid { stroke: #2b2f37 }
    .axis { stroke: #6a6f7a }
    .c0 { stroke: #56b4e9; fill: #56b4e9 }
    .c1 { stroke: #ff9d4d; fill: #ff9d4d }
    .c2 { stroke: #2cc79b; fill: #2cc79b }
    .c3 { stroke: #e3a3c9; fill: #e3a3c9 }
    .c4 { stroke: #f0e442; fill: #f0e442 }
    .c5 { stroke: #a9dcf7; fill: #a9dcf7 }
    .c6 { stroke: #bbb; fill: #bbb }
    .line { fill: none }
  }`;

/** What a picture says of itself besides what it shows. */
export type PictureOptions = {
  /** What those hear who cannot see it. */
  readonly description?: string;
  /** Rules besides those of every picture. */
  readonly style?: string;
};

/** Writes a picture of a size in pixels that stands by itself, with its title at `left`. */
export function picture(
  title: string,
  [width, height]: readonly [width: number, height: number],
  left: number,
  parts: readonly string[],
  { description, style = "" }: PictureOptions = {},
): string {
  const size = `viewBox="0 0 ${width} ${pixel(height)}" width="${width}" height="${pixel(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${escape(title)}</title>`,
    ...description === undefined ? [] : [`<desc>${escape(description)}</desc>`],
    `<style>${STYLE}${style}\n</style>`,
    `<rect class="ground" width="${width}" height="${pixel(height)}"/>`,
    label(left, 30, "title", title),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** Writes a text at a place. */
export function label(x: number, y: number, kind: string, text: string): string {
  const attribute = kind && ` class="${kind}"`;
  return `<text${attribute} x="${pixel(x)}" y="${pixel(y)}">${escape(text)}</text>`;
}

/** Writes a place, to a tenth of a pixel. */
export function pixel(value: number): string {
  return `${Number(value.toFixed(1))}`;
}
