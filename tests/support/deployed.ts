import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { dynamoDbClient } from "../../functions/dynamodb-client.ts";
import { type LocalDynamoDb, startDynamoDb } from "../../local/dynamodb.ts";
import { serve } from "../../local/http.ts";
import { startS3 } from "../../local/s3.ts";
import type { Synthesized } from "../infra/synthesized.ts";
import { type DeployedAws, type RecordedAct, startDeployedAws } from "./deployed-aws.ts";
import { notifyQueues } from "./deployed-buckets.ts";
import { originHeaders, passingOf, secretsIn } from "./deployed-edge.ts";
import { type DeployedFunction, startFunction } from "./deployed-function.ts";
import { type Grant, grantsByRole } from "./deployed-policies.ts";
import { connectQueues, type DeployedQueues } from "./deployed-queues.ts";
import { routesOf } from "./deployed-routes.ts";
import { ring } from "./deployed-schedules.ts";
import { engineService, objectService, queueService, secretService } from "./deployed-services.ts";
import { type Deployed, DeployedTemplates } from "./deployed-templates.ts";

/** An environment out of `cdk.out`, as it runs on this machine. */
export interface DeployedPortal {
  /** Of the HTTP API itself, past CloudFront. */
  readonly url: string;
  /** Sends a request as CloudFront passes it on: what its policies do not name is left behind. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  readonly templates: DeployedTemplates;
  /** The route keys of the HTTP API. */
  readonly routes: readonly string[];
  readonly functions: readonly DeployedFunction[];
  readonly queues: DeployedQueues;
  /** Secrets by their ARNs. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Calls the function of a schedule, as EventBridge does when its time has come; gives its answer. */
  readonly ring: (schedule: string) => Promise<unknown>;
  /** Where functions find AWS. */
  readonly awsEndpoint: string;
  /** What functions did to what, and whether they were let. */
  readonly acts: readonly RecordedAct[];
  /** What functions may do, by their names. */
  readonly grants: ReadonlyMap<string, readonly Grant[]>;
  readonly onAct: DeployedAws["onAct"];
  /** On the buckets, past all permissions: whoever uploads is no function. */
  readonly s3: S3Client;
  /** On the tables, likewise. */
  readonly dynamoDb: DynamoDBClient;
  close(): Promise<void>;
}

/**
 * What of the template's variables cannot be kept here: nothing has to settle on the embedded engine, and the receivers
 * of webhooks stand on this machine.
 */
const LOCAL_VARIABLES = { SETTLE_MS: "0", WEBHOOKS_ALLOW_LOCAL: "true" };

/**
 * Brings up what was synthesized: tables from the templates' definitions on the embedded DynamoDB, buckets on the
 * embedded S3, queues, secrets, every function from its bundled asset in a process of its own under the policies of its
 * role, and the routes of the HTTP API in front.
 *
 * @throws Error that names whatever in the templates nothing stands for here.
 */
