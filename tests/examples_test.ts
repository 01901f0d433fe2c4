import { assert, assertEquals, assertStringIncludes } from "@std/assert";

/** What each example prints when it works; with the arguments that make it short. */
const EXAMPLES: Readonly<Record<string, readonly [prints: RegExp, ...args: string[]]>> = {
  "finetune.ts": [/with a new head: \d+\.\d\d %\n5 to 9, fine-tuned: \d+\.\d\d %/, "10"],
  "mnist.ts": [/test accuracy \d+\.\d\d %/, "4"],
  "own_kernel.ts": [/^wasm: at most \d+e[+-]\d+ apart$/m],
  "own_layer.ts": [/output \[ 1, 10 \][^]*1\.body\.3\.scale +\[ 16 \]/],
  "own_optimizer.ts": [/y = (1\.9|2\.0)\d* x \+ (0\.9|1\.0)\d*/],
  "recipe.ts": [/schedule\.peak: 0\.05 in place of 0\.1\n[^]*test \d+\.\d\d %/, "4"],
  "resnet50.ts": [/^( +\d+\.\d\d % {2}\d+\n){5}$/],
};

const text = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

Deno.test("every example has a test", async () => {
  const names = [];
  for await (const { name } of Deno.readDir(new URL("../examples", import.meta.url))) {
    if (name.endsWith(".ts")) names.push(name);
  }
  assertEquals(names.sort(), Object.keys(EXAMPLES).sort());
});

for (const [name, [prints, ...args]] of Object.entries(EXAMPLES)) {
  Deno.test(`examples/${name} runs with the command that it states`, async () => {
    const source = await text(`examples/${name}`);
    assert(source.split("\n").length <= 80, "An example has at most 80 lines");
    const command = source.match(/^\/\/ deno (run .*)$/m)?.[1];
    assert(command, "An example states its command");
    const [run, ...rest] = command.split(" ");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [run!, "--no-prompt", ...rest, ...args],
      cwd: new URL("..", import.meta.url),
      env: { NO_COLOR: "1" },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(code, 0, decode(stderr));
    assert(prints.test(decode(stdout)), decode(stdout));
  });
}

Deno.test("the program in the README is examples/mnist.ts", async () => {
  const source = await text("examples/mnist.ts");
  const program = source.slice(source.indexOf("import"));
  assertStringIncludes(await text("README.md"), `\`\`\`ts ignore\n${program}\`\`\`\n`);
});

Deno.test("every task that the README names is there", async () => {
  const { tasks } = JSON.parse(await text("deno.json"));
  const named = [...(await text("README.md")).matchAll(/deno(?:@[\d.]+)? task (\w+)/g)];
  assert(named.length > 3);
  for (const [, task] of named) assert(Object.hasOwn(tasks, task!), `no task "${task}"`);
});
