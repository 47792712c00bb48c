import type { Resource } from "../infra/synthesized.ts";

/** Where resources stand: what CloudFormation's pseudo parameters say. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly stack: string;
}

/** What `Ref` and `Fn::GetAtt` give for one resource. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where queues are called: a queue's URL is what its `Ref` gives. */
export interface Endpoints {
  readonly sqs: string;
}

type Naming = (name: string, place: Place, endpoints: Endpoints) => Identity;

/** The property in which a resource says how it wants to be called. */
const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::GlobalTable": "TableName",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::Events::EventBus": "Name",
  "AWS::Events::Rule": "Name",
  "AWS::IAM::Role": "RoleName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::S3::Bucket": "BucketName",
  "AWS::SNS::Topic": "TopicName",
  "AWS::SQS::Queue": "QueueName",
  "AWS::SecretsManager::Secret": "Name",
};

const table: Naming = (name, place) => ({
  ref: name,
  attributes: {
    Arn: arn(place, "dynamodb", `table/${name}`),
    StreamArn: arn(place, "dynamodb", `table/${name}/stream/1`),
  },
});

/** Return values of CloudFormation's resource reference, for the types whose names reach functions and policies. */
const NAMINGS: Readonly<Record<string, Naming>> = {
  "AWS::CloudFront::Distribution": (name) => ({
    ref: name,
    attributes: { DomainName: `${name.toLowerCase()}.cloudfront.net` },
  }),
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::DynamoDB::Table": table,
  "AWS::Events::Rule": (name, place) => ({ ref: name, attributes: { Arn: arn(place, "events", `rule/${name}`) } }),
  "AWS::IAM::Role": (name, { account }) => ({
    ref: name,
    attributes: { Arn: `arn:aws:iam::${account}:role/${name}` },
  }),
  "AWS::Lambda::Function": (name, place) => ({
    ref: name,
    attributes: { Arn: arn(place, "lambda", `function:${name}`) },
  }),
  "AWS::Logs::LogGroup": (name, place) => ({
    ref: name,
    attributes: { Arn: arn(place, "logs", `log-group:${name}:*`) },
  }),
  "AWS::S3::Bucket": (name, { region }) => ({
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
  }),
  "AWS::SNS::Topic": (name, place) => ({
    ref: arn(place, "sns", name),
    attributes: { TopicArn: arn(place, "sns", name), TopicName: name },
  }),
  "AWS::SQS::Queue": (name, place, { sqs }) => ({
    ref: `${sqs}/${place.account}/${name}`,
    attributes: {
      Arn: arn(place, "sqs", name),
      QueueName: name,
      QueueUrl: `${sqs}/${place.account}/${name}`,
    },
  }),
  "AWS::SecretsManager::Secret": (name, place) => ({
    ref: arn(place, "secretsmanager", `secret:${name}-AbCdEf`),
    attributes: { Id: arn(place, "secretsmanager", `secret:${name}-AbCdEf`) },
  }),
};

/** What a resource is called: as it says, or as CloudFormation would make up from stack and logical id. */
export function identityOf(
  logicalId: string,
  { Type, Properties = {} }: Resource,
  place: Place,
  endpoints: Endpoints,
  resolve: (value: unknown) => unknown,
): Identity {
  const wanted = resolve(Properties[NAME_PROPERTIES[Type] ?? ""]);
  const madeUp = `${place.stack}-${logicalId}`;
  const name = wanted === undefined ? (Type === "AWS::S3::Bucket" ? bucketName(madeUp) : madeUp) : String(wanted);
  return NAMINGS[Type]?.(name, place, endpoints) ?? { ref: name, attributes: {} };
}

function arn({ account, region }: Place, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** Names of buckets are in lower case and have at most 63 characters. */
function bucketName(madeUp: string): string {
  return madeUp.toLowerCase().slice(-63).replace(/^-+/, "");
}
