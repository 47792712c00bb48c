import type { AnyEntity } from "../catalogue/entities.ts";
import { type EntityId, type EntityType, entityId, isLocalId, localIdRule, type SubjectId } from "../identifiers.ts";
import { VALUELESS } from "../series/claims.ts";
import { FREQUENCIES } from "../series/time-period.ts";
import { ClaimSpool, type SpoolOptions } from "./claim-spool.ts";
import {
  type Action,
  type Column,
  ENTITY_FILES,
  type EntityFile,
  MANIFEST_FILE,
  OBSERVATION_COLUMNS,
  OBSERVATIONS_FILE,
  STATED_COLUMNS,
  SUBJECT_WORDS,
} from "./files/columns.ts";
import { type Row, readRows } from "./files/csv.ts";
import type { ReleaseFiles } from "./files/folder.ts";
import { type Manifest, readManifest } from "./files/manifest.ts";
import { type EntityChange, mergeEntities } from "./merge-entities.ts";
import { type FindBelow, withMoves } from "./moves.ts";
import { type ProblemCode, ProblemReport } from "./problems.ts";
import { type EntityLoader, References } from "./references.ts";
import { checkDeletions, type ReferrerSource } from "./referrers.ts";
import type { EntityRow, SeriesRows } from "./rows.ts";

/** A release whose every row was checked. */
export interface ValidRelease {
  readonly manifest: Manifest;
  /** What the entity rows change; rows that repeat what stands are only counted. */
  readonly entities: readonly EntityChange[];
  readonly unchangedEntities: number;
  /** The observation rows; the caller closes it. */
  readonly claims: ClaimSpool;
  /** Entities of the portal that the release names or refers to, as they stood before it. */
  readonly standing: ReadonlyMap<EntityId, AnyEntity>;
  readonly rows: number;
}

