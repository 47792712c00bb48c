import { cursorKeys, originKeys, readMilliseconds, readSwitch, requireVariable, tableNames } from "../environment.ts";
import { behindEdge } from "../http/origin.ts";

// Everything else loads while the secrets are on their way.
const [keys, edge, { dynamoDbClient, graphqlFunction, lambdaReport }] = await Promise.all([
  cursorKeys(process.env),
  originKeys(process.env),
  import("./late.ts"),
]);

const headMaxAgeMs = readMilliseconds(process.env, "HEAD_MAX_AGE_MS");
// Lambda gives each version that is deployed a number of its own.
const { AWS_LAMBDA_FUNCTION_VERSION: version } = process.env;

/** The Lambda function behind /graphql and /health. */
export const handler = behindEdge(
  graphqlFunction({
    client: dynamoDbClient(),
    tables: { ...tableNames(process.env), partners: requireVariable(process.env, "PARTNERS_TABLE") },
    cursorKeys: keys,
    readsAhead: true,
    introspection: readSwitch(process.env, "INTROSPECTION", true),
    trustedDocumentsOnly: readSwitch(process.env, "TRUSTED_DOCUMENTS_ONLY", false),
    ...(headMaxAgeMs === undefined ? {} : { headMaxAgeMs }),
    ...(version === undefined ? {} : { version }),
    report: lambdaReport(),
  }),
  edge,
);
