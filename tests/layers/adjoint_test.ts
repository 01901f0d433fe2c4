import { testEach } from "../backends.ts";
import { alongGradient, assertNear } from "../directional.ts";
import { differentiating, SUBJECTS } from "./adjoint.ts";

/** What is asked of single precision; a derivative is near zero where large terms cancel out. */
const SINGLE = { relative: 1e-4, absolute: 1e-5 };

type Derivatives = Readonly<Record<string, readonly [number, number]>>;
let derivatives: Derivatives | undefined;

/** The derivatives by differences in double precision, for which arrays have to be others. */
async function inDouble(): Promise<Derivatives> {
  const worker = new Worker(new URL("adjoint_worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ error, message }) => reject(error ?? new Error(message));
    });
  } finally {
    worker.terminate();
  }
}

for (const subject of SUBJECTS) {
  testEach(`${subject.name} has derivatives along directions that are right`, async () => {
    derivatives ??= await inDouble();
    const [first, second] = derivatives[subject.name]!;
    await differentiating(subject, async (problem) => {
      assertNear(await alongGradient(problem, 1), first, SINGLE);
      assertNear(await alongGradient(problem, 2), second, SINGLE);
    });
  }, ["wasm", "webgpu"]);
}
