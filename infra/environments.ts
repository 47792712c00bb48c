import { checkEnvironment, EnvironmentError } from "./environment-checks.ts";
import type { TableName } from "./tables.ts";

/** The functions that are deployed; each environment says how large each of them is. */
export type FunctionName = "graphql" | "partner" | "importer" | "exporter" | "webhooks";

export interface FunctionSettings {
  /** Lambda gives CPU in proportion to memory: 1,769 MB are one whole CPU. */
  readonly memoryMb: number;
  /** Instances that the function may have at most and that no other function can take away; null shares the account's. */
  readonly reservedConcurrency: number | null;
  /** Instances that are kept warm; 0 for none. */
  readonly provisionedConcurrency: number;
}

export interface Domain {
  /** The host name that clients use. */
  readonly name: string;
  /** The certificate of that name. CloudFront takes certificates of us-east-1 only. */
  readonly certificateArn: string;
  /** The Route 53 zone to put the name into; null where the name is kept elsewhere. */
  readonly hostedZone: { readonly id: string; readonly name: string } | null;
}

/** Who publishes the data, as the catalogue for machines says it. */
export interface PublishedBy {
  readonly catalogueTitle: string;
  readonly name: string;
  readonly url: string;
  /** The licence of the data: its address. */
  readonly licence: string;
}

export interface Limits {
  /** What the API takes in all before it answers 429. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** What the firewall lets one address send in five minutes, cached answers included. */
  readonly requestsPerAddress: number;
}

/** Everything in which one environment may differ from another. */
export interface EnvironmentSettings {
  /** Twelve digits, or `current`: the account of the credentials that deploy. */
  readonly account: string;
  readonly region: string;
  /** null serves at the name that CloudFront gives. */
  readonly domain: Domain | null;
  /** null names the portal itself in place of whoever publishes. */
  readonly publishedBy: PublishedBy | null;
  /** What becomes of tables, buckets, keys and logs when their stack no longer has them. */
  readonly removalPolicy: "RETAIN" | "DESTROY";
  /** Days back to which a table can be restored, 1 to 35; 0 for not at all. */
  readonly pointInTimeRecoveryDays: number;
  /** Tables and stacks refuse to be deleted. */
  readonly deletionProtection: boolean;
  /** Other regions that hold a copy of every table and key. */
  readonly replicaRegions: readonly string[];
  /** Tables by name that functions use in place of the environment's own, which stay: restored or replicated ones. */
  readonly existingTables: Readonly<Partial<Record<TableName, string>>>;
  /** How late a function may notice a release, in milliseconds; it asks no more often. */
  readonly headMaxAgeMs: number;
  /** Days without a release after which somebody is told; null for never. */
  readonly releaseExpectedWithinDays: number | null;
  /** The key of the origin secret that CloudFront proves itself with: `k1`, and the next one with each rotation. */
  readonly originKey: string;
  /** How long logs of functions and of the API are kept; one of the numbers that CloudWatch Logs knows. */
  readonly logRetentionDays: number;
  /** How long CloudFront's access logs are kept; null writes none. */
  readonly edgeLogRetentionDays: number | null;
  readonly functions: Readonly<Record<FunctionName, FunctionSettings>>;
  /** AWS WAF in front of CloudFront. */
  readonly firewall: boolean;
  /** Origins whose pages may call the API from a browser; `*` is any. */
  readonly corsOrigins: readonly string[];
  /** Whether the GraphQL function tells its schema to whoever asks. */
  readonly introspection: boolean;
  /** Whether the GraphQL function takes no other documents than those in `schema/operations`. */
  readonly trustedDocumentsOnly: boolean;
  readonly limits: Limits;
  /** Mail addresses that hear every alarm; each has to confirm once. */
  readonly alarmAddresses: readonly string[];
  readonly monthlyBudgetUsd: number;
  /** How the API's traffic moves to a new version: the name of a CodeDeploy configuration without its prefix. */
  readonly canary: "AllAtOnce" | "Canary10Percent5Minutes" | "Canary10Percent10Minutes" | "Linear10PercentEvery1Minute";
}

export interface Environment extends EnvironmentSettings {
  readonly name: string;
}

