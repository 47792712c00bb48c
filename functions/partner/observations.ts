import { REGION_LEVELS } from "../../portal/catalogue/entities.ts";
import { badInput, PortalError } from "../../portal/errors.ts";
import type { Dataset } from "../../portal/formats/dataset.ts";
import { requireIdOf, requireSubjectId, SUBJECT_TYPES } from "../../portal/identifiers.ts";
import { type ObservationsRequest, type Position, readObservationPage } from "../../portal/observations/read.ts";
import { type Head, vintageOf } from "../../portal/releases/head.ts";
import { OBSERVATION_STATUSES, type ObservationStatus } from "../../portal/series/claims.ts";
import { DEFAULT_STATUSES, type Vintage } from "../../portal/series/resolution.ts";
import { requireTimePeriod } from "../../portal/series/time-period.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import { FORMATS, formatOf } from "./formats.ts";
import { pathOf } from "./lists.ts";
import type { Parameters } from "./parameters.ts";
import { Problem } from "./problem.ts";
import { type Asked, BASE_COST, type Question, type Route } from "./request.ts";

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
/** A series of a few observations lies with a dozen others in the 4 KB of a unit. */
const OBSERVATIONS_PER_UNIT = 10;
const MAX_LAST = 10_000;

const PARAMETERS = [
  "within",
  "level",
  "subjectType",
  "subject",
  "from",
  "to",
  "last",
  "status",
  "asOf",
  "updatedAfter",
  "format",
  "limit",
  "after",
] as const;

/** `/v1/metrics/{id}/observations`: the headline values of a metric, page by page, all of one release. */
export const observationRoutes: readonly Route[] = [
  { path: "/metrics/{id}/observations", parameters: PARAMETERS, ask: observationsQuestion },
];

function observationsQuestion(asked: Asked): Question {
  const { parameters, path, accept, cursors, head } = asked;
  const metric = requireIdOf("metric", path.id ?? "", "id");
  const name = formatOf(parameters, accept);
  const limit = parameters.wholeNumber("limit", { least: 1, most: MAX_LIMIT }) ?? DEFAULT_LIMIT;
  const selection = selectionOf(parameters);
  if (selection.updatedAfter !== undefined && name === "jsonstat") {
    throw badInput("format", "JSON-stat cannot say what was deleted: ask for another format with updatedAfter");
  }
  const list = JSON.stringify(["/v1/observations/2", metric, selection]);
  const cursor = parameters.text("after");
  const start = cursor === undefined ? undefined : parsePosition(cursors.open(cursor, list, "after"));
  if (start && start.release > head.release) {
    throw new PortalError("UNAVAILABLE", "The release of this cursor is not known here yet; try again shortly.");
  }
  const { asOf, updatedAfter } = selection;
  // A date may come to mean a later release; a cursor has it resolved.
  const isNumbered = typeof asOf === "number" && typeof updatedAfter !== "string";
  const fixed = start?.release ?? (isNumbered ? asOf : undefined);
  return {
    cost: BASE_COST + selection.kinds.length + Math.ceil(limit / OBSERVATIONS_PER_UNIT),
    contentType: FORMATS[name].contentType,
    ...(fixed === undefined ? {} : { fixedRelease: fixed }),
    isAsOf: asOf !== null,
    answer: async (snapshot) => {
      const vintages = start
        ? { vintage: vintageOf(head, start.release), since: earlier(head, start.since) }
        : await vintagesOf(snapshot, selection);
      const { release } = vintages.vintage;
      const dataset = await datasetOf(snapshot, metric, vintages.vintage, updatedAfter !== undefined);
      const request = await requestOf(snapshot, dataset, selection, vintages);
      const { rows, next } = request
        ? await readObservationPage(snapshot, request, { limit, after: start?.position })
        : { rows: [], next: null };
      const following = next && cursors.seal(formatPosition(vintages, next), list);
      return { body: FORMATS[name].write(dataset, rows, following), next: following, release };
    },
  };
}

interface Vintages {
  readonly vintage: Vintage;
  /** Undefined where everything is asked for. */
  readonly since: Vintage | undefined;
}

/** @throws PortalError `BAD_USER_INPUT` for what never was, or is asked for backwards. */
async function vintagesOf(snapshot: Snapshot, { asOf, updatedAfter }: Selection): Promise<Vintages> {
  const vintage = await snapshot.asOf(asOf);
  if (updatedAfter === undefined) return { vintage, since: undefined };
  const since = updatedAfter === 0 ? vintageOf(snapshot.head, 0) : await snapshot.asOf(updatedAfter, "updatedAfter");
  if (since.release <= vintage.release) return { vintage, since };
  throw badInput("updatedAfter", `release ${since.release} is not before release ${vintage.release}, which asOf names`);
}

function earlier(head: Head, release: number | null): Vintage | undefined {
  return release === null ? undefined : vintageOf(head, release);
}

/** What is asked for, as values that make one text: cursors are bound to it. */
interface Selection {
  readonly subject: ReturnType<typeof requireSubjectId> | null;
  readonly kinds: readonly string[];
  readonly within: `region:${string}` | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly last: number | null;
  readonly statuses: readonly ObservationStatus[];
  readonly asOf: string | number | null;
  readonly updatedAfter?: string | number | undefined;
}

