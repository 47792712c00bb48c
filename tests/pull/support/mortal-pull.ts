import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { DumpFormatName } from "../../../portal/export/formats.ts";

/** Pulls, and kills itself ahead of the n-th request or change of a file: mortal-pull.ts <url> <folder> <format> <n> */
const [url = "", path = "", format = "csv", last = "1"] = process.argv.slice(2);

let steps = 0;
function step(): void {
  steps += 1;
  if (steps === Number(last)) process.kill(process.pid, "SIGKILL");
}

for (const name of ["rename", "rm", "mkdir", "writeFile"] as const) {
  const original = fs.promises[name] as (...args: unknown[]) => Promise<unknown>;
  const counted = (...args: unknown[]) => {
    step();
    return original(...args);
  };
  Object.assign(fs.promises, { [name]: counted });
}
syncBuiltinESMExports();
const fetched = globalThis.fetch;
globalThis.fetch = (...args) => {
  step();
  return fetched(...args);
};

const { PortalApi } = await import("../../../cli/mirror/portal-api.ts");
const { sync } = await import("../../../cli/mirror/sync.ts");
const key = process.env.GAZETTEER_KEY || undefined;
await sync({ api: new PortalApi({ url, key }), path, format: format as DumpFormatName, onStep: () => undefined });
