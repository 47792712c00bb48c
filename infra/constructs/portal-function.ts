import { type Duration, RemovalPolicy, type Size } from "aws-cdk-lib";
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Alias,
  Architecture,
  EventSourceMapping,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Environment, FunctionName } from "../environments.ts";
import { metricNamespace, resourceName, tableNameIn } from "../names.ts";
import type { TableName, tables } from "../tables.ts";
import { acknowledge, arnInFindings } from "./acknowledge.ts";
import { bucketArn, tableArn } from "./arns.ts";
import { bundledCode, HANDLER } from "./bundle.ts";
import { FunctionAlarms, type Pace } from "./function-alarms.ts";
import type { PortalAlarm } from "./portal-alarm.ts";
import { removalPolicyOf } from "./removal-policy.ts";

export interface PortalFunctionProps {
  readonly environment: Environment;
  readonly name: FunctionName;
  /** The entry point, from the root of the repository. */
  readonly entry: string;
  /** What breaks for whom when this function fails: whoever is woken by its alarms reads "When it fails: …". */
  readonly errorImpact: string;
  readonly pace: Pace;
  readonly timeout: Duration;
  /** One call in a hundred may take longer than this before somebody is told. */
  readonly slowAfter: Duration;
  /** The size of its `/tmp`; 512 MB unless said otherwise. */
  readonly ephemeralStorage?: Size;
  /** What it is told beside what it is bound to. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface TableBinding<T extends TableName> {
  readonly table: T;
  /** What the function does to the table itself: `dynamodb:GetItem`. Nothing, where it needs no more than its name. */
  readonly actions: readonly `dynamodb:${string}`[];
  /** The indexes that it queries. */
  readonly indexes?: readonly (keyof (typeof tables)[T]["indexes"] & string)[];
}

export interface BucketBinding {
  /** The environment variable that names the bucket. */
  readonly variable: string;
  readonly bucketName: string;
  /** The objects that it reads and writes, as patterns of their keys: `*.zip`. */
  readonly reads: readonly string[];
  readonly writes?: readonly string[];
  /** Whether it writes large objects in parts, which it has to be let abandon. */
  readonly inParts?: boolean;
  /** Why no more is known of these objects, for the auditor. */
  readonly reason: string;
}

export interface QueueBinding {
  /** The environment variable that says where the queue is. */
  readonly variable: string;
  readonly queue: IQueue;
  readonly actions: readonly `sqs:${string}`[];
}

