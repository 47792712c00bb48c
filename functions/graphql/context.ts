import type { AnyEntity } from "../../portal/catalogue/entities.ts";
import type { CursorSeal } from "../../portal/paging/cursor.ts";
import type { Charge } from "../../portal/partners/buckets.ts";
import type { Caller } from "../../portal/partners/caller.ts";
import type { Portal } from "../../portal/portal.ts";
import type { Head } from "../../portal/releases/head.ts";
import type { SearchIndex } from "../../portal/search/search-index.ts";
import type { Claim } from "../../portal/series/claims.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import type { RequestRecord } from "../http/log.ts";
import { AnswerSize } from "./answer-size.ts";
import type { ConnectionModel, ObservationModel, SeriesModel } from "./models.ts";

/** What every resolver of one request shares. */
export interface RequestContext {
  readonly requestId: string;
  /** What the log and the metrics will tell of the request. */
  readonly record: RequestRecord;
  readonly scope: CallScope;
  /** Who is asking; `planOf` says what they may. */
  readonly caller: Caller;
  /** What the operation costs; undefined until that is computed. */
  cost?: { readonly requested: number; readonly readUnitsBefore: number };
  /** What came of charging the caller; undefined for callers and answers that are not charged. */
  charge?: Charge;
  readonly cursors: CursorSeal;
  /** HEAD as the whole request sees it. */
  readonly head: () => Promise<Head>;
  /** The portal as of HEAD; taken when the first resolver needs it. */
  readonly snapshot: () => Promise<Snapshot>;
  /** The search index as of HEAD. */
  readonly searchIndex: () => Promise<SearchIndex>;
  /** Profiles that the request reads, by subject and arguments. */
  readonly profiles: Map<string, Promise<ConnectionModel<SeriesModel>>>;
  /** Observations of series that the request has read, by their claims, and by vintage and statuses. */
  readonly observations: WeakMap<readonly Claim[], Map<string, readonly ObservationModel[]>>;
  /** Entities that are referred to, by id and release. */
  readonly references: Map<string, AnyEntity | Promise<AnyEntity>>;
  readonly answer: AnswerSize;
}

export function requestContext(
  portal: Portal,
  cursors: CursorSeal,
  { scope, caller, record }: Pick<RequestContext, "scope" | "caller" | "record">,
): RequestContext {
  record.meter = scope.meter;
  if (scope.sharedMeter) record.sharedMeter = scope.sharedMeter;
  const learned = async () => {
    const known = await portal.head(scope);
    record.head = known;
    return known;
  };
  let head: Promise<Head> | undefined;
  let snapshot: Promise<Snapshot> | undefined;
  const headOnce = () => {
    head ??= learned();
    return head;
  };
  return {
    requestId: record.requestId,
    record,
    scope,
    caller,
    cursors,
    profiles: new Map(),
    observations: new WeakMap(),
    references: new Map(),
    answer: new AnswerSize(),
    searchIndex: async () => portal.searchIndex(await headOnce(), scope),
    head: headOnce,
    snapshot: () => {
      snapshot ??= headOnce().then((known) => portal.snapshotAt(known, scope));
      return snapshot;
    },
  };
}
