import { dumpShelf, publishedBy } from "../dumps/environment.ts";
import { cursorKeys, originKeys, readMilliseconds, requireVariable, tableNames } from "../environment.ts";
import { behindEdge } from "../http/origin.ts";

// Everything else loads while the secrets are on their way.
const [keys, edge, { dynamoDbClient, partnerFunction, lambdaReport }] = await Promise.all([
  cursorKeys(process.env),
  originKeys(process.env),
  import("./late.ts"),
]);

const headMaxAgeMs = readMilliseconds(process.env, "HEAD_MAX_AGE_MS");
// Instances of one version answer alike, and name their answers alike.
const { AWS_LAMBDA_FUNCTION_VERSION: version } = process.env;

/** The Lambda function behind /v1. */
export const handler = behindEdge(
  partnerFunction({
    client: dynamoDbClient(),
    tables: { ...tableNames(process.env), partners: requireVariable(process.env, "PARTNERS_TABLE") },
    cursorKeys: keys,
    readsAhead: true,
    ...(headMaxAgeMs === undefined ? {} : { headMaxAgeMs }),
    ...(version === undefined ? {} : { version }),
    report: lambdaReport(),
    ...dumpShelf(process.env),
    ...publishedBy(process.env),
  }),
  edge,
);