export async function deploy(synthesized: Synthesized): Promise<DeployedPortal> {
  const folder = await mkdtemp(join(tmpdir(), "gazetteer-deployed-"));
  const aws = await startDeployedAws();
  const templates = new DeployedTemplates(synthesized, { sqs: aws.endpoint });
  const buckets = templates.resources("AWS::S3::Bucket").map(({ ref }) => ref);
  const [database, storage] = await Promise.all([startDynamoDb(), startS3({ buckets, dataDir: folder })]);
  await createTables(templates, database);

  const secrets = secretsIn(templates);
  const resources = portalFunctions(templates);
  const byRole = grantsByRole(templates);
  const grants = new Map(resources.map((each) => [nameOf(each), byRole.get(roleOf(each)) ?? []]));
  aws.allow(grants);
  let queues: DeployedQueues | undefined;
  aws.serve({
    dynamodb: engineService(database.endpoint, true),
    s3: objectService(storage.endpoint),
    secretsmanager: secretService(secrets),
    sqs: queueService({
      send: (queue, message) => queues?.send(queue, message),
      postpone: (queue, receiptHandle) => queues?.postpone(queue, receiptHandle),
    }),
  });
  const functions = await Promise.all(
    resources.map((each) => {
      lambdaActs(each, templates, aws);
      return startFunction(each, {
        assets: synthesized.directory,
        variables: { ...LOCAL_VARIABLES, ...runtimeVariables(each, aws.endpoint), TMPDIR: folder },
      });
    }),
  );
  const functionOf = (arn: string) => {
    const found = functions.find(({ name }) => new RegExp(`(^|:)${name}(:|$)`).test(arn));
    if (!found) throw new Error(`there is no function ${arn}`);
    return found;
  };
  queues = connectQueues(templates, functionOf, aws);
  storage.onEvent(notifyQueues(templates, (queue, body) => queues.send(queue, { body, attributes: {} })));
  const routes = routesOf(templates, functionOf);
  const server = await serve({ routes, port: 0 });
  const edge = originHeaders(templates, secrets);
  const passing = passingOf(templates);
  const request = (path: string, init: RequestInit = {}) => {
    const passed = passing(path, new Headers(init.headers));
    return fetch(server.url + passed.path, { ...init, headers: { ...Object.fromEntries(passed.headers), ...edge } });
  };
  const s3 = new S3Client(storage.clientConfig);
  const dynamoDb = dynamoDbClient(database.clientConfig);
  return {
    ...{ url: server.url, request, templates, routes: Object.keys(routes), functions, queues, grants, s3, dynamoDb },
    ...{ secrets, ring: (schedule) => ring(templates, functionOf, schedule) },
    ...{ awsEndpoint: aws.endpoint, acts: aws.acts, onAct: aws.onAct },
    close: async () => {
      await server.close();
      await queues.close();
      await Promise.all(functions.map((each) => each.close()));
      s3.destroy();
      dynamoDb.destroy();
      await Promise.all([database.close(), storage.close(), aws.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createTables(templates: DeployedTemplates, database: LocalDynamoDb): Promise<void> {
  const client = dynamoDbClient(database.clientConfig);
  for (const { properties } of templates.resources("AWS::DynamoDB::GlobalTable")) {
    const { TableName, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode } = properties;
    const input = { TableName, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode };
    await client.send(new CreateTableCommand(input as CreateTableCommandInput));
  }
  client.destroy();
}

/** The functions that bear a name of ours; the CDK's own helpers do not. */
function portalFunctions(templates: DeployedTemplates): Deployed[] {
  return templates.resources("AWS::Lambda::Function").filter(({ properties }) => properties.FunctionName !== undefined);
}

function nameOf({ properties }: Deployed): string {
  return String(properties.FunctionName);
}

function roleOf({ properties }: Deployed): string {
  return String(properties.Role).split("/").at(-1) ?? "";
}

/** What Lambda sets: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html. The access key says who calls. */
function runtimeVariables(resource: Deployed, endpoint: string): Record<string, string> {
  const [, , , region = ""] = resource.arn.split(":");
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: nameOf(resource),
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_ENDPOINT_URL: endpoint,
    // A checksum behind a streamed body would make it `aws-chunked`, which the embedded S3 stores as it comes.
    AWS_REQUEST_CHECKSUM_CALCULATION: "WHEN_REQUIRED",
  };
}

/** What Lambda does with a function's role when the function starts: it writes the log, and traces. */
function lambdaActs(resource: Deployed, templates: DeployedTemplates, aws: DeployedAws): void {
  const { LoggingConfig, TracingConfig } = resource.properties as Record<string, Record<string, string> | undefined>;
  const log = templates.resources("AWS::Logs::LogGroup").find(({ ref }) => ref === LoggingConfig?.LogGroup);
  for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"]) {
    aws.act(nameOf(resource), { action, resource: log?.arn ?? "*" });
  }
  if (TracingConfig?.Mode !== "Active") return;
  for (const action of ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]) {
    aws.act(nameOf(resource), { action, resource: "*" });
  }
}
