/**
 * A training on a live page: the curves, and how it is getting on.
 *
 * @module
 */

import type { LivePage } from "../deno/mod.ts";
import { showRate } from "../inspect/curves.ts";
import { type Fact, type HistoryRecord, liveRunHtml } from "../inspect/mod.ts";
import type { Listener, Moment } from "./listener.ts";
import { showDuration } from "./progress.ts";
import { lastTest, noteOf, type RunRecord, stepsOf, titleOf } from "./run_record.ts";

/** Makes a listener that shows what it hears. */
export function onPage(page: LivePage): Listener {
  const history: HistoryRecord[] = [];
  let run: RunRecord | undefined;
  let moment: Pick<Moment, "share" | "figures"> = { share: 0, figures: {} };
  let began = { time: 0, share: 0 };
  const html = () => {
    const { steps, end, environment: { backend, adapter } } = run!;
    const taken = stepsOf(history);
    const note = end ? noteOf(run!, taken) : `Step ${taken} of ${steps}.`;
    const { share, figures: { loss, learningRate, rate } } = moment;
    const test = lastTest(history);
    const elapsed = (performance.now() - began.time) / 1000;
    const left = elapsed * (1 - share) / (share - began.share);
    const headline: Fact[] = [
      ["training loss", shown(loss, (loss) => loss.toFixed(4))],
      [
        `${test?.of ?? "test"} accuracy`,
        shown(test?.top1, (share) => `${(100 * share).toFixed(2)} %`),
      ],
      ["learning rate", shown(learningRate, showRate)],
      ["images/s", shown(rate, (rate) => `${Math.round(rate)}`)],
      end ? ["took", showDuration(end.seconds)] : ["to go", shown(left, showDuration)],
    ];
    return liveRunHtml({
      title: titleOf(run!),
      note: `${note} On ${backend} (${adapter}).`,
      share,
      headline,
      history,
    });
  };
  return {
    begin(begun, before) {
      run = begun;
      history.push(...before);
      began = { time: performance.now(), share: stepsOf(before) / begun.steps };
    },
    note(line, { share, figures }) {
      history.push(line);
      moment = { share, figures };
      page.show(html);
    },
    end(ended) {
      run = ended;
      page.show(html);
    },
  };
}

const shown = (value: number | undefined, show: (value: number) => string): string =>
  value === undefined || !Number.isFinite(value) ? "–" : show(value);
