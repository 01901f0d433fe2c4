import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ArgumentError } from "../../lib/errors.ts";
import { type Profile, profile } from "../../lib/inspect/profile.ts";
import { key } from "../../lib/key.ts";
import { dense } from "../../lib/layers/dense.ts";
import { add, fill, matMul, mul, relu, tensor, tidy } from "../../lib/ops.ts";
import { sgd } from "../../lib/optim/sgd.ts";
import { release } from "../../lib/ownership.ts";
import { compile } from "../../lib/train/compile.ts";
import { meanSquaredError } from "../../lib/train/loss.ts";
import { initTraining, knobs, trainStep } from "../../lib/train/step.ts";
import { testEach } from "../backends.ts";

/** An event, as the format of Chrome's traces has it. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** Reads a trace: an array of events, of which each has what its phase needs. */
function read(trace: string): TraceEvent[] {
  const events: TraceEvent[] = JSON.parse(trace);
  assert(Array.isArray(events));
  for (const { name, ph, pid, tid, cat, ts, dur, args } of events) {
    assert(name !== "" && Number.isInteger(pid) && Number.isInteger(tid));
    if (ph === "M") {
      assertEquals([name, typeof args.name], ["thread_name", "string"]);
      continue;
    }
    assertEquals(ph, "X");
    assert(cat !== undefined && ts! >= 0 && dur! >= 0);
  }
  return events;
}

/** The events of one track, in order, none of which begins before the one before it has ended. */
function track(events: readonly TraceEvent[], name: string): TraceEvent[] {
  const { tid } = events.find(({ ph, args }) => ph === "M" && args.name === name)!;
  const own = events.filter((event) => event.ph === "X" && event.tid === tid);
  for (const [i, { ts }] of own.entries()) {
    const before = own[i - 1];
    // The clock of a device may round to a microsecond and more.
    if (before !== undefined) assert(before.ts! + before.dur! <= ts! + 2, `event ${i}`);
  }
  return own;
}

const [a, b] = [(n: number) => fill([n, n], 0.5), (n: number) => fill([n, n], 2)];

testEach("a profile is a table of kernels, the slowest first", async (backend) => {
  const [x, y] = [a(64), b(64)];
  const f = () => tidy(() => relu(add(matMul(x, y), matMul(y, x))));
  const shown = await profile(f);
  release([x, y]);
  const { totals, text, html, peak } = shown;
  assertEquals(
    totals.map(({ kernel, calls, multiplyAdds }) => [kernel, calls, multiplyAdds]).toSorted(),
    [["Add", 1, 0], ["BatchMatMul", 2, 2 * 64 ** 3], ["Relu", 1, 0]],
  );
  const times = totals.map(({ milliseconds }) => milliseconds);
  assertEquals(times, times.toSorted((a, b) => b - a));
  assertEquals(String(shown), text);
  const lines = text.split("\n");
  assertMatch(
    lines[0]!,
    /^kernel +calls +programs +ms +share +moved +GB\/s +GFLOP +GFLOP\/s +of peak$/,
  );
  assertEquals(lines.length, 1 + 1 + 3 + 1 + 1 + 2);
  const product = lines.find((line) => line.startsWith("BatchMatMul"))!;
  assertMatch(
    product,
    /^BatchMatMul +2 +\d +[\d.]+ +[\d.]+ % +98.3 kB +[\d.]+ +0.00 +[\d.]+ +[\d.]+ %$/,
  );
  assertMatch(lines[6]!, /^all kernels +4 /);
  assertMatch(
    lines[7]!,
    backend === "webgpu"
      ? /^[\d.]+ ms on the host, [\d.]+ ms on ./
      : /, [\d.]+ ms of them in kernels$/,
  );
  assertMatch(lines[8]!, /^at most [\d.]+ GFLOP\/s and [\d.]+ GB\/s were measured/);
  assert(peak!.multiplyAddsPerSecond > 0 && peak!.bytesPerSecond > 0);
  assert(html.startsWith("<table") && html.includes("<td>BatchMatMul</td>"));
});

testEach("the trace of a profile is one that Chrome reads", async (backend) => {
  using x = tensor([1, -2]);
  const told = await profile(() => tidy(() => mul(relu(x), x)), { warmUp: 0, peak: false });
  assertEquals(told.peak, null);
  const events = read(told.trace());
  const host = track(events, backend === "webgpu" ? "host" : told.adapter);
  assertEquals(host.map(({ name }) => name), ["Relu", "Multiply"]);
  assertEquals(host.map(({ args }) => args.bytes), [16, 24]);
  if (backend !== "webgpu") return;
  const device = track(events, told.adapter);
  assertEquals(device.map(({ args }) => args.kernel), ["Relu", "Multiply"]);
  assertEquals(device[0]!.ts, host[0]!.ts);
});

testEach("a profile looks into the replay of a compiled step", async (backend) => {
  const parts = { model: dense(3), optimizer: sgd({ momentum: 0.9 }), loss: meanSquaredError };
  const state = initTraining(parts, key(0), [4, 5]);
  const batch = { x: fill([4, 5], 1), y: fill([4, 3], 1) };
  const turn = knobs(0.1, 0, 0);
  const plain = trainStep(parts);
  using compiled = compile(plain);
  const told: Profile[] = [];
  for (const step of [plain, compiled]) {
    told.push(await profile(() => step(state, batch, turn), { peak: false }));
  }
  release([state, batch, turn]);
  const [eager, replayed] = told.map(({ totals }) =>
    Object.fromEntries(totals.map(({ kernel, programs, bytes, multiplyAdds }) => [
      kernel,
      [programs, bytes, multiplyAdds],
    ]))
  );
  for (const kernel of backend === "webgpu" ? ["BatchMatMul", "FplusxSgd"] : ["BatchMatMul"]) {
    assertEquals(replayed![kernel], eager![kernel]);
  }
  if (backend !== "webgpu") return;
  const events = read(told[1]!.trace());
  assertEquals(track(events, "host"), []);
  assert(track(events, told[1]!.adapter).some(({ name }) => name === "sgd"));
});

Deno.test("a profile wants a number of runs", async () => {
  const error = await assertRejects(() => profile(() => {}, { warmUp: -1 }), ArgumentError);
  assertEquals(error.message, "Cannot profile after -1 runs: need an integer of at least 0");
});
