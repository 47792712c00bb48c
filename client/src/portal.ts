import * as operations from "./generated/operations.ts";
import type { Operation } from "./operation.ts";
import { type PageOptions, walk } from "./pages.ts";
import { type PanelTable, panelTable } from "./panel.ts";
import { type PortalOptions, type RequestOptions, Transport } from "./transport.ts";
import type * as types from "./types.ts";

type Variables<O> = O extends Operation<infer _, infer V> ? V : never;

/** What every list is fetched with, beside its filter. */
type Listed<Filter, Order> = types.ListOptions<Filter, Order> & PageOptions;

/** The lists that differ in nothing but what they are lists of. */
type ListOperation<Item> = Operation<
  { readonly page: { readonly nodes: readonly Item[]; readonly pageInfo: operations.PageEndFragment } },
  // The variables of each are checked where it is called.
  never
>;

/**
 * A Gazetteer portal. Lists are async iterators over all their pages; everything else is one request.
 *
 * @example
 * const portal = new Portal({ url: "https://data.example.org" });
 * for await (const platform of portal.platforms({ within: "region:52" })) console.log(platform.id);
 */
export class Portal {
  readonly #transport: Transport;

  constructor(options: PortalOptions) {
    this.#transport = new Transport(options);
  }

  /**
   * Any operation of one's own, with the same retries and errors.
   * @throws GazetteerError
   */
  query<Result, V>(operation: Operation<Result, V>, variables: V, options?: RequestOptions): Promise<Result> {
    return this.#transport.send(operation, variables, options);
  }

  regions(options: Listed<operations.RegionFilter, operations.RegionOrder> = {}): AsyncGenerator<types.Region, void> {
    return this.#list(operations.Regions, options);
  }

  agencies(options: Listed<operations.AgencyFilter, operations.AgencyOrder> = {}): AsyncGenerator<types.Agency, void> {
    return this.#list(operations.Agencies, options);
  }

  platforms(
    options: Listed<operations.PlatformFilter, operations.PlatformOrder> = {},
  ): AsyncGenerator<types.Platform, void> {
    return this.#list(operations.Platforms, options);
  }

  industrialComplexes(
    options: Listed<operations.IndustrialComplexFilter, operations.IndustrialComplexOrder> = {},
  ): AsyncGenerator<types.IndustrialComplex, void> {
    return this.#list(operations.IndustrialComplexes, options);
  }

  metrics(options: Listed<operations.MetricFilter, operations.MetricOrder> = {}): AsyncGenerator<types.Metric, void> {
    return this.#list(operations.Metrics, options);
  }

  sources(options: Listed<operations.SourceFilter, operations.SourceOrder> = {}): AsyncGenerator<types.Source, void> {
    return this.#list(operations.Sources, options);
  }

  /** Newest first, unless `orderBy` says otherwise. */
  releases({ orderBy, ...paging }: Listed<object, operations.ReleaseOrder> = {}): AsyncGenerator<types.Release, void> {
    return walk(
      this.#transport,
      {
        operation: operations.Releases,
        variables: (page) => ({ ...page, orderBy }),
        pageOf: ({ page }) => pageOfNodes(page),
      },
      paging,
    );
  }

  /** The regions directly below one, by its code or id. */
  children(
    region: string,
    { orderBy, pageSize, after, signal, ...filter }: Listed<operations.ChildRegionFilter, operations.RegionOrder> = {},
  ): AsyncGenerator<types.Region, void> {
    return walk(
      this.#transport,
      {
        operation: operations.Children,
        variables: (page) => ({ ...page, code: region, filter, orderBy }),
        pageOf: ({ owner }) => owner && pageOfNodes(owner.page),
      },
      { pageSize, after, signal },
    );
  }