function selectionOf(parameters: Parameters): Selection {
  const [subject, within] = [parameters.text("subject"), parameters.text("within")];
  const last = parameters.wholeNumber("last", { least: 1, most: MAX_LAST });
  const updatedAfter = parameters.release("updatedAfter");
  if (last !== undefined && updatedAfter !== undefined) {
    throw badInput("last", "last and updatedAfter cannot be used together: what is last may change with every release");
  }
  for (const name of ["from", "to"]) requirePeriod(parameters, name);
  return {
    subject: subject === undefined ? null : requireSubjectId(subject, "subject"),
    kinds: kindsOf(parameters),
    within: within === undefined ? null : requireIdOf("region", within, "within"),
    from: parameters.text("from") ?? null,
    to: parameters.text("to") ?? null,
    last: last ?? null,
    statuses: statusesOf(parameters),
    asOf: parameters.release("asOf") ?? null,
    updatedAfter,
  };
}

const OTHER_TYPES = SUBJECT_TYPES.filter((type) => type !== "region");

/** The partitions that hold the series: one for each level of regions, one for each other type of subject. */
function kindsOf(parameters: Parameters): readonly string[] {
  const level = parameters.oneOf("level", REGION_LEVELS);
  const type = parameters.oneOf("subjectType", SUBJECT_TYPES);
  const filter = ["within", "level", "subjectType"].find((name) => parameters.text(name) !== undefined);
  if (parameters.text("subject") !== undefined && filter !== undefined) {
    throw badInput(filter, `${filter} and subject cannot be used together`);
  }
  if (level !== undefined && type !== undefined && type !== "region") {
    throw badInput("level", `only regions have a level, not what is of the type ${type}`);
  }
  if (level !== undefined) return [level];
  if (type !== undefined) return type === "region" ? REGION_LEVELS : [type];
  return [...REGION_LEVELS, ...OTHER_TYPES];
}

function statusesOf(parameters: Parameters): ObservationStatus[] {
  const text = parameters.text("status");
  if (text === undefined) return [...DEFAULT_STATUSES];
  const asked = text.toUpperCase().split(",");
  const wrong = asked.find((code) => !(OBSERVATION_STATUSES as readonly string[]).includes(code));
  if (wrong === undefined) return OBSERVATION_STATUSES.filter((code) => asked.includes(code));
  throw badInput("status", `status is a list of ${OBSERVATION_STATUSES.join(", ")}, separated by commas`);
}

function requirePeriod(parameters: Parameters, name: string) {
  const text = parameters.text(name);
  return text === undefined ? undefined : requireTimePeriod(text, name);
}

/** @throws Problem 404 for a metric that there is not. */
async function datasetOf(
  snapshot: Snapshot,
  id: `metric:${string}`,
  vintage: Vintage,
  isUpdate: boolean,
): Promise<Dataset> {
  const { head } = snapshot;
  const [metric, release] = await Promise.all([
    // As it was then: the answer as of a release does not change with the next one.
    snapshot.entity<"metric">(id, vintage),
    vintage.release === head.release ? null : snapshot.entity<"release">(`release:${vintage.release}`),
  ]);
  if (!metric)
    throw new Problem(404, "NOT_FOUND", `There is no ${id} among the metrics as of release ${vintage.release}.`);
  const { nameEn, nameZh, unit, definition } = metric.body;
  return {
    metric: { id: metric.localId, nameEn, nameZh, unit, definition },
    release: vintage.release,
    releasedAt: release?.body.committedAt ?? head.committedAt,
    isUpdate,
  };
}

/** undefined where there can be nothing: within a region that there is not. */
async function requestOf(
  snapshot: Snapshot,
  { metric }: Dataset,
  { subject, kinds, within, from, to, last, statuses }: Selection,
  { vintage, since }: Vintages,
): Promise<ObservationsRequest | undefined> {
  const path = await pathOf(snapshot, within ?? undefined, vintage);
  if (path === null) return undefined;
  return {
    metric: metric.id,
    unit: metric.unit,
    of: subject === null ? { kinds, ...(path === undefined ? {} : { within: path }) } : { subject },
    from: from === null ? undefined : requireTimePeriod(from, "from"),
    to: to === null ? undefined : requireTimePeriod(to, "to"),
    last: last ?? undefined,
    statuses: new Set(statuses),
    vintage,
    since,
  };
}

/** A cursor also says of which release the first page was, and since which: all pages are of the same ones. */
function formatPosition({ vintage, since }: Vintages, { kind, series, period, deleted }: Position): string {
  return JSON.stringify([vintage.release, kind, series, period, since?.release ?? null, deleted ? 1 : 0]);
}

interface Start {
  readonly release: number;
  readonly since: number | null;
  readonly position: Position;
}

function parsePosition(text: string): Start {
  const [release, kind, series, period, since, deleted] = JSON.parse(text) as CursorParts;
  return { release, since, position: { kind, series, period, deleted: deleted === 1 } };
}

type CursorParts = [number, number, string, string | null, number | null, number];