export interface ValidateOptions extends SpoolOptions {
  /** Loads entities of the portal by id. */
  readonly load: EntityLoader;
  readonly findBelow: FindBelow;
  readonly source: ReferrerSource;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told from time to time how many rows were read. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

/**
 * Checks every row of every file before anything is written.
 * @throws InvalidReleaseError with a report of everything that is wrong.
 */
export async function validateRelease(files: ReleaseFiles, options: ValidateOptions): Promise<ValidRelease> {
  const claims = new ClaimSpool(options);
  try {
    return await validateInto(claims, files, options);
  } catch (error) {
    await claims.close();
    throw error;
  }
}

async function validateInto(
  claims: ClaimSpool,
  files: ReleaseFiles,
  { load, findBelow, source, now, onRows = () => undefined }: ValidateOptions,
): Promise<ValidRelease> {
  const report = new ProblemReport();
  const manifest = await readManifest(files, report, now());
  checkNames(files, report);
  const entities = new Map<EntityId, EntityRow>();
  const references = new References(entities);
  let rows = 0;
  for (const file of ENTITY_FILES) {
    if (!files.names.includes(file.file)) continue;
    for await (const some of readRows(file.file, files.open(file.file), file.columns, report)) {
      rows += some.length;
      for (const row of some) readEntity(file, row, entities, references, report);
      onRows(rows);
    }
  }
  if (files.names.includes(OBSERVATIONS_FILE)) {
    const file = files.open(OBSERVATIONS_FILE);
    const idOf = rememberedIds();
    for await (const some of readRows(OBSERVATIONS_FILE, file, OBSERVATION_COLUMNS, report)) {
      rows += some.length;
      for (const row of some) readObservation(row, idOf, claims, references, report);
      onRows(rows);
    }
  }
  const standing = await references.check(load, report);
  const stated = mergeEntities(entities, standing, report);
  await checkDeletions(source, stated, entities, claims.withdrawn, report);
  for (const partition of claims.suspects()) {
    for (const group of await claims.read(partition)) checkDuplicates(group, report);
  }
  if (rows === 0 && report.total === 0) {
    const message = "the release has no row";
    report.add({ file: MANIFEST_FILE, line: 0, column: "", code: "EMPTY_RELEASE", message, value: "" });
  }
  report.throwIfAny(files.origin);
  return {
    manifest: manifest as Manifest,
    entities: await withMoves(stated, findBelow),
    unchangedEntities: entities.size - stated.length,
    claims,
    standing,
    rows,
  };
}

function checkNames(files: ReleaseFiles, report: ProblemReport): void {
  const known = [MANIFEST_FILE, ...ENTITY_FILES.map(({ file }) => file), OBSERVATIONS_FILE];
  for (const file of files.names.filter((name) => !known.includes(name))) {
    const message = `unknown file; a release consists of ${known.join(", ")}`;
    report.add({ file, line: 0, column: "", code: "UNKNOWN_FILE", message, value: "" });
  }
}

function readEntity(
  { file, type, idColumn, columns }: EntityFile,
  { line, action, header, values }: Row,
  entities: Map<EntityId, EntityRow>,
  references: References,
  report: ProblemReport,
): void {
  const place = (column: string) => ({ file, line, column });
  const localId = values[idColumn] as string | undefined;
  const id = localId && entityId(type, localId);
  if (!id) {
    report.add({ ...place(idColumn), code: "MISSING_VALUE", message: "every row needs an id", value: "" });
    return;
  }
  const twin = entities.get(id);
  if (twin) {
    report.add({
      ...place(idColumn),
      code: "DUPLICATE_ROW",
      message: `stands in line ${twin.line} already`,
      value: localId,
    });
    return;
  }
  const fields: Record<string, unknown> = {};
  for (const column of header) {
    const spec = columns[column];
    if (!spec?.field) continue;
    const value = values[column];
    fields[spec.field] = value;
    if (action === "D") continue;
    if (value === undefined && spec.required) {
      report.add({ ...place(column), code: "MISSING_VALUE", message: "a value is needed", value: "" });
    }
    if (spec.refersTo && value !== undefined) {
      for (const target of [value].flat() as EntityId[]) references.use(target, file, line, column);
    }
  }
  entities.set(id, { type, id, localId, action, file, line, fields });
}

type ObservationCells = { [C in keyof typeof OBSERVATION_COLUMNS]?: Value<C> };
type Value<C extends keyof typeof OBSERVATION_COLUMNS> = Exclude<
  ReturnType<(typeof OBSERVATION_COLUMNS)[C]["rule"]>,
  { code: string }
>;

/** Adds the claims that a row makes: one, or for a deletion without a period one for each frequency. */
function readObservation(
  { line, action, values }: Row,
  idOf: ReturnType<typeof rememberedIds>,
  claims: ClaimSpool,
  references: References,
  report: ProblemReport,
): void {
  const cells: ObservationCells = values;
  const { metric_id: metric, subject_type: word, subject_id: subjectId, time_period: time, source_id: source } = cells;
  const before = report.total;
  checkPresence(line, action, values, report);
  if (!metric || !word || !subjectId || (action === "M" && !(time && source))) return;

  const type = SUBJECT_WORDS[word];
  if (!isLocalId(type, subjectId)) {
    problem(report, line, "subject_id", "INVALID_VALUE", `a ${type} id is ${localIdRule(type)}`, subjectId);
    return;
  }
  const { value = null, obs_status: status = "A" } = cells;
  if (action === "M" && value === null && !VALUELESS.has(status)) {
    problem(report, line, "value", "MISSING_VALUE", "no value needs a status that says why: M, O or Q");
  }
  if (action === "M" && value !== null && VALUELESS.has(status)) {
    problem(report, line, "obs_status", "INVALID_VALUE", `the status ${status} says that there is no value`, value);
  }
  const subject: SubjectId = idOf(type, subjectId);
  const use = (id: EntityId, column: string) => references.use(id, OBSERVATIONS_FILE, line, column, action === "D");
  use(idOf("metric", metric), "metric_id");
  use(subject, "subject_id");
  if (source) use(idOf("source", source), "source_id");
  // A report that has something in it already is all that will come of this release.
  if (report.total > before) return;

  const { published_on: publishedOn = "", note = "" } = cells;
  const row = { line, action, source: source ?? "", value, status, publishedOn, note };
  if (time) {
    claims.add({ metric, subject, frequency: time.frequency }, { ...row, period: time.index });
    return;
  }
  for (const frequency of FREQUENCIES) claims.add({ metric, subject, frequency }, { ...row, period: null });
}

/** Neighbouring rows are alike: the last id of each type is remembered, and looking it up costs no new text. */
function rememberedIds() {
  const last = new Map<EntityType, { localId: string; id: EntityId }>();
  return <Type extends EntityType>(type: Type, localId: string): `${Type}:${string}` => {
    const known = last.get(type);
    if (known?.localId === localId) return known.id as `${Type}:${string}`;
    const id = entityId(type, localId);
    last.set(type, { localId, id });
    return id as `${Type}:${string}`;
  };
}

function checkPresence(line: number, action: Action, values: Row["values"], report: ProblemReport): void {
  for (const column of REQUIRED_COLUMNS) {
    if (values[column] === undefined) problem(report, line, column, "MISSING_VALUE", "a value is needed");
  }
  for (const column of action === "M" ? STATED_COLUMNS : []) {
    if (values[column] !== undefined) continue;
    problem(report, line, column, "MISSING_VALUE", "a value is needed; only a deletion may leave it empty");
  }
}

const REQUIRED_COLUMNS = Object.entries<Column>(OBSERVATION_COLUMNS)
  .filter(([, { required }]) => required)
  .map(([column]) => column);

function problem(
  report: ProblemReport,
  line: number,
  column: string,
  code: ProblemCode,
  message: string,
  value = "",
): void {
  report.add({ file: OBSERVATIONS_FILE, line, column, code, message, value });
}

/** Reports rows of a series that speak of the same period and source. */
function checkDuplicates({ key, rows }: SeriesRows, report: ProblemReport): void {
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    if (!before || before.period !== row.period || before.source !== row.source) return;
    // A row without a period stands once for each frequency.
    if (row.period === null && key.frequency !== FREQUENCIES[0]) return;
    const message = `the same series, period and source stand in line ${before.line} already`;
    const place = { file: OBSERVATIONS_FILE, line: row.line, column: "time_period" };
    report.add({ ...place, code: "DUPLICATE_ROW", message, value: row.source });
  });
}
