/**
 * What pages about a run share: one HTML file that needs nothing but itself, light or dark as the
 * reader's system is, in colours that the colour-blind can tell apart.
 *
 * @module
 */

import { escape } from "./table.ts";

/** A name and what belongs to it. */
export type Fact = readonly [name: string, value: string];

/** Writes a page; `body` is HTML. */
export function page(title: string, body: string): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    `<body>\n${body}\n</body>`,
    "</html>",
    "",
  ].join("\n");
}

/** Writes the numbers that matter most, large and side by side. */
export function tiles(facts: readonly Fact[]): string {
  const cells = facts.map(([name, value]) =>
    `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`
  );
  return `<dl class="tiles">${cells.join("\n")}</dl>`;
}

// Blue and vermilion of Okabe and Ito, Color Universal Design (2008), lighter on dark ground.
const STYLE = `
  :root { --ground: #fff; --panel: #f5f6f8; --rule: #e0e2e6; --text: #1d2026; --faint: #5d6470;
    --right: #0072b2; --wrong: #d55e00; --deep: #00558a }
  @media (prefers-color-scheme: dark) {
    :root { --ground: #16181d; --panel: #20232a; --rule: #343840; --text: #e8eaee; --faint: #9aa1ad;
      --right: #56b4e9; --wrong: #ff9d4d; --deep: #7cc8f5 }
  }
  * { box-sizing: border-box }
  body { max-width: 792px; margin: 2.5rem auto 4rem; padding: 0 1rem; background: var(--ground);
    color: var(--text); font: 16px/1.5 system-ui, sans-serif }
  h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 }
  h2 { font-size: 1.25rem; margin: 3rem 0 .5rem }
  p { margin: .5rem 0 }
  .faint { color: var(--faint) }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(108px, 1fr)); gap: .6rem;
    margin: 1.5rem 0 }
  .tiles div { background: var(--panel); border-radius: 10px; padding: .6rem .8rem }
  .tiles dt { color: var(--faint); font-size: .78rem; white-space: nowrap }
  .tiles dd { margin: 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums;
    white-space: nowrap }
  .curves { overflow-x: auto }
  .curves > svg { display: block; width: 100%; min-width: 560px; height: auto }
  .scroll { overflow-x: auto; margin: 1rem 0 }
  table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums }
  caption { caption-side: bottom; text-align: left; color: var(--faint); padding-top: .5rem }
  th { font-weight: 500; text-align: left }
  .matrix { border-collapse: separate; border-spacing: 2px }
  .matrix td { min-width: 2.7rem; height: 2.1rem; padding: 0 .3rem; text-align: center;
    border-radius: 4px; background: var(--panel) }
  .matrix thead th { vertical-align: bottom; padding: 0 .3rem .3rem; text-align: center }
  .matrix thead th span { writing-mode: sideways-lr }
  @supports not (writing-mode: sideways-lr) {
    .matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg) }
  }
  .matrix tbody th { padding-right: .6rem; text-align: right; white-space: nowrap }
  .matrix td.right { background: color-mix(in srgb, var(--deep) var(--share), var(--panel));
    font-weight: 600 }
  .matrix td.wrong { background: color-mix(in srgb, var(--wrong) var(--share), var(--panel)) }
  .matrix td.right.strong { color: var(--ground) }
  @media (prefers-color-scheme: dark) { .matrix td:is(.middling, .strong) { color: var(--ground) } }
  .list { width: 100% }
  .list th, .list td { padding: .25rem .6rem; border-bottom: 1px solid var(--rule) }
  .list td, .list thead th + th { text-align: right }
  .list td.bar { min-width: 7rem; white-space: nowrap; background:
    linear-gradient(var(--right), var(--right)) no-repeat .8rem 50% /
    calc((100% - 5rem) * var(--share)) .5rem }
  .list tfoot th, .list tfoot td { border-bottom: none; color: var(--faint) }
  .mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: .8rem;
    margin: 1rem 0 }
  .mistakes figure { margin: 0; background: var(--panel); border-radius: 10px; padding: .7rem }
  .mistakes img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain;
    image-rendering: pixelated; border-radius: 6px }
  .mistakes figcaption { font-size: .82rem; margin-top: .5rem }
  .mistakes ul { list-style: none; margin: .3rem 0 0; padding: 0 }
  .mistakes li { display: flex; justify-content: space-between; gap: .5rem; padding: .05rem .35rem .05rem .5rem;
    margin: .15rem 0; border-radius: 4px; font-variant-numeric: tabular-nums;
    background: linear-gradient(to right, color-mix(in srgb, var(--tone) 30%, transparent)
    var(--share), transparent 0) }
  .mistakes li { --tone: var(--wrong) }
  .mistakes li.right { --tone: var(--right); box-shadow: inset 3px 0 var(--right); font-weight: 600 }
  .mistakes li span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
  .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 0 2.5rem }
  .facts table { width: 100% }
  .facts th, .facts td { padding: .3rem 0; border-bottom: 1px solid var(--rule); vertical-align: top }
  .facts th { color: var(--faint); padding-right: 1rem; white-space: nowrap }
  .facts td { overflow-wrap: anywhere; text-align: right }
  .bar-of-progress { height: 6px; border-radius: 3px; background: var(--panel); overflow: hidden;
    margin: 1rem 0 }
  .bar-of-progress div { height: 100%; background: var(--right); width: var(--share) }
  @media print { body { max-width: none; margin: 0 } .mistakes figure { break-inside: avoid } }
`;
