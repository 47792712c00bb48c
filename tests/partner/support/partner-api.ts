import { afterAll, beforeAll, beforeEach } from "vitest";
import type { AnsweredRequest } from "../../../functions/http/log.ts";
import { partnerFunction } from "../../../functions/partner/function.ts";
import { engines, type RunningEngine } from "../../support/engines.ts";
import { fetchFrom } from "../../support/fetch.ts";
import { CURSOR_KEYS, type Intercept, openPortal, type TestPortal } from "../../support/portal.ts";
import { conforming } from "./contract.ts";
import { facts, revisions, withdrawals } from "./world.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the document says what is in it.
  readonly json: any;
}

type Get = (address: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;
type Options = Partial<Parameters<typeof partnerFunction>[0]>;

/** The partner API over a portal of its own with three releases, for the tests of a file. */
export interface PartnerApi {
  readonly engine: RunningEngine;
  readonly portal: TestPortal;
  /** What was reported of the requests of a test. */
  readonly reports: AnsweredRequest[];
  readonly get: Get;
  /** What another function answers. */
  readonly getFrom: (options?: Options, intercept?: Intercept) => Get;
  /** Has another function answer for the rest of a test. */
  readonly use: (options?: Options, intercept?: Intercept) => void;
  /** All items of a list, page by page, by its `next` cursors. */
  readonly walk: (address: string, limit: number) => Promise<unknown[]>;
}

export function partnerApi(): PartnerApi {
  let engine: RunningEngine;
  let portal: TestPortal;
  let answering: Get;
  const reports: AnsweredRequest[] = [];
  const get: Get = (...request) => answering(...request);

  /** The function as API Gateway would ask it; every answer has to be one that the document describes. */
  function getFrom(options: Options = {}, intercept?: Intercept): Get {
    const fetch = fetchFrom(
      partnerFunction({
        client: portal.client(intercept),
        tables: portal.tables,
        cursorKeys: CURSOR_KEYS,
        headMaxAgeMs: 0,
        version: "test",
        report: (request) => void reports.push(request),
        ...options,
      }),
    );
    return async (address, headers = {}, method = "GET") => {
      const response = await fetch(address, { headers, method });
      const text = method === "GET" ? await conforming(address, response) : await response.text();
      const isJson = /[/+]json/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
    };
  }

  function use(options?: Options, intercept?: Intercept): void {
    answering = getFrom(options, intercept);
  }

  async function walk(address: string, limit: number): Promise<unknown[]> {
    const items: unknown[] = [];
    const query = address.includes("?") ? "&" : "?";
    let next: string | null = null;
    do {
      const { json }: Answer = await get(`${address}${query}limit=${limit}${next ? `&after=${next}` : ""}`);
      items.push(...json.items);
      next = json.next;
    } while (next);
    return items;
  }

  beforeAll(async () => {
    const [dynalite] = engines;
    if (!dynalite) throw new Error("the embedded engine is always there");
    engine = await dynalite.start();
    portal = await openPortal(engine);
    await portal.publish(facts, revisions, withdrawals);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });
  beforeEach(() => {
    reports.length = 0;
    use();
  });
  return {
    get engine() {
      return engine;
    },
    get portal() {
      return portal;
    },
    reports,
    get,
    getFrom,
    use,
    walk,
  };
}
