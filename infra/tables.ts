/**
 * Every table and index of the portal, as plain values: the CDK makes the stacks' tables from this page, and the
 * embedded engines of `local/` and the tests make theirs from the same.
 *
 * What each index serves and why it is keyed so: docs/architecture.md, "Storage".
 */

/** A pair of string attributes that orders items: all keys of the portal are strings. */
export interface Key {
  readonly partition: string;
  readonly sort?: string;
}

export interface TableDefinition {
  readonly key: Key;
  /** Global secondary indexes by name; every one projects the whole item, so that a list is one Query. */
  readonly indexes: Readonly<Record<string, Required<Key>>>;
  /** The attribute that holds an expiry in epoch seconds, where items expire by themselves. */
  readonly timeToLive?: string;
}

export const tables = {
  /** Entities by id, HEAD, releases, change blocks, subtree counts. */
  catalogue: {
    key: { partition: "id" },
    indexes: {
      byRegion: { partition: "type", sort: "place" },
      byKind: { partition: "typeKind", sort: "place" },
      byParent: { partition: "parent", sort: "typePlace" },
      byName: { partition: "typeKind", sort: "nameKey" },
    },
  },
  /** One item per series (or per part of a long one), its claims packed. */
  series: {
    key: { partition: "metricGroup", sort: "subjectFrequency" },
    indexes: {
      bySubject: { partition: "subject", sort: "metricFrequency" },
      byTopic: { partition: "subject", sort: "topicMetric" },
      byPlace: { partition: "metricKind", sort: "place" },
    },
  },
  /** API keys by their hash, and the buckets that their requests are charged to; the index holds keys only. */
  partners: {
    key: { partition: "keyHash" },
    indexes: {
      byListing: { partition: "listing", sort: "keyId" },
    },
    timeToLive: "expiresAt",
  },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tables;
