import { setTimeout as sleep } from "node:timers/promises";
import { GazetteerError } from "../../client/src/error.ts";
import { isPassing } from "../../client/src/retry.ts";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { PortalApi } from "../mirror/portal-api.ts";
import { type Synced, sync } from "../mirror/sync.ts";
import { count, type ProgressOptions } from "../output/progress.ts";
import { Steps } from "../output/steps.ts";
import { columns } from "../output/table.ts";
import type { Result } from "./session.ts";

export interface PullCommand {
  readonly name: "pull";
  readonly path: string;
  readonly format: DumpFormatName;
  readonly since: number | undefined;
  readonly watch: boolean;
}

/** A portal that is asked over HTTP. */
export interface RemotePortal {
  readonly url: string;
  readonly key: string | undefined;
}

const POLL_MS = 30_000;
/** By how much of that a poll may be later: many may be watching. */
const POLL_JITTER = 0.2;

export interface PullOptions extends Pick<ProgressOptions, "stream" | "now"> {
  /** How often a portal is asked for news, in milliseconds. */
  readonly pollMs?: number;
  /** Ends watching. */
  readonly signal?: AbortSignal;
}

/** Keeps a copy of a portal in a folder. With `watch` it ends when the program does: it may at any time. */
export async function pull(command: PullCommand, portal: RemotePortal, options: PullOptions): Promise<Result> {
  const { path, format, since, watch } = command;
  const api = new PortalApi(portal);
  const once = async (from: number | undefined) => {
    const steps = new Steps(options);
    try {
      return await sync({ api, path, format, since: from, onStep: (...step) => steps.show(...step) });
    } finally {
      steps.end();
    }
  };
  const first = await once(since);
  const synced = watch ? await watched(command, { api, options, first, again: () => once(undefined) }) : first;
  const { manifest, from, changes, verdict, began } = synced;
  const own = manifest.tables.map(({ name, rows, files }) => [name, count(rows), count(files[0]?.bytes ?? 0)]);
  return {
    json: { folder: path, from, changes, began, verdict, manifest },
    text: [sentence(path, synced), "", columns(["table", "rows", "bytes"], own)].join("\n"),
  };
}

interface Watching {
  readonly api: PortalApi;
  readonly options: PullOptions;
  readonly first: Synced;
  readonly again: () => Promise<Synced>;
}

/** Takes in every release until somebody ends it. What passes by itself is said, and tried again with the next poll. */
async function watched({ path }: PullCommand, { api, options, first, again }: Watching): Promise<Synced> {
  const { stream, signal, pollMs = POLL_MS } = options;
  let synced = first;
  stream.write(`${sentence(path, synced)}\n`);
  while (!signal?.aborted) {
    await sleep(pollMs * (1 + Math.random() * POLL_JITTER), undefined, signal ? { signal } : {}).catch(() => undefined);
    try {
      if (signal?.aborted || !(await api.hasNews(synced.manifest.release))) continue;
      synced = await again();
      stream.write(`${sentence(path, synced)}\n`);
    } catch (error) {
      if (!(error instanceof GazetteerError) || !isPassing(error)) throw error;
      stream.write(`${error.message}; it is tried again.\n`);
    }
  }
  return synced;
}

const VERDICTS: Readonly<Record<Synced["verdict"], string>> = {
  EQUAL: "equal to the portal's dump",
  DIFFERENT: "different from the portal's dump",
  NO_DUMP: "not compared, as there is no dump of this release for this key",
};

function sentence(path: string, { manifest, from, changes, verdict }: Synced): string {
  const { release } = manifest;
  const news = changes === 0 && from === release ? "as before" : `${count(changes)} changes taken in`;
  return `${path} is at release ${release}: ${news}, ${VERDICTS[verdict]}.`;
}