/** Cheap, gone without a trace when it is destroyed; holds nothing that publishing `data/` again does not bring back. */
const dev: EnvironmentSettings = {
  account: "current",
  region: "us-east-1",
  domain: null,
  publishedBy: null,
  removalPolicy: "DESTROY",
  pointInTimeRecoveryDays: 0,
  deletionProtection: false,
  replicaRegions: [],
  existingTables: {},
  headMaxAgeMs: 5000,
  releaseExpectedWithinDays: null,
  originKey: "k1",
  logRetentionDays: 7,
  edgeLogRetentionDays: null,
  functions: {
    graphql: { memoryMb: 1024, reservedConcurrency: null, provisionedConcurrency: 0 },
    partner: { memoryMb: 1024, reservedConcurrency: null, provisionedConcurrency: 0 },
    importer: { memoryMb: 1769, reservedConcurrency: null, provisionedConcurrency: 0 },
    exporter: { memoryMb: 1769, reservedConcurrency: null, provisionedConcurrency: 0 },
    webhooks: { memoryMb: 256, reservedConcurrency: null, provisionedConcurrency: 0 },
  },
  firewall: false,
  corsOrigins: ["*"],
  introspection: true,
  trustedDocumentsOnly: false,
  limits: { requestsPerSecond: 20, burst: 40, requestsPerAddress: 1000 },
  alarmAddresses: [],
  monthlyBudgetUsd: 20,
  canary: "AllAtOnce",
};

/**
 * A million rows were published with 547 MiB at most. Memory is CPU, though, and 15 minutes are all that one invocation
 * has: these are 1.7 CPUs, one for the rows and the rest for garbage, TLS and inflating.
 */
const IMPORTER: FunctionSettings = { memoryMb: 3008, reservedConcurrency: null, provisionedConcurrency: 0 };

/**
 * One dump at a time: a second call would read and write the same again. New accounts have no instances to reserve, so
 * that dev does without.
 */
const EXPORTER: FunctionSettings = { memoryMb: 1769, reservedConcurrency: 1, provisionedConcurrency: 0 };

/** What production has, of the size of a rehearsal. */
const staging: EnvironmentSettings = {
  ...dev,
  region: "ap-southeast-1",
  pointInTimeRecoveryDays: 7,
  logRetentionDays: 30,
  edgeLogRetentionDays: 30,
  functions: {
    ...dev.functions,
    graphql: { memoryMb: 1769, reservedConcurrency: null, provisionedConcurrency: 0 },
    partner: { memoryMb: 1769, reservedConcurrency: null, provisionedConcurrency: 0 },
    importer: IMPORTER,
    exporter: EXPORTER,
  },
  firewall: true,
  limits: { requestsPerSecond: 100, burst: 200, requestsPerAddress: 3000 },
  monthlyBudgetUsd: 50,
  canary: "Canary10Percent5Minutes",
};

const prod: EnvironmentSettings = {
  ...staging,
  removalPolicy: "RETAIN",
  pointInTimeRecoveryDays: 35,
  deletionProtection: true,
  // The schema is published, and partners write queries of their own: hiding the one and refusing the others would keep
  // nobody out but them. What a query may cost is bounded by the function.
  introspection: true,
  trustedDocumentsOnly: false,
  replicaRegions: ["ap-northeast-1"],
  releaseExpectedWithinDays: 40,
  logRetentionDays: 90,
  edgeLogRetentionDays: 90,
  functions: {
    ...staging.functions,
    graphql: { memoryMb: 1769, reservedConcurrency: 200, provisionedConcurrency: 2 },
    partner: { memoryMb: 1769, reservedConcurrency: 100, provisionedConcurrency: 0 },
  },
  limits: { requestsPerSecond: 1000, burst: 2000, requestsPerAddress: 3000 },
  monthlyBudgetUsd: 500,
};

export const environments: Readonly<Record<string, EnvironmentSettings>> = { dev, staging, prod };

/**
 * The environment of that name, checked.
 * @throws EnvironmentError with a sentence that names the setting, for one that is unknown, incomplete or contradictory.
 */
export function environmentNamed(name: unknown, known: Readonly<Record<string, unknown>> = environments): Environment {
  const names = Object.keys(known).join(", ");
  if (typeof name !== "string" || name === "") throw new EnvironmentError(`Say which environment: -c env=<${names}>.`);
  if (!Object.hasOwn(known, name)) throw new EnvironmentError(`There is no environment "${name}", only ${names}.`);
  return { name, ...checkEnvironment(name, known[name]) };
}