/** The one place that decides what a function of the portal is. */
export class PortalFunction extends Construct {
  /** What is called: the version that is live. */
  readonly alias: Alias;
  readonly alarms: FunctionAlarms;
  readonly logGroup: LogGroup;
  readonly #environment: Environment;
  readonly #name: FunctionName;
  readonly #function: LambdaFunction;
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: PortalFunctionProps) {
    super(scope, id);
    const { environment, name, entry, timeout, ephemeralStorage, variables = {} } = props;
    const { memoryMb, reservedConcurrency, provisionedConcurrency } = environment.functions[name];
    this.logGroup = new LogGroup(this, "Logs", {
      retention: environment.logRetentionDays,
      removalPolicy: removalPolicyOf(environment),
    });
    this.#environment = environment;
    this.#name = name;
    this.#role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    this.logGroup.grantWrite(this.#role);
    this.#function = new LambdaFunction(this, "Function", {
      functionName: resourceName(environment, name),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: bundledCode(entry),
      handler: HANDLER,
      role: this.#role,
      memorySize: memoryMb,
      timeout,
      ...(reservedConcurrency === null ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      ...(ephemeralStorage === undefined ? {} : { ephemeralStorageSize: ephemeralStorage }),
      environment: {
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: metricNamespace(environment),
        ...variables,
      },
      logGroup: this.logGroup,
      // Every line is then an object with a level, which the alarm on logged errors counts.
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      // Versions stay, so that the alias can be moved back to any of them at once.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    acknowledge(
      this.#role,
      "AwsSolutions-IAM5[Resource::*]",
      "xray:PutTraceSegments and xray:PutTelemetryRecords, which Lambda's tracing needs, know no resources.",
    );
    this.alias = new Alias(this, "Live", {
      aliasName: "live",
      version: this.#function.currentVersion as IVersion,
      ...(provisionedConcurrency === 0 ? {} : { provisionedConcurrentExecutions: provisionedConcurrency }),
    });
    this.alarms = new FunctionAlarms(this, "Alarms", { ...props, alias: this.alias, logGroup: this.logGroup });
  }

  /** Tells the function of a table and lets it do exactly this with it, in one call: never the one without the other. */
  bindTable<T extends TableName>({ table, actions, indexes = [] }: TableBinding<T>): void {
    const arn = tableArn(this, this.#environment, table);
    this.#function.addEnvironment(`${table.toUpperCase()}_TABLE`, tableNameIn(this.#environment, table));
    this.#allow(actions, [arn]);
    this.#allow(
      ["dynamodb:Query"],
      indexes.map((index) => `${arn}/index/${index}`),
    );
  }

  /** Tells the function where a secret is and lets it read it. The secret itself is in no template and no variable. */
  bindSecret({ variable, secretArn }: { variable: string; secretArn: string }): void {
    this.#function.addEnvironment(variable, secretArn);
    this.#allow(["secretsmanager:GetSecretValue"], [secretArn]);
  }

  /**
   * Tells the function of a bucket and lets it read and write these objects in it, and learn that one is not there: S3
   * says so only to those who may list.
   */
  bindBucket({ variable, bucketName, reads, writes = [], inParts = false, reason }: BucketBinding): void {
    this.#function.addEnvironment(variable, bucketName);
    const objects = (patterns: readonly string[]) => patterns.map((pattern) => bucketArn(this, bucketName, pattern));
    this.#allow(["s3:GetObject"], objects(reads));
    this.#allow(inParts ? ["s3:PutObject", "s3:AbortMultipartUpload"] : ["s3:PutObject"], objects(writes));
    this.#allow(["s3:ListBucket"], [bucketArn(this, bucketName)]);
    for (const arn of new Set(objects([...reads, ...writes]))) {
      acknowledge(this.#role, `AwsSolutions-IAM5[Resource::${arnInFindings(arn)}]`, reason);
    }
  }

  /** Tells the function where a queue is and lets it do exactly this with it. */
  bindQueue({ variable, queue, actions }: QueueBinding): void {
    this.#function.addEnvironment(variable, queue.queueUrl);
    this.#allow(actions, [queue.queueArn]);
  }

  /** Tells the function what is known only once other parts of the portal are there. */
  tell(variable: string, value: string): void {
    this.#function.addEnvironment(variable, value);
  }

  /**
   * The live version is called so often, and somebody is told when it is not for `missedAfter`. A call that fails is not
   * made again: the next one is on its way.
   */
  callEvery(interval: Duration, missedAfter: Duration): void {
    this.alarms.watchCalls(missedAfter);
    const retries = { retryAttempts: 0, maxEventAge: interval };
    this.alias.configureAsyncInvoke(retries);
    new Rule(this, "Schedule", {
      ruleName: resourceName(this.#environment, this.#name),
      description: `Gazetteer ${this.#environment.name}: calls the function ${this.#name}`,
      schedule: Schedule.rate(interval),
      targets: [new LambdaTarget(this.alias as IFunction, retries)],
    });
  }

  /**
   * The live version is called for the messages of the queue, so many of them in a call and so many calls at a time at
   * most, and says for itself which of them it has dealt with.
   */
  takeFrom(queue: IQueue, { batch, concurrency }: { batch: number; concurrency: number }): void {
    this.#allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue.queueArn]);
    const mapping = new EventSourceMapping(this, "Messages", {
      target: this.alias as IFunction,
      eventSourceArn: queue.queueArn,
      batchSize: batch,
      maxConcurrency: concurrency,
      reportBatchItemFailures: true,
    });
    // Lambda tries the queue when it is told of it.
    mapping.node.addDependency(this.#role);
  }

  /** Traffic moves to a new version as the environment says, and back by itself when one of these alarms rings. */
  deployGradually(alarms: readonly PortalAlarm[]): void {
    const group = new LambdaDeploymentGroup(this, "Deployment", {
      alias: this.alias,
      deploymentConfig: LambdaDeploymentConfig.fromLambdaDeploymentConfigName(
        this,
        "DeploymentConfig",
        `CodeDeployDefault.Lambda${this.#environment.canary}`,
      ),
      alarms: alarms.map(({ alarm }) => alarm),
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    acknowledge(
      group.role,
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      "The policy that AWS keeps for this one purpose: CodeDeploy moves an alias and reads alarms with it.",
    );
  }

  #allow(actions: readonly string[], resources: readonly string[]): void {
    if (actions.length === 0 || resources.length === 0) return;
    this.#role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