  /** Every series of a region, agency, platform or industrial complex, by its global id. */
  profile(
    subject: string,
    { topic, asOf, ...paging }: Pick<Variables<typeof operations.Profile>, "topic" | "asOf"> & PageOptions = {},
  ): AsyncGenerator<types.SeriesSummary, void> {
    return walk(
      this.#transport,
      {
        operation: operations.Profile,
        variables: (page) => ({ ...page, subject, topic, asOf }),
        pageOf: ({ owner }) => (owner && "page" in owner ? pageOfNodes(owner.page) : null),
      },
      paging,
    );
  }

  /** Everything that happened, in order, deletions included. Keep the last `cursor` and pass it as `after` next time. */
  changes(options: PageOptions = {}): AsyncGenerator<types.Change, void> {
    return walk(
      this.#transport,
      {
        operation: operations.Changes,
        variables: (page) => page,
        pageOf: ({ page: { edges, pageInfo } }) => ({
          items: edges.map(({ cursor, node }) => ({ ...node, cursor })),
          pageInfo,
        }),
      },
      options,
    );
  }

  /** What people type, best first. There may be many hits: stop when you have enough. */
  search(
    text: string,
    { kinds, within, ...paging }: Pick<Variables<typeof operations.Search>, "kinds" | "within"> & PageOptions = {},
  ): AsyncGenerator<types.SearchHit, void> {
    return walk(
      this.#transport,
      {
        operation: operations.Search,
        variables: (page) => ({ ...page, text, kinds, within }),
        pageOf: ({ page }) => pageOfNodes(page),
      },
      { pageSize: 20, ...paging },
    );
  }

  /** By code or id; null when there is none. The same holds for those below. */
  async region(code: string, options?: RequestOptions): Promise<types.Region | null> {
    return (await this.query(operations.Region, { code }, options)).found;
  }

  async agency(id: string, options?: RequestOptions): Promise<types.Agency | null> {
    return (await this.query(operations.Agency, { id }, options)).found;
  }

  async platform(id: string, options?: RequestOptions): Promise<types.Platform | null> {
    return (await this.query(operations.Platform, { id }, options)).found;
  }

  async industrialComplex(id: string, options?: RequestOptions): Promise<types.IndustrialComplex | null> {
    return (await this.query(operations.IndustrialComplex, { id }, options)).found;
  }

  async metric(id: string, options?: RequestOptions): Promise<types.Metric | null> {
    return (await this.query(operations.Metric, { id }, options)).found;
  }

  async source(id: string, options?: RequestOptions): Promise<types.Source | null> {
    return (await this.query(operations.Source, { id }, options)).found;
  }

  /** HEAD when no number is given; null before the first release. */
  async release(number?: number, options?: RequestOptions): Promise<types.Release | null> {
    return (await this.query(operations.Release, { number }, options)).found;
  }

  /** The observations of a metric for a subject; null where there is no such series. */
  async series(wanted: Variables<typeof operations.Series>, options?: RequestOptions): Promise<types.Series | null> {
    return (await this.query(operations.Series, wanted, options)).found;
  }

  /** One metric for many subjects as a flat table, ready for a chart; null where there is no such metric. */
  async panel(wanted: Variables<typeof operations.Panel>, options?: RequestOptions): Promise<PanelTable | null> {
    const { panel } = await this.query(operations.Panel, { lang: "EN", ...wanted }, options);
    return panel && panelTable(panel);
  }

  #list<Item, Filter, Order>(
    operation: ListOperation<Item>,
    { orderBy, pageSize, after, signal, ...filter }: Listed<Filter, Order>,
  ): AsyncGenerator<Item, void> {
    return walk(
      this.#transport,
      {
        operation,
        variables: (page) => ({ ...page, filter, orderBy }) as never,
        pageOf: ({ page }) => pageOfNodes(page),
      },
      { pageSize, after, signal },
    );
  }
}

function pageOfNodes<Item>({
  nodes,
  pageInfo,
}: {
  readonly nodes: readonly Item[];
  readonly pageInfo: operations.PageEndFragment;
}) {
  return { items: nodes, pageInfo };
}
