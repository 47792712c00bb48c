import type { Environment } from "../../infra/environments.ts";

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
}

type Properties = Readonly<Record<string, unknown>>;

/** How much there is in an environment of what AWS charges for, as its templates say. */
export interface DeployedQuantities {
  readonly alarmMetrics: number;
  readonly dashboards: number;
  /** Copies in other regions included. */
  readonly secrets: number;
  readonly webAcls: number;
  readonly webAclRules: number;
  readonly metricFilters: number;
  /** Calls a month by schedule, by the name of the function. */
  readonly scheduledCalls: Readonly<Record<string, number>>;
  /** Queues that wake a function. */
  readonly polledQueues: number;
  /** Memory of all instances that are kept warm, in GB. */
  readonly warmGb: number;
  /** Copies of every table in other regions. */
  readonly replicas: number;
  readonly recovery: boolean;
  readonly functions: Readonly<Record<string, { readonly memoryMb: number; readonly extraDiskGb: number }>>;
}

export function quantitiesOf({ name }: Environment, templates: readonly Template[]): DeployedQuantities {
  const all = (type: string): Properties[] =>
    templates.flatMap(({ Resources }) =>
      Object.values(Resources).flatMap((resource) => (resource.Type === type ? [resource.Properties ?? {}] : [])),
    );
  const functions = all("AWS::Lambda::Function").map((properties) => {
    const { Size = 512 } = (properties.EphemeralStorage ?? {}) as { Size?: number };
    const size = { memoryMb: Number(properties.MemorySize), extraDiskGb: (Size - 512) / 1024 };
    return [String(properties.FunctionName).replace(`gazetteer-${name}-`, ""), size] as const;
  });
  const tables = all("AWS::DynamoDB::GlobalTable").map(({ Replicas }) => Replicas as TableReplica[]);
  return {
    alarmMetrics: total(all("AWS::CloudWatch::Alarm").map(metricsOf)),
    dashboards: all("AWS::CloudWatch::Dashboard").length,
    secrets: total(all("AWS::SecretsManager::Secret").map(({ ReplicaRegions = [] }) => 1 + lengthOf(ReplicaRegions))),
    webAcls: all("AWS::WAFv2::WebACL").length,
    webAclRules: total(all("AWS::WAFv2::WebACL").map(({ Rules }) => lengthOf(Rules))),
    metricFilters: all("AWS::Logs::MetricFilter").length,
    scheduledCalls: Object.fromEntries(
      all("AWS::Events::Rule").map(({ Name, ScheduleExpression }) => [
        String(Name).replace(`gazetteer-${name}-`, ""),
        MINUTES_A_MONTH / minutesOf(String(ScheduleExpression)),
      ]),
    ),
    polledQueues: all("AWS::Lambda::EventSourceMapping").length,
    warmGb: total(templates.flatMap(warmGbIn)),
    replicas: Math.max(...tables.map(({ length }) => length - 1)),
    recovery: tables
      .flat()
      .some(({ PointInTimeRecoverySpecification: recovery }) => recovery?.PointInTimeRecoveryEnabled),
    functions: Object.fromEntries(functions),
  };
}

const MINUTES_A_MONTH = 730 * 60;

/** `rate(5 minutes)`. */
function minutesOf(rate: string): number {
  const minutes = /^rate\((\d+) minutes?\)$/.exec(rate)?.[1];
  if (minutes === undefined) throw new Error(`a schedule is not understood here: ${rate}`);
  return Number(minutes);
}

interface TableReplica {
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled?: boolean };
}

/** An alarm on an expression watches every metric in it. */
function metricsOf({ Metrics = [] }: Properties): number {
  return Math.max(1, (Metrics as { MetricStat?: unknown }[]).filter(({ MetricStat }) => MetricStat).length);
}

function warmGbIn({ Resources }: Template): number[] {
  return Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Alias")
    .map(({ Properties = {} }) => {
      const { ProvisionedConcurrencyConfig, FunctionName } = Properties as unknown as Alias;
      const instances = ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0;
      return (instances * Number(Resources[FunctionName.Ref]?.Properties?.MemorySize)) / 1024;
    });
}

interface Alias {
  readonly FunctionName: { readonly Ref: string };
  readonly ProvisionedConcurrencyConfig?: { readonly ProvisionedConcurrentExecutions: number };
}

function lengthOf(list: unknown): number {
  return (list as readonly unknown[]).length;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0);
}
