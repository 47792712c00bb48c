import type { EntityId, EntityType } from "../identifiers.ts";
import { type Placement, typePartition } from "./placement.ts";

/** What a list of entities is asked for. Filters combine freely. */
export interface ListRequest {
  readonly type: EntityType;
  /** Path of a region, `WORLD/CN/52/`: that region and everything below it. */
  readonly within?: string;
  /** Kind or level; topic of metrics, language of sources. */
  readonly kind?: string;
  /** The parent region, or the operator. */
  readonly parent?: EntityId;
  readonly historical?: boolean;
  readonly order: ListOrder;
}

export interface ListOrder {
  /** REGION: by region path, then id (where there is no region, by id). NAME: English, else Chinese. */
  readonly field: "REGION" | "NAME";
  readonly descending: boolean;
}

/** A range of one index that holds the list, in its order; `kind` and `within` are checked after reading where no key holds them. */
export interface IndexRange {
  readonly index: "byRegion" | "byKind" | "byParent" | "byName";
  readonly partition: { readonly attribute: keyof Placement; readonly value: string };
  readonly sort: keyof Placement;
  readonly prefix?: string;
  readonly kind?: string;
  readonly within?: string;
}

export type ListPlan =
  /** One Query a page. */
  | { readonly by: "index"; readonly range: IndexRange }
  /** By name over all kinds: one Query for each kind there is, merged. */
  | { readonly by: "merge"; readonly rangeOf: (kind: string) => IndexRange }
  /** By name under a region or parent: the range is read whole, at most `SORT_LIMIT` entries, and sorted. */
  | { readonly by: "sort"; readonly range: IndexRange };

/** How many entries a list may have that is sorted after reading, and how many may be stepped over to sort none. */
export const SORT_LIMIT = 1000;

/** `nearlyAll`: what lies within the region of the request is too much to sort, but nearly all that there is. */
export function planList(request: ListRequest, nearlyAll = false): ListPlan {
  const range = inRegionOrder(request);
  if (request.order.field === "REGION") return { by: "index", range };
  if (!nearlyAll && (request.within !== undefined || request.parent !== undefined)) return { by: "sort", range };
  const partition = typePartition(request.type, request.historical);
  const rangeOf = (kind: string): IndexRange => ({
    index: "byName",
    partition: { attribute: "typeKind", value: `${partition}|${kind}` },
    sort: "nameKey",
    ...(request.within === undefined ? {} : { within: request.within }),
  });
  return request.kind === undefined ? { by: "merge", rangeOf } : { by: "index", range: rangeOf(request.kind) };
}

function inRegionOrder({ type, within, kind, parent, historical }: ListRequest): IndexRange {
  const partition = typePartition(type, historical);
  if (parent !== undefined) {
    return {
      index: "byParent",
      partition: { attribute: "parent", value: parent },
      sort: "typePlace",
      prefix: `${partition}|${within ?? ""}`,
      ...(kind === undefined ? {} : { kind }),
    };
  }
  const prefix = within === undefined ? {} : { prefix: within };
  if (kind === undefined) {
    return { index: "byRegion", partition: { attribute: "type", value: partition }, sort: "place", ...prefix };
  }
  return {
    index: "byKind",
    partition: { attribute: "typeKind", value: `${partition}|${kind}` },
    sort: "place",
    ...prefix,
  };
}
