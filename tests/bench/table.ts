/** Results as tables in a file that people read: a section for each group, replaced as a whole. */

import type { Figures, Result } from "./race.ts";

const HEAD = `# Benchmarks

Every table was written by the command above it. All libraries of a table took turns in one run on one
machine, and computed the same losses or scores; a ratio says how many times faster fplusx is. Times
are medians of a step, in milliseconds.
`;
const COLUMNS = ["case", "library", "ms", "ratio", "first step, ms", "examples/s", "memory, MB"];

/** Gives the lines of a table for one race. */
export function tableRows(result: Result): string[][] {
  const { name, batch, peers, ratios } = result;
  const row = (library: string, figures: Figures, ratio: string): string[] => [
    `${name}, batch ${batch}`,
    library + (figures.scaledFromBatch ? ` (scaled from batch ${figures.scaledFromBatch})` : ""),
    `${figures.medianMs}`,
    ratio,
    `${Math.round(figures.firstMs)}`,
    `${figures.imagesPerSecond}`,
    [figures.memoryMB, figures.gpuMB].flatMap((x) =>
      x === undefined ? [] : [x.toFixed(x < 10 ? 1 : 0)]
    )
      .join(" + "),
  ];
  return [
    row("**fplusx**", result, ""),
    ...Object.entries(peers).map(([peer, figures]) => row(peer, figures, `${ratios[peer]}×`)),
  ];
}

/** Gives the text of a section: the command, the adapter and the table. */
export function section(group: string, command: string, results: readonly Result[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const adapters = new Set(
    results.map(({ adapter, threads = 1, backend }) =>
      backend === "webgpu" ? adapter : `${adapter}, threads: ${threads}`
    ),
  );
  return [
    `## ${group}`,
    "",
    `\`${command}\` on ${[...adapters].join("; ")}, ${navigator.hardwareConcurrency} cores.`,
    ...results.some(({ peers }) => Object.values(peers).some(({ gpuMB }) => gpuMB !== undefined))
      ? ["Memory is that of the process, and what is held on the GPU."]
      : [],
    ...new Set(results.flatMap(({ note }) => note ?? [])),
    "",
    row(COLUMNS),
    row(COLUMNS.map(() => "---")),
    ...results.flatMap(tableRows).map(row),
    "",
  ].join("\n");
}

/** Gives a file of tables with one section replaced, or added at the end. */
export function withSection(file: string, group: string, text: string): string {
  const [head, ...sections] = (file || HEAD).split(/^(?=## )/m);
  const isIt = (section: string) => section.startsWith(`## ${group}\n`);
  const next = sections.some(isIt)
    ? sections.map((section) => isIt(section) ? text : section)
    : [...sections, text];
  return [head!, ...next].map((part) => `${part.trimEnd()}\n`).join("\n");
}
