import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { setup } from "../lib/backend/setup.ts";
import { DisposedError, LeakError } from "../lib/errors.ts";
import { add, clone, keep, ones, relu, tensor, tidy, zeros } from "../lib/ops.ts";
import { assertNoLeaks, liveTensors, release, retain, scoped } from "../lib/ownership.ts";
import { leaves } from "../lib/tree.ts";
import { testEach } from "./backends.ts";

testEach("release() lets go of the old tree but not of what is also in the new", async () => {
  const kept = ones([2]);
  const old = { a: zeros([2]), list: [kept, { b: zeros([1]) }] };
  const next = { kept, c: ones([1]) };
  release(old, next);
  assert(old.a.isDisposed && leaves(old.list)[1]!.isDisposed && !kept.isDisposed);
  assertEquals([...await kept.data()], [1, 1]);
  release(next);
  assert(kept.isDisposed);
});

testEach(
  "release() takes objects that hold other things, a tensor that is there twice, and again",
  () => {
    const x = ones([2]);
    const holder = {
      step: 3,
      name: "x",
      x,
      again: [x],
      none: null,
      f: () => x,
      raw: new Float32Array(2),
    };
    release(holder);
    assert(x.isDisposed);
    release(holder);
    x.dispose();
  },
);

testEach("retain() gives handles of their own", async () => {
  const tree = { a: tensor([1, 2]), b: [tensor([3])] };
  const other = retain(tree);
  release(tree);
  assertEquals([...await other.a.data()], [1, 2]);
  assertEquals([...await other.b[0]!.data()], [3]);
  release(other);
});

testEach("using lets go at the end of the block", () => {
  const seen = [];
  {
    using x = ones([2]);
    using holder = scoped({ step: 1, params: [ones([1])] });
    assertEquals(holder.step, 1);
    seen.push(x, ...holder.params);
    assert(seen.every((x) => !x.isDisposed));
  }
  assert(seen.every((x) => x.isDisposed));
});

testEach("scoped() keeps an array an array, and shows nothing new to those who walk it", () => {
  using tuple = scoped([ones([1]), ones([2])]);
  assert(Array.isArray(tuple));
  assertEquals(leaves(tuple).length, 2);
  assertEquals(Object.keys(tuple), ["0", "1"]);
});

testEach("A tensor can be disposed twice, and not be used after once", async (backend) => {
  const x = ones([2, 3]);
  const alias = clone(x);
  x.dispose();
  x.dispose();
  assert(x.isDisposed);
  const message = "Cannot use a float32 tensor of shape [2,3]: it was disposed";
  for (
    const use of [relu, clone, (x: typeof alias) => add(alias, x), (x: typeof alias) => add(x, 1)]
  ) {
    const error = assertThrows(() => use(x), DisposedError);
    assertEquals(error.message, message, backend);
    assertEquals(error.code, "DISPOSED");
  }
  await assertRejects(async () => await x.data(), DisposedError, message);
  assertEquals([...await alias.data()], [1, 1, 1, 1, 1, 1]);
  alias.dispose();
});

testEach("tidy() lets go of what is made in it, but not of what it gives or what is kept", () => {
  const before = liveTensors();
  const made: ReturnType<typeof ones>[] = [];
  const given = tidy(() => {
    made.push(ones([1]), keep(ones([2])));
    return { answer: [ones([3])] };
  });
  assert(made[0]!.isDisposed && !made[1]!.isDisposed && !given.answer[0]!.isDisposed);
  release([made, given]);
  assertEquals(liveTensors(), before);
});

testEach("tidy() lets go of everything when it throws", () => {
  const before = liveTensors();
  assertThrows(() =>
    tidy(() => {
      ones([1]);
      throw new Error("on purpose");
    })
  );
  assertEquals(liveTensors(), before);
});

testEach("assertNoLeaks() releases what the function gives", async () => {
  await assertNoLeaks(() => ({ a: ones([1]), n: 1 }));
  await assertNoLeaks(() => Promise.resolve([ones([1])]));
  await assertNoLeaks(() => {});
});

Deno.test("assertNoLeaks() finds what was left and says where it was made", async () => {
  await setup({ backend: "cpu" });
  const left: ReturnType<typeof ones>[] = [];
  const error = await assertRejects(
    () =>
      assertNoLeaks(() => {
        left.push(ones([2, 3]), tensor(Int32Array.of(1)));
        ones([4]).dispose();
      }),
    LeakError,
  );
  assertMatch(
    error.message,
    /^Leaked 2 tensors: float32 \[2,3\] made at .*ownership_test\.ts:\d+:\d+.*; int32 \[1\] made at .*ownership_test\.ts:\d+:\d+.*$/,
  );
  assertEquals(error.code, "LEAK");
  release({ left });
});

Deno.test("assertNoLeaks() finds that something borrowed was disposed", async () => {
  await setup({ backend: "cpu" });
  const borrowed = [ones([1]), ones([1])];
  await assertRejects(
    () => assertNoLeaks(() => release({ borrowed })),
    LeakError,
    "Disposed 2 tensors that were only borrowed",
  );
});

Deno.test("assertNoLeaks() finds a leak that hides behind a disposal", async () => {
  await setup({ backend: "cpu" });
  const borrowed = ones([1]);
  const left: ReturnType<typeof ones>[] = [];
  const error = await assertRejects(
    () =>
      assertNoLeaks(() => {
        borrowed.dispose();
        left.push(ones([5]));
      }),
    LeakError,
  );
  assertMatch(
    error.message,
    /^Leaked 1 tensors: float32 \[5\] made at .*; Disposed 1 tensors that were only borrowed$/,
  );
  release({ left });
});

Deno.test("assertNoLeaks() passes on what the function throws, and watches no longer", async () => {
  await setup({ backend: "cpu" });
  await assertRejects(
    () =>
      assertNoLeaks(() => {
        throw new RangeError("on purpose");
      }),
    RangeError,
    "on purpose",
  );
  await assertNoLeaks(() => ones([1]));
});
