/**
 * `evaluate`: a trained model on the test images of a data set.
 *
 * @module
 */

import { readBatches } from "../data/mod.ts";
import { scoped } from "../ownership.ts";
import type { DataName } from "../recipes/mod.ts";
import { evaluate } from "../train/evaluate.ts";
import { backendOptions, startBackend } from "./backend.ts";
import { loadModel, testImages, trainedOptions } from "./load_model.ts";
import { required } from "./options.ts";
import { progress } from "./progress.ts";
import { byName, DATA } from "./registry.ts";
import { type Verb, verb } from "./verb.ts";

/** The verb `evaluate`. */
export const evaluateVerb: Verb = verb(
  "evaluate",
  "Measure a trained model on test images",
  {
    ...trainedOptions,
    data: { type: "text", choices: Object.keys(DATA), about: "data set to test on" },
    folder: { type: "text", value: "PLACE", about: "folder, archive or address of the data set" },
    limit: { type: "integer", least: 1, about: "use only the first N test images" },
    batch: { type: "integer", least: 1, default: 250, about: "images in a batch" },
    ...backendOptions,
    json: { type: "flag", about: "print only one line of JSON" },
  },
  async (values) => {
    byName(DATA, "a data set", values.data);
    const path = required(values, "weights");
    const backend = await startBackend(values);
    const trained = await loadModel(path, values.model);
    const { name, model } = trained;
    using owned = scoped(trained.variables);
    const data = values.data as DataName; // as was checked
    const all = await testImages(data, trained, values.folder, values.json);
    const test = { ...all, count: Math.min(all.count, values.limit ?? all.count) };
    using bar = progress("evaluating", values.json);
    const result = await evaluate(model, owned, {
      batches: readBatches(test, { size: values.batch }),
      progress: (examples) => bar.update(examples / test.count),
    });
    const { examples, loss, top1, topK } = result;
    const report = {
      model: name,
      data: values.data,
      examples,
      loss,
      top1,
      ...Object.fromEntries([...topK].map(([k, share]) => [`top${k}`, share])),
      backend: backend.name,
      adapter: backend.adapter,
    };
    bar.end();
    if (values.json) console.log(JSON.stringify(report));
    else {
      console.log(`${name} on ${examples} images of ${values.data}: loss ${loss.toFixed(4)}`);
      for (const [k, share] of topK) console.log(`top-${k}  ${(100 * share).toFixed(2)} %`);
    }
    return 0;
  },
);
