import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { releaseFolder } from "../portal/releases/files/folder.ts";
import type { Publisher } from "../portal/releases/publish.ts";
import type { PublishSummary } from "../portal/releases/summary.ts";
import { StartError } from "./start-error.ts";

/**
 * Publishes every release below a folder, in the order of their names. What was published before stays as it is.
 * @throws InvalidReleaseError naming the release's folder, file, line and column for whatever is wrong; StartError when
 *   there is no such folder.
 */
export async function publishAll(publisher: Publisher, folder: string): Promise<PublishSummary[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StartError(`the releases cannot be read from ${folder}`, { cause });
  });
  const releases = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const summaries: PublishSummary[] = [];
  for (const name of releases.sort()) {
    summaries.push(await publisher.publish(await releaseFolder(join(folder, name))));
  }
  return summaries;
}
