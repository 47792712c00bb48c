import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { DumpFormatName } from "../../../portal/export/formats.ts";

const PROGRAM = join(import.meta.dirname, "mortal-pull.ts");

/** Pulls in a process that is killed at its n-th step. Resolves to whether it got to its end before that. */
export async function killedPull(
  url: string,
  path: string,
  format: DumpFormatName,
  step: number,
  key = "",
): Promise<boolean> {
  const child = spawn(process.execPath, [PROGRAM, url, path, format, `${step}`], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH ?? "", GAZETTEER_KEY: key },
  });
  let errors = "";
  child.stderr.on("data", (part) => {
    errors += part;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (code === 0) return true;
  if (signal === "SIGKILL") return false;
  throw new Error(`the pull ended with ${code}: ${errors}`);
}
