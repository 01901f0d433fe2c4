/**
 * `data`: fetches a data set, if it is not there yet, and tells what is in it.
 *
 * @module
 */

import { type Dataset, statistics } from "../data/mod.ts";
import { byName, DATA } from "./registry.ts";
import { type Verb, verb } from "./verb.ts";

/** The verb `data`. */
export const dataVerb: Verb = verb(
  "data",
  "Fetch a data set, if need be, and tell what is in it",
  {
    data: { type: "text", choices: Object.keys(DATA), about: "data set to look at" },
    folder: { type: "text", value: "PLACE", about: "its folder, archive or address" },
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    const load = byName(DATA, "a data set", values.data);
    const { train, test } = await load(values.folder, values.json);
    const [trainCounts, testCounts] = [classCounts(train), classCounts(test)];
    const measured = statistics(train.images, train.shape[3]);
    if (values.json) {
      const classes = train.classNames.map((name, i) => ({
        name,
        train: trainCounts[i],
        test: testCounts[i],
      }));
      const shapes = { train: train.shape, test: test.shape };
      console.log(JSON.stringify({ data: values.data, ...shapes, classes, ...measured }));
      return 0;
    }
    const width = Math.max(5, ...train.classNames.map((name) => name.length));
    const row = (name: string, learn: unknown, measure: unknown) =>
      `${name.padEnd(width)}  ${String(learn).padStart(6)}  ${String(measure).padStart(6)}`;
    const show = (numbers: readonly number[]) => numbers.map((n) => n.toFixed(4)).join(" ");
    console.log([
      `${values.data}: images of ${train.shape.slice(1).join(" × ")}`,
      "",
      row("class", "train", "test"),
      ...train.classNames.map((name, i) => row(name, trainCounts[i], testCounts[i])),
      row("all", train.shape[0], test.shape[0]),
      "",
      `mean ${show(measured.mean)}, deviation ${show(measured.deviation)} (train, from 0 to 1)`,
    ].join("\n"));
    return 0;
  },
);

function classCounts({ labels, classes }: Dataset): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}
