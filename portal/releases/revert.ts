import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entity, EntityBodies } from "../catalogue/entities.ts";
import { entityOf, versionsOf } from "../catalogue/items.ts";
import { versionAt } from "../catalogue/versions.ts";
import { badInput } from "../errors.ts";
import { type EntityId, entityId, requireNodeId, type SeriesKey, seriesId, splitEntityId } from "../identifiers.ts";
import type { SeriesRecord } from "../series/items.ts";
import { readSeries } from "../series/read.ts";
import { isVisible } from "../series/resolution.ts";
import { formatTimePeriod } from "../series/time-period.ts";
import { chunks, textOf } from "../store/requests.ts";
import { BLOCK_SIZE, blockKey, blockOf, blockRecords, type ChangeRecord } from "./change-records.ts";
import { mapConcurrently } from "./concurrency.ts";
import { ENTITY_FILES, MANIFEST_FILE, OBSERVATION_COLUMNS, OBSERVATIONS_FILE, SUBJECT_WORDS } from "./files/columns.ts";
import { type ReleaseFiles, releaseFolder } from "./files/folder.ts";
import { csvLine, entityLine, headerOf, observationLine } from "./files/write.ts";
import { type Head, vintageOf } from "./head.ts";
import { type ReferrerSource, referrersOf, refers } from "./referrers.ts";

export interface RevertSource extends Omit<ReferrerSource, "base"> {
  readonly head: Head;
  readonly publishedOn: string;
  readonly tempDir?: string | undefined;
  /** The release that has undone it already, if one has. */
  readonly undoneBy?: number | undefined;
  /** Told after each batch of series how many were looked at, of how many. */
  readonly onSeries?: ((done: number, total: number) => void) | undefined;
}

export interface Revert {
  /** The release that undoes; the caller closes it. */
  readonly files: ReleaseFiles;
  /** What stays as it is, and why. */
  readonly impossible: readonly string[];
  close(): Promise<void>;
}

type AnyBody = EntityBodies[keyof EntityBodies];

/**
 * A release as files that undo another: entities get their bodies of before, claims are restated or withdrawn. What a
 * later release changed again, or builds on, stays as it is.
 */
