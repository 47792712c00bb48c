import { graphqlFunction } from "../../functions/graphql/function.ts";
import { type PartnerFunctionOptions, partnerFunction } from "../../functions/partner/function.ts";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { LambdaHandler } from "../../local/events.ts";
import { serve } from "../../local/http.ts";
import { lambdaRoute, type Routes } from "../../local/routes.ts";
import { CURSOR_KEYS, openPortal, type TestPortal } from "../support/portal.ts";

/** A portal that is asked over HTTP, as its clients ask it. */
export interface ServedPortal {
  readonly url: string;
  readonly portal: TestPortal;
  /** Where its tables are, for what else works on them. */
  readonly endpoint: string;
  /** Requests since this was last asked, `POST /graphql`. */
  requests(): string[];
  close(): Promise<void>;
}

export async function servePortal(options: Partial<PartnerFunctionOptions> = {}): Promise<ServedPortal> {
  const engine = await startDynamoDb();
  const portal = await openPortal(engine);
  const { url, requests, close } = await serveTables(portal, options);
  return {
    ...{ url, portal, requests, endpoint: engine.endpoint },
    close: async () => {
      await close();
      await portal.close();
      await engine.close();
    },
  };
}

/** The functions in front of tables that are there. */
export async function serveTables(
  { client, tables }: Pick<TestPortal, "client" | "tables">,
  options: Partial<PartnerFunctionOptions> = {},
) {
  const common = { client: client(), tables, cursorKeys: CURSOR_KEYS, headMaxAgeMs: 0 };
  let seen: string[] = [];
  const noted = (handler: LambdaHandler): LambdaHandler => {
    return (event, context) => {
      seen.push(`${event.requestContext.http.method} ${event.rawPath}`);
      return handler(event, context);
    };
  };
  const routes: Routes = {
    "ANY /graphql": lambdaRoute("graphql", noted(graphqlFunction({ ...common, answerCacheBytes: 0 }))),
    "ANY /v1/{path+}": lambdaRoute("partner", noted(partnerFunction({ ...common, ...options }))),
  };
  const { url, close } = await serve({ port: 0, routes });
  const requests = () => {
    const all = seen;
    seen = [];
    return all;
  };
  return { url, close, requests };
}
