import { statSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createLambdaContext } from "../../local/events.ts";

/**
 * What Lambda's runtime does with a bundle, in a process of its own: loads the handler that `_HANDLER` names from
 * `LAMBDA_TASK_ROOT`, then answers one invocation after the other. Its parent is `deployed-function.ts`.
 */
export type ToRuntime =
  | { readonly id: number; readonly event: unknown; readonly timeoutMs: number }
  | { readonly clockAheadMs: number };

export type FromRuntime =
  | { readonly ready: { readonly initMs: number; readonly bytesLoaded: number } }
  | { readonly id: number; readonly result: unknown; readonly error?: string };

const { _HANDLER = "", LAMBDA_TASK_ROOT = "", AWS_LAMBDA_FUNCTION_NAME = "" } = process.env;
const [file = "", name = ""] = _HANDLER.split(".");

// Handlers may take `Date.now` as their clock when they start, so it is replaced before.
const now = Date.now;
let clockAheadMs = 0;
Date.now = () => now() + clockAheadMs;

let bytesLoaded = 0;
registerHooks({
  load: (url, context, next) => {
    if (url.endsWith(".mjs")) bytesLoaded += statSync(fileURLToPath(url)).size;
    return next(url, context);
  },
});

const startedAt = performance.now();
const { [name]: handler } = await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${file}.mjs`)).href);
tell({ ready: { initMs: performance.now() - startedAt, bytesLoaded } });

process.on("message", async (message: ToRuntime) => {
  if ("clockAheadMs" in message) {
    clockAheadMs = message.clockAheadMs;
    return;
  }
  const { id, event, timeoutMs } = message;
  const deadline = now() + timeoutMs;
  const context = {
    ...createLambdaContext(AWS_LAMBDA_FUNCTION_NAME),
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
  };
  try {
    tell({ id, result: await handler(event, context) });
  } catch (error) {
    tell({ id, result: null, error: error instanceof Error ? String(error.stack) : String(error) });
  }
});

// Nothing is left behind by a test run that ends early.
process.on("disconnect", () => process.exit());

function tell(message: FromRuntime): void {
  process.send?.(message);
}
