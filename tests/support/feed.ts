import type { ModelClaim } from "./claim-model.ts";
import type { Ask } from "./portal.ts";

/** A partner's copy of the portal: nothing but what the change feed brought, applied in its order. */

export interface FeedChange {
  readonly sequence: number;
  readonly action: string;
  readonly kind: string;
  readonly nodeId: string;
  readonly release: { readonly number: number };
  readonly node: Readonly<Record<string, unknown>> | null;
  readonly observations: readonly FeedObservation[];
}

export interface FeedObservation {
  readonly timePeriod: string;
  readonly action: string;
  readonly old: FeedHeadline | null;
  readonly new: FeedHeadline | null;
  readonly claims: readonly {
    readonly sourceId: string;
    readonly withdrawn: boolean;
    readonly value: string | null;
    readonly status: string | null;
    readonly publishedOn: string | null;
    readonly note: string | null;
  }[];
}

export interface FeedHeadline {
  readonly value: string | null;
  readonly status: string;
  readonly sourceId: string;
}

export interface FeedPage {
  readonly edges: readonly { readonly cursor: string; readonly node: FeedChange }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What a partner keeps of a node. */
export const NODE = `fragment Kept on Node {
  __typename id
  ... on Region { level names { text } parent { id } status }
  ... on Agency { agencyLevel: level names { text } region { id } }
  ... on Platform { kind names { text } region { id } operator { id } }
  ... on IndustrialComplex { complexKind: kind names { text } region { id } }
  ... on Metric { unit topic names { text } partOf { id } maximum }
  ... on Source { title publisher publishedOn url language note }
}`;

const FEED = `query ($after: String, $first: Int) {
  changes(after: $after, first: $first) {
    edges { cursor node {
      sequence action kind nodeId release { number } node { ...Kept }
      observations {
        timePeriod action old { value status sourceId } new { value status sourceId }
        claims { sourceId withdrawn value status publishedOn note }
      }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
${NODE}`;

export class Partner {
  readonly changes: FeedChange[] = [];
  readonly #ask: Ask;
  #cursor: string | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  /** Takes one page and says whether there is more. */
  async pull(first: number): Promise<FeedPage> {
    const { data, errors } = await this.#ask<{ changes: FeedPage }>(FEED, { after: this.#cursor, first });
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("; "));
    this.changes.push(...data.changes.edges.map(({ node }) => node));
    this.#cursor = data.changes.pageInfo.endCursor;
    return data.changes;
  }

  async pullAll(first: number): Promise<void> {
    while ((await this.pull(first)).pageInfo.hasNextPage);
  }

  /** The entities that stand, by global id. */
  get entities(): Map<string, FeedChange["node"]> {
    const entities = new Map<string, FeedChange["node"]>();
    for (const { nodeId, kind, action, node } of this.changes) {
      if (kind === "SERIES") continue;
      if (action === "DELETED") entities.delete(nodeId);
      else entities.set(nodeId, node);
    }
    return entities;
  }

  /** Every claim, in the order of the feed. */
  get claims(): ModelClaim[] {
    return this.changes.flatMap(({ nodeId, release, observations }) =>
      observations.flatMap(({ timePeriod, claims }) =>
        claims.map(({ sourceId, value, status, publishedOn, note }) => ({
          series: nodeId.slice("series:".length),
          timePeriod,
          source: sourceId.slice("source:".length),
          publishedOn: publishedOn ?? "",
          release: release.number,
          note,
          value,
          status,
        })),
      ),
    );
  }
}
