import { readFileSync } from "node:fs";
import type { DeployedQuantities } from "./deployed.ts";
import type { Cost } from "./prices.ts";

const MEASURED = JSON.parse(readFileSync(new URL("../../bench/measured.json", import.meta.url), "utf8"));

/** One line of the bill in USD; a group adds up its parts. */
export interface Line {
  readonly name: string;
  readonly usd: number;
  /** A sum of the lines above it, up to the one before it. */
  readonly sum?: true;
}

/** Functions that answer requests, each with metrics of its own. */
const ANSWERING = 2;

const MILLION = 1_000_000;
const SECONDS_A_MONTH = 730 * 3600;
/** Lambda gives CPU in proportion to memory: this is one whole CPU, which is what the benches measure on. */
const ONE_CPU_MB = 1769;

/** What an environment costs: each group of lines ends in its sum, unless it says otherwise. */
export function billOf(deployed: DeployedQuantities, cost: Cost): Line[] {
  return [
    ...summed("a month in which nobody asks", idle(deployed, cost)),
    { name: "metrics of our own, in a month with requests in every hour", usd: ownMetrics(deployed, cost) },
    ...queries(deployed, cost),
    ...summed("a million observations published", publishing(deployed, cost)),
    { name: "keeping them, a month", usd: keeping(deployed, cost) },
    ...exporting(deployed, cost),
  ];
}

function summed(name: string, lines: readonly Line[]): Line[] {
  return [...lines, { name, usd: lines.reduce((sum, { usd }) => sum + usd, 0), sum: true }];
}

function idle(deployed: DeployedQuantities, cost: Cost): Line[] {
  const { alarmMetrics, dashboards, secrets, webAcls, webAclRules, warmGb, polledQueues } = deployed;
  const { pollsPerMonth, scheduledSeconds } = MEASURED.assumed;
  const scheduled = Object.entries(deployed.scheduledCalls).map(([name, calls]) => {
    const { memoryMb = ONE_CPU_MB } = deployed.functions[name] ?? {};
    return cost("lambda.requests", calls) + cost("lambda.duration", calls * scheduledSeconds * (memoryMb / 1024));
  });
  return [
    { name: "alarms", usd: cost("cloudWatch.alarm", alarmMetrics) },
    { name: "dashboard", usd: cost("cloudWatch.dashboard", dashboards) },
    { name: "secrets", usd: cost("secretsManager.secret", secrets) },
    { name: "firewall", usd: cost("waf.acl", webAcls) + cost("waf.rule", webAclRules) },
    { name: "instances kept warm", usd: cost("lambda.provisioned", warmGb * SECONDS_A_MONTH) },
    {
      name: "looking whether there is a release to dump or to tell of",
      usd: scheduled.reduce((sum, usd) => sum + usd, 0),
    },
    { name: "asking the queues", usd: cost("sqs.requests", polledQueues * pollsPerMonth) },
  ];
}

function ownMetrics({ metricFilters }: DeployedQuantities, cost: Cost): number {
  return cost("cloudWatch.metric", metricFilters + ANSWERING * MEASURED.assumed.requestMetrics);
}

/** A million of each kind, and what the next kind adds to the one before. */
function queries({ functions, webAcls, replicas }: DeployedQuantities, cost: Cost): Line[] {
  const { query, queryRoundTrips, log, assumed } = MEASURED;
  const { memoryMb = ONE_CPU_MB } = functions.graphql ?? {};
  const slower = Math.max(1, ONE_CPU_MB / memoryMb);
  const seconds = (ms: number) => Math.ceil(ms) / 1000;
  const runs = (ms: number) => cost("lambda.duration", MILLION * seconds(ms) * (memoryMb / 1024));
  const atEdge =
    cost("cloudFront.requests", MILLION) +
    cost("cloudFront.transfer", MILLION * query.bytes) +
    (webAcls > 0 ? cost("waf.requests", MILLION) : 0);
  const reached =
    cost("httpApi.requests", MILLION) +
    cost("lambda.requests", MILLION) +
    cost("cloudWatch.logs", MILLION * (log.functionBytes + assumed.platformLogBytes + assumed.accessLogBytes)) +
    cost("xray.traces", MILLION * assumed.tracedShare);
  const waiting = queryRoundTrips.calls * assumed.dynamoDbMs;
  const executed = runs(query.executedCpuMs * slower + waiting) + cost("dynamoDb.reads", MILLION * query.readUnits);
  const sum = true;
  return [
    { name: "a million queries that CloudFront has the answers to", usd: atEdge, sum },
    {
      name: "a million that the function has the answers to",
      usd: atEdge + reached + runs(query.cachedCpuMs * slower),
      sum,
    },
    { name: "a million that are executed", usd: atEdge + reached + executed, sum },
    { name: "more for a partner's key, at most", usd: cost("dynamoDb.writes", MILLION * (1 + replicas)) },
  ];
}

function publishing({ functions, replicas }: DeployedQuantities, cost: Cost): Line[] {
  const { publishing: writing, importing } = MEASURED;
  const { memoryMb = ONE_CPU_MB, extraDiskGb = 0 } = functions.importer ?? {};
  const seconds = (importing.seconds / importing.rows) * MILLION;
  const units = (writing.writeUnitsWithIndexes / writing.rows) * MILLION;
  return [
    { name: "writing, indexes and copies included", usd: cost("dynamoDb.writes", units * (1 + replicas)) },
    {
      name: "the importer",
      usd:
        cost("lambda.duration", seconds * (memoryMb / 1024)) + cost("lambda.ephemeralStorage", seconds * extraDiskGb),
    },
  ];
}

/** A write unit holds a kilobyte at most. */
function keeping({ replicas, recovery }: DeployedQuantities, cost: Cost): number {
  const { writeUnitsWithIndexes, rows } = MEASURED.publishing;
  const bytes = (writeUnitsWithIndexes / rows) * MILLION * 1024 * (1 + replicas);
  return cost("dynamoDb.storage", bytes) + (recovery ? cost("dynamoDb.recovery", bytes) : 0);
}

/** As CSV that is not compressed: packed, the same observations are an eighth and less. */
function exporting({ functions }: DeployedQuantities, cost: Cost): Line[] {
  const { reading, csv } = MEASURED;
  const { memoryMb = ONE_CPU_MB } = functions.partner ?? {};
  const share = 1e9 / csv.bytesPerRow / reading.rows;
  const seconds = ((share * reading.cpuMs) / 1000) * Math.max(1, ONE_CPU_MB / memoryMb);
  const making =
    cost("dynamoDb.reads", share * reading.readUnits) + cost("lambda.duration", seconds * (memoryMb / 1024));
  const sending = cost("cloudFront.transfer", 1e9);
  return [
    { name: "a GB exported: read, written as CSV and sent", usd: making + sending, sum: true },
    { name: "of which sending it, once more each time", usd: sending },
  ];
}
