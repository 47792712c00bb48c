import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readableStack } from "../../functions/stack.ts";
import { bundle } from "../../infra/constructs/bundle.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gazetteer-stack-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a stack from the bundle names the file and the line that was written", async () => {
  await writeFile(
    join(folder, "failing.ts"),
    `interface Something { readonly else: string }\n\nexport const handler = (_: Something) => {\n  throw new Error("on purpose");\n};\n`,
  );
  bundle(join(folder, "failing.ts"), folder);
  const stack = await stackOf(pathToFileURL(join(folder, "handler.mjs")).href);
  expect(stack).toMatch(/handler\.mjs:\d+:\d+/);
  expect(readableStack(stack)).toMatch(/failing\.ts:4:9/);
  expect(readableStack(stack)).not.toContain("handler.mjs");
});

test("what has no map stays as it is", () => {
  const stack = [
    "Error: no map",
    "    at f (file:///nowhere/handler.mjs:1:2)",
    `    at g (${pathToFileURL(import.meta.filename).href}:3:4)`,
    "    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)",
  ].join("\n");
  expect(readableStack(stack)).toBe(stack);
});

/** In a process of its own: the test runner has Node map stacks by itself. */
async function stackOf(module: string): Promise<string> {
  const script = `const { handler } = await import(${JSON.stringify(module)});
    try { handler() } catch ({ stack }) { process.stdout.write(stack) }`;
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
  return stdout;
}
