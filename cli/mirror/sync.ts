import { GazetteerError } from "../../client/src/error.ts";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { type Base, dropDownloads, NOTHING, ofDump, ofMirror } from "./base.ts";
import { catchUp } from "./catch-up.ts";
import { MirrorFolder, type MirrorManifest } from "./folder.ts";
import type { PortalApi } from "./portal-api.ts";
import { type Verdict, verify } from "./verify.ts";
import { writeMirror } from "./write.ts";

export interface SyncOptions {
  readonly api: PortalApi;
  readonly path: string;
  readonly format: DumpFormatName;
  /** The feed is taken again from this release on, though the mirror has it. */
  readonly since?: number | undefined;
  /** Total is undefined where nobody knows how much there is. */
  readonly onStep: (step: "Downloading" | "Changes" | "Writing", done: number, unit: string, total?: number) => void;
}

export interface Synced {
  readonly manifest: MirrorManifest;
  /** The release that the mirror stood at before; 0 for a new one. */
  readonly from: number;
  readonly changes: number;
  /** How it began: where it stood, from a dump, or from the feed's first change. */
  readonly began: "MIRROR" | "DUMP" | "FEED";
  readonly verdict: Verdict;
}

/**
 * Brings a folder to the release that the portal is at. May be killed at any time and called again; in the folder there is
 * the mirror of one release or of the other.
 *
 * @throws UsageError for a folder that is something else; GazetteerError for what the portal refuses.
 */
export async function sync(options: SyncOptions): Promise<Synced> {
  const folder = new MirrorFolder(options.path);
  await folder.requireSame(options.api.url, options.format);
  await folder.recover();
  const synced = await syncOnce(options, folder, await folder.open());
  if (synced.verdict !== "DIFFERENT") return synced;
  // What the dump says counts; the mirror is made anew from it.
  const again = await syncOnce(options, folder, undefined);
  if (again.verdict !== "DIFFERENT") return again;
  throw new GazetteerError(
    "BAD_ANSWER",
    "the mirror does not come out like the portal's dump, though it was made from it",
  );
}

async function syncOnce(
  { api, format, since, onStep }: SyncOptions,
  folder: MirrorFolder,
  mirror: MirrorManifest | undefined,
): Promise<Synced> {
  const { base, began } = await baseOf(api, folder, mirror, (bytes, total) =>
    onStep("Downloading", bytes, "bytes", total),
  );
  const from = Math.min(base.release, since ?? base.release);
  const news = await catchUp(api, from, (changes) => onStep("Changes", changes, "changes"));
  const reached = { ...news, release: Math.max(news.release, base.release) };
  if (reached.release === 0) throw new GazetteerError("NOT_FOUND", "nothing has been published yet");
  let rowsWritten = 0;
  const onTable = (_: string, rows: number) => {
    rowsWritten += rows;
    onStep("Writing", rowsWritten, "rows");
  };
  const isNews = !mirror || news.changes > 0;
  const manifest = isNews ? await writeMirror({ api, folder, format, base, news: reached, onTable }) : mirror;
  await dropDownloads(folder);
  return {
    manifest,
    from: mirror?.release ?? 0,
    changes: news.changes,
    began,
    verdict: await verify(api, folder, manifest),
  };
}

type Begun = { readonly base: Base; readonly began: Synced["began"] };

async function baseOf(
  api: PortalApi,
  folder: MirrorFolder,
  mirror: MirrorManifest | undefined,
  onBytes: (bytes: number, total: number) => void,
): Promise<Begun> {
  if (mirror) return { base: await ofMirror(folder, mirror), began: "MIRROR" };
  const dump = await api.dump();
  if (dump) return { base: await ofDump(api, folder, dump, onBytes), began: "DUMP" };
  return { base: NOTHING, began: "FEED" };
}
