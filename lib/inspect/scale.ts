/**
 * Scales: from values to pixels, with ticks at round numbers and their names. The arithmetic is d3's.
 *
 * @module
 */

// @ts-types="npm:@types/d3-scale@4.0.9"
import { scaleLinear, scaleLog } from "d3-scale";

/** From values to pixels. */
export type Scale = {
  /** Where a value is, in pixels. */
  readonly at: (value: number) => number;
  /** The values to name on the axis. */
  readonly ticks: readonly number[];
  /** Names a tick. */
  readonly show: (tick: number) => string;
};

/** Two ends. */
export type Range = readonly [from: number, to: number];

/** The least and the greatest value. */
export function extent(values: readonly number[]): Range {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

/** A scale of steps, which are whole. */
export function stepScale(steps: Range, pixels: Range): Scale {
  const scale = linear(steps, pixels, 8);
  const ticks = scale.ticks.filter(Number.isInteger);
  return { ...scale, ticks, show: (step) => step.toLocaleString("en-US") };
}

/** How values are laid out: by logarithm, as they are, from 0, or as a share up to 100 %. */
export type ScaleKind = "log" | "linear" | "from0" | "share";

/** How far an axis goes and how much is named on it. */
export type ValueScaleOptions = {
  /** Whether it goes on to round numbers; it does by default. */
  readonly nice?: boolean;
  /** About how many values are named, unless they are laid out by logarithm; 4 by default. */
  readonly ticks?: number;
};

/** A scale of values. */
export function valueScale(
  kind: ScaleKind,
  [least, most]: Range,
  pixels: Range,
  { nice = true, ticks: count = 4 }: ValueScaleOptions = {},
): Scale {
  if (kind === "share") {
    const shares = linear([Math.min(least, 0.99), 1], pixels, count, nice);
    return { ...shares, show: (tick) => `${Number((100 * tick).toFixed(3))} %` };
  }
  if (kind !== "log") return linear([kind === "from0" ? 0 : least, most], pixels, count, nice);
  const scale = scaleLog().domain(nice ? rounded([least, most]) : [least, most]).range(pixels);
  const powers = scale.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
  // Few powers of ten leave the axis bare, so what lies between is named too.
  const ticks = powers.length > 3
    ? powers
    : scale.ticks().filter((tick) => /^[125]/.test(digits(tick)));
  return { at: (value) => scale(value), ticks, show: (tick) => `${Number(tick.toPrecision(1))}` };
}

/** Goes on to 1, 2 or 5 times a power of ten; up to the next power, half of the axis may be bare. */
function rounded([least, most]: Range): Range {
  const steps = (value: number) =>
    [1, 2, 5, 10].map((step) => step * 10 ** Math.floor(Math.log10(value)));
  return [
    steps(least).findLast((step) => step <= least) ?? least,
    steps(most).find((step) => step >= most) ?? most,
  ];
}

const digits = (value: number): string => value.toExponential(0);

function linear([least, most]: Range, pixels: Range, count: number, nice = false): Scale {
  // A single value has no extent; half as much around it does.
  const around = least === most ? Math.abs(least) / 2 || 0.5 : 0;
  const scale = scaleLinear().domain([least - around, most + around]).range(pixels);
  if (nice) scale.nice(count);
  const show = scale.tickFormat(count);
  return { at: (value) => scale(value), ticks: scale.ticks(count), show: (tick) => show(tick) };
}
