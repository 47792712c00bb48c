import type { EnvironmentSettings, FunctionName } from "./environments.ts";
import { type Check, entriesOf, flag, integer, listOf, oneOf, orNull, partOf, record, text } from "./setting-checks.ts";
import { tables } from "./tables.ts";

/** An environment that cannot be built. The message is one or more sentences, each naming a setting. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

const region = text(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region such as eu-central-1");
const hostName = text(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "a host name in lower case");
const tableName = text(/^[\w.-]{3,255}$/, "a table name of 3 to 255 letters, digits, dots, dashes or underscores");

const line = text(/^\S.{0,199}$/, "a text of 1 to 200 characters");
const address = text(/^https?:\/\/\S{3,}$/, "an address such as https://example.org/");

/** What CloudWatch Logs takes. */
const retentionDays = oneOf(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557);

const functionSettings = record({
  memoryMb: integer(128, 10_240),
  reservedConcurrency: orNull(integer(1, 10_000)),
  provisionedConcurrency: integer(0, 10_000),
});

const checks: Readonly<Record<keyof EnvironmentSettings, Check>> = {
  account: text(/^(current|\d{12})$/, "twelve digits or current"),
  region,
  domain: orNull(
    record({
      name: hostName,
      certificateArn: text(
        /^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
        "the ARN of a certificate in us-east-1, the one region from which CloudFront takes them",
      ),
      hostedZone: orNull(record({ id: text(/^Z[A-Z0-9]+$/, "the id of a hosted zone"), name: hostName })),
    }),
  ),
  publishedBy: orNull(record({ catalogueTitle: line, name: line, url: address, licence: address })),
  removalPolicy: oneOf("RETAIN", "DESTROY"),
  pointInTimeRecoveryDays: integer(0, 35),
  deletionProtection: flag,
  replicaRegions: listOf(region),
  existingTables: partOf(Object.fromEntries(Object.keys(tables).map((table) => [table, tableName]))),
  headMaxAgeMs: integer(0, 60_000),
  releaseExpectedWithinDays: orNull(integer(1, 365)),
  originKey: text(/^k[1-9]\d{0,5}$/, "the id of a key in the origin secret, such as k1"),
  logRetentionDays: retentionDays,
  edgeLogRetentionDays: orNull(integer(1, 3653)),
  functions: record({
    graphql: functionSettings,
    partner: functionSettings,
    importer: functionSettings,
    exporter: functionSettings,
    webhooks: functionSettings,
  } satisfies Record<FunctionName, Check>),
  firewall: flag,
  corsOrigins: listOf(text(/^(\*|https?:\/\/[^/\s]+)$/, "an origin such as https://example.org, or *")),
  introspection: flag,
  trustedDocumentsOnly: flag,
  limits: record({
    requestsPerSecond: integer(1, 10_000),
    burst: integer(1, 5_000),
    requestsPerAddress: integer(10, 2_000_000_000),
  }),
  alarmAddresses: listOf(text(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, "a mail address")),
  monthlyBudgetUsd: integer(1, 1_000_000),
  canary: oneOf("AllAtOnce", "Canary10Percent5Minutes", "Canary10Percent10Minutes", "Linear10PercentEvery1Minute"),
};

/**
 * The settings as they are when nothing is wrong with them. TypeScript's types are gone when the app runs, so this
 * is what refuses an environment that lacks a setting, misspells one or gives it a value that AWS would refuse later.
 */
export function checkEnvironment(name: string, settings: unknown): EnvironmentSettings {
  if (!/^[a-z][a-z0-9-]{1,15}$/.test(name)) {
    throw new EnvironmentError(`The environment name "${name}" is not 2 to 16 lower-case letters, digits or dashes.`);
  }
  const problems = [...entriesOf(checks, settings, "")];
  if (problems.length === 0) problems.push(...contradictions(settings as EnvironmentSettings));
  if (problems.length === 0) return settings as EnvironmentSettings;
  throw new EnvironmentError(problems.map((problem) => `Environment ${name}: ${problem}.`).join("\n"));
}

function* contradictions(settings: EnvironmentSettings): Generator<string> {
  const { region, replicaRegions, removalPolicy, deletionProtection, limits } = settings;
  if (replicaRegions.includes(region)) yield `replicaRegions contains ${region}, which is the environment's own region`;
  if (deletionProtection && removalPolicy === "DESTROY") {
    yield "deletionProtection is on, so removalPolicy must be RETAIN";
  }
  if (limits.burst < limits.requestsPerSecond) yield "limits.burst must not be less than limits.requestsPerSecond";
  for (const [name, { reservedConcurrency, provisionedConcurrency }] of Object.entries(settings.functions)) {
    if (reservedConcurrency !== null && provisionedConcurrency > reservedConcurrency) {
      yield `functions.${name}.provisionedConcurrency must not be more than functions.${name}.reservedConcurrency`;
    }
  }
}
