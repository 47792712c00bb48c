import { QueryCommand } from "@aws-sdk/client-dynamodb";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { execute, type GraphQLSchema, parse } from "graphql";
import { graphqlFunction } from "../functions/graphql/function.ts";
import { executableSchema } from "../functions/graphql/schema.ts";
import { lambdaReport } from "../functions/http/report.ts";
import { createLambdaContext, toEvent } from "../local/events.ts";
import { outline } from "../schema/generated/outline.ts";
import type { Engine } from "./engine.ts";
import { TABLES } from "./engine.ts";
import { fill } from "./fill.ts";
import { cpuPerCall } from "./measure.ts";
import { headItem, packedItem, sampleClaims, sampleRegion } from "./samples.ts";
import { against, markdown, short } from "./table.ts";

const KEY = { metric: "warm", subject: "region:CN", frequency: "M" } as const;
const OBSERVATIONS = 100;
const QUERY = `query Series($metric: ID!, $subject: ID!) {
  series(metric: $metric, subject: $subject) { id frequency observations { timePeriod value status note } }
}`;
const VARIABLES = { metric: KEY.metric, subject: KEY.subject };

/** The goal for an answer that is in the cache, milliseconds of CPU. */
const CACHED_GOAL = 0.25;
const UNCACHED_GOAL = 1.5;

/** CPU of a request in a process that is warm: with the answer in the cache, and without any. */
export async function warmTable({ client, store, plain }: Engine): Promise<string> {
  const country = sampleRegion("CN", "COUNTRY", "WORLD/CN/", "WORLD");
  await fill(store, store.tables.catalogue, [headItem()]);
  await fill(store, store.tables.series, [packedItem(KEY, country, sampleClaims("2010-01", OBSERVATIONS))]);
  const options = { client, tables: TABLES, cursorKeys: [{ id: "k1", secret: new Uint8Array(32) }] };
  const [event, compressed] = [await eventOf({}), await eventOf({ "accept-encoding": "br" })];
  // As deployed, with its log line and its metrics.
  const deployed = graphqlFunction({ ...options, report: lambdaReport() });
  const uncached = graphqlFunction({ ...options, answerCacheBytes: 0 });
  const ready = readyObjects((await uncached(event, createLambdaContext("graphql"))).body ?? "");
  const parsed = parse(QUERY);

  const cpu = await silently(() =>
    cpuPerCall(
      {
        cached: () => deployed(event, createLambdaContext("graphql")),
        compressed: () => deployed(compressed, createLambdaContext("graphql")),
        uncached: () => uncached(event, createLambdaContext("graphql")),
        least: async () => {
          await plain.client.send(readOf());
          JSON.stringify(await execute({ ...ready, document: parsed, variableValues: VARIABLES }));
        },
      },
      { calls: 100 },
    ),
  );
  const ms = (name: keyof typeof cpu) => `${short(cpu[name] / 1000)} ms`;
  return markdown(
    [`a series of ${OBSERVATIONS} observations`, "CPU", ""],
    [
      ["cached, as deployed with its log", ms("cached"), `goal ≤ ${CACHED_GOAL} ms: ${verdict(cpu.cached)}`],
      ["cached, as Brotli", ms("compressed"), `goal ≤ ${CACHED_GOAL} ms: ${verdict(cpu.compressed)}`],
      ["the raw DynamoDB call, and graphql-js on ready objects", ms("least"), ""],
      ["not cached", ms("uncached"), against(cpu.uncached / cpu.least, UNCACHED_GOAL)],
    ],
  );
}

function verdict(microseconds: number): string {
  return microseconds / 1000 <= CACHED_GOAL ? "met" : "missed";
}

async function eventOf(headers: Record<string, string>): Promise<APIGatewayProxyEventV2> {
  const request = new Request("http://localhost/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: QUERY, variables: VARIABLES }),
  });
  return toEvent(request, { routeKey: "ANY /graphql" });
}

/** The schema with no resolver but graphql-js's own, and the objects that it finds everything in. */
function readyObjects(body: string): { schema: GraphQLSchema; rootValue: object } {
  const { data } = JSON.parse(body);
  if (data.series.observations.length !== OBSERVATIONS) throw new Error(`answered with ${body.slice(0, 200)}`);
  return { schema: executableSchema(outline, {}), rootValue: data };
}

/** The one call that the query needs, as somebody would write it who knows the key. */
function readOf(): QueryCommand {
  return new QueryCommand({
    TableName: TABLES.series,
    IndexName: "bySubject",
    KeyConditionExpression: "subject = :subject AND begins_with(metricFrequency, :metric)",
    ExpressionAttributeValues: { ":subject": { S: KEY.subject }, ":metric": { S: `${KEY.metric}|` } },
  });
}

/** Log lines are made, and go nowhere. */
async function silently<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}