export async function revertFiles(source: RevertSource, release: number): Promise<Revert> {
  const reverting = await releaseEntity(source, release);
  const folder = await mkdtemp(join(source.tempDir ?? tmpdir(), "gazetteer-revert-"));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const { title, publisher } = reverting.body;
    const manifest = {
      title: `Revert of release ${release}: ${title}`.slice(0, 300),
      publisher,
      publishedOn: source.publishedOn,
    };
    await writeFile(join(folder, MANIFEST_FILE), JSON.stringify(manifest));
    const plan = new RevertPlan(source, release);
    for await (const record of recordsOf(source, reverting)) await plan.add(record);
    await plan.dropUnfounded();
    // Of millions of observations no more than a batch of series is in memory.
    const lines = await writeLines(join(folder, OBSERVATIONS_FILE), headerOf(OBSERVATION_COLUMNS), plan.observations());
    await plan.keepReferred();
    const texts = plan.entityTexts();
    if (lines === 0 && texts.size === 0) {
      const reasons = reasonsOf(plan.impossible, source.undoneBy);
      throw badInput("release", `release ${release} has nothing left to undo${reasons}`);
    }
    for (const [file, text] of texts) await writeFile(join(folder, file), text);
    return { files: await releaseFolder(folder), impossible: plan.impossible, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A CSV file, batch by batch; none where there are no lines. Returns how many there are. */
async function writeLines(
  path: string,
  header: readonly string[],
  batches: AsyncIterable<readonly string[]>,
): Promise<number> {
  let count = 0;
  for await (const lines of batches) {
    if (lines.length === 0) continue;
    await appendFile(path, (count === 0 ? csvLine(header) : "") + lines.join(""));
    count += lines.length;
  }
  return count;
}

const REASONS = 10;

/** Why nothing can be undone: it is done, or as much of the reasons as people read. */
function reasonsOf(impossible: readonly string[], undoneBy: number | undefined): string {
  if (undoneBy !== undefined) return `: release ${undoneBy} has undone it`;
  if (impossible.length === 0) return "";
  const more = impossible.length > REASONS ? `; and ${impossible.length - REASONS} more` : "";
  return `: ${impossible.slice(0, REASONS).join("; ")}${more}`;
}

async function releaseEntity({ store, scope, head }: RevertSource, release: number): Promise<Entity<"release">> {
  const known = Number.isInteger(release) && release >= 1 && release <= head.release;
  const item = known
    ? await store.get(store.tables.catalogue, { id: { S: `release:${release}` } }, scope(), true)
    : undefined;
  const entity = item && entityOf(item, vintageOf(head));
  if (entity) return entity as Entity<"release">;
  throw badInput("release", `there is no release ${release}: the latest is ${head.release}`);
}

/** Blocks of the feed that are read together. */
const BLOCKS = 16;

async function* recordsOf(
  { store, scope }: RevertSource,
  { body: { changes, lastChange }, localId }: Entity<"release">,
): AsyncGenerator<ChangeRecord> {
  const last = blockOf(lastChange);
  for (let block = blockOf(lastChange - changes + 1); block <= last; block += BLOCKS) {
    const keys = Array.from({ length: Math.min(BLOCKS, last - block + 1) }, (_, i) => blockKey(block + i));
    const items = await store.getMany(store.tables.catalogue, keys, scope(), true);
    const ordered = new Map(items.map((item) => [textOf(item, "id"), item]));
    for (const key of keys) {
      const records = blockRecords(ordered.get(key.id?.S)).slice(0, BLOCK_SIZE);
      yield* records.filter((record) => record.release === Number(localId));
    }
  }
}

/** Series that are read before their rows are written, and how many of them at a time. */
const SERIES_BATCH = 256;
const SERIES_UNDER_WAY = 16;

/** All frequencies of a metric for a subject, of which one is looked at; and which of its two entities is gone. */
interface StandingSeries {
  readonly key: SeriesKey;
  readonly records: readonly SeriesRecord[];
  readonly missing: EntityId | undefined;
}

class RevertPlan {
  readonly impossible: string[] = [];
  readonly #source: RevertSource;
  readonly #release: number;
  readonly #entities = new Map<EntityId, { before: AnyBody | null; now: AnyBody | null }>();
  /** `<metric>|<subject>` of series of which nothing is left. */
  readonly #withdrawn = new Set<string>();
  /** A long series has several records; what stands of it is looked at once. */
  readonly #series = new Map<string, SeriesKey>();

  constructor(source: RevertSource, release: number) {
    this.#source = source;
    this.#release = release;
  }

  async add(record: ChangeRecord): Promise<void> {
    const reference = requireNodeId(record.node, "node");
    if ("entity" in reference) return this.#addEntity(reference.entity);
    this.#series.set(record.node, reference.series);
  }

  /** Leaves out what would come back to refer to something that a later release has deleted. */
  async dropUnfounded(): Promise<void> {
    for (let settled = false; !settled; ) {
      settled = true;
      for (const [id, { before }] of this.#entities) {
        const missing = await this.#missing(referencesOf(id, before));
        if (missing === undefined) continue;
        this.impossible.push(`${id} stays as it is: ${missing} is no more`);
        this.#entities.delete(id);
        settled = false;
      }
    }
  }

  /** Which of the entities will not be there after the revert. */
  async #missing(ids: readonly EntityId[]): Promise<EntityId | undefined> {
    const { store, scope, head } = this.#source;
    for (const id of ids.filter((one) => !this.#entities.get(one)?.before)) {
      const item = await store.get(store.tables.catalogue, { id: { S: id } }, scope(), true);
      if (!item || !entityOf(item, vintageOf(head))) return id;
    }
    return undefined;
  }

  /** The rows that undo claims, a batch of series at a time, once it is clear which entities come back. */
  async *observations(): AsyncGenerator<readonly string[]> {
    const { store, scope, onSeries } = this.#source;
    let done = 0;
    for (const batch of chunks([...this.#series.values()], SERIES_BATCH)) {
      const read = await mapConcurrently(batch, SERIES_UNDER_WAY, async (key) => ({
        key,
        records: await readSeries(store, key.subject, key.metric, scope()),
        missing: await this.#missing([key.subject, entityId("metric", key.metric)]),
      }));
      yield read.flatMap((series) => this.#linesOf(series));
      done += batch.length;
      onSeries?.(done, this.#series.size);
    }
  }

  async #addEntity(id: EntityId): Promise<void> {
    const { store, scope, head } = this.#source;
    const item = await store.get(store.tables.catalogue, { id: { S: id } }, scope(), true);
    const versions = versionsOf(item);
    const now = versionAt(versions, vintageOf(head));
    if (now?.release !== this.#release) {
      this.impossible.push(`${id} was changed again by release ${now?.release}`);
      return;
    }
    const before = versionAt(versions, vintageOf(head, this.#release - 1))?.body ?? null;
    if (before || now.body) this.#entities.set(id, { before, now: now.body });
  }

  #linesOf({ key, records, missing }: StandingSeries): string[] {
    const { head } = this.#source;
    const lines: string[] = [];
    const historiesOf = (record: SeriesRecord) => {
      const visible = record.claims.filter(({ release }) => isVisible(release, vintageOf(head)));
      return [...Map.groupBy(visible, ({ period, source }) => `${period}|${source}`).values()];
    };
    const record = records.find(({ key: { frequency } }) => frequency === key.frequency);
    for (const history of record ? historiesOf(record) : []) {
      const made = history.findIndex(({ release }) => release === this.#release);
      const [claim, later, before] = [history[made], history[made + 1], history[made - 1]];
      if (!claim) continue;
      const period = formatTimePeriod({ frequency: key.frequency, index: claim.period });
      if (later) {
        this.impossible.push(
          `${seriesId(key)} ${period}: source:${claim.source} was revised by release ${later.release}`,
        );
        continue;
      }
      if (missing) {
        this.impossible.push(`${seriesId(key)} ${period} stays as it is: ${missing} is no more`);
        continue;
      }
      const cells = { ...subjectCells(key), time_period: period, source_id: claim.source };
      lines.push(
        before && before.status !== null
          ? observationLine(
              {
                ...cells,
                value: before.value ?? "",
                obs_status: before.status,
                published_on: before.publishedOn,
                note: before.note,
              },
              "M",
            )
          : observationLine(cells, "D"),
      );
    }
    const stays = records.flatMap(historiesOf).some((history) => {
      const last = history.at(-1);
      const standing = last?.release === this.#release ? history.at(-2) : last;
      return standing !== undefined && standing.status !== null;
    });
    const name = `${key.metric}|${key.subject}`;
    // Where nothing is taken back, nothing stood any more; one withdrawal speaks of all frequencies.
    if (stays || lines.length === 0 || this.#withdrawn.has(name)) return lines;
    this.#withdrawn.add(name);
    return [...lines, observationLine(subjectCells(key), "D")];
  }

  /** Keeps what the release added and others will still refer to, and whatever that refers to in turn. */
  async keepReferred(): Promise<void> {
    const { store, scope, head } = this.#source;
    const source = { store, scope, base: vintageOf(head) };
    for (let settled = false; !settled; ) {
      settled = true;
      const doomed = [...this.#entities].filter(([, { before }]) => before === null);
      for (const [id, { now }] of doomed) {
        const undone = (name: string) => this.#entities.get(name as EntityId);
        const still = (name: string) => refers(undone(name) && { after: undone(name)?.before ?? null }, id);
        const referrers = await referrersOf(source, id, now, this.#withdrawn, still);
        if (referrers.length === 0) continue;
        this.impossible.push(`${id} stays: ${referrers.slice(0, 3).join(", ")} refers to it`);
        this.#entities.delete(id);
        settled = false;
      }
    }
  }

  /** The files of entities with something to say. */
  entityTexts(): Map<string, string> {
    const files = new Map<string, string>();
    for (const file of ENTITY_FILES) {
      const lines = [...this.#entities]
        .filter(([id]) => splitEntityId(id).type === file.type)
        .map(([id, { before }]) => entityLine(file, splitEntityId(id).localId, before));
      if (lines.length > 0) files.set(file.file, csvLine(headerOf(file.columns)) + lines.join(""));
    }
    return files;
  }
}

/** What a body refers to. */
function referencesOf(id: EntityId, body: AnyBody | null): EntityId[] {
  const columns = ENTITY_FILES.find(({ type }) => type === splitEntityId(id).type)?.columns ?? {};
  const fields = Object.values(columns).flatMap(({ field, refersTo }) => (field && refersTo ? [field] : []));
  return fields.flatMap((field) => (body as Record<string, EntityId | EntityId[]> | null)?.[field] ?? []);
}

function subjectCells({ metric, subject }: SeriesKey) {
  const { type, localId } = splitEntityId(subject);
  const words = Object.entries(SUBJECT_WORDS) as [keyof typeof SUBJECT_WORDS, string][];
  const word = words.find(([, name]) => name === type)?.[0] ?? "";
  return { metric_id: metric, subject_type: word, subject_id: localId };
}
