import type { S3Event } from "aws-lambda";
import type { DeployedTemplates } from "./deployed-templates.ts";

/** One notification that a bucket is to send to a queue. */
interface Subscription {
  readonly bucket: string;
  readonly queue: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

interface QueueConfiguration {
  readonly Event?: string;
  readonly Events?: readonly string[];
  readonly Queue?: string;
  readonly QueueArn?: string;
  readonly Filter?: { readonly S3Key?: Rules; readonly Key?: { readonly FilterRules?: readonly Rule[] } };
}

interface Rules {
  readonly Rules?: readonly Rule[];
}

interface Rule {
  readonly Name: string;
  readonly Value: string;
}

/** A bucket may notify a queue only where the queue's own policy lets S3 send. */
interface QueuePolicy {
  readonly Queues: readonly string[];
  readonly PolicyDocument: { readonly Statement: readonly { Effect: string; Action: unknown; Principal?: unknown }[] };
}

/** Sends the events of the embedded S3 to the queues that the templates' buckets notify. */
export function notifyQueues(
  templates: DeployedTemplates,
  send: (queue: string, body: string) => void,
): (event: S3Event) => void {
  const subscriptions = subscriptionsIn(templates);
  return (event) => {
    for (const record of event.Records) {
      const { bucket, object } = record.s3;
      const wanted = subscriptions.filter(
        ({ bucket: from, events, prefix, suffix }) =>
          from === bucket.name &&
          events.some((name) => matches(name, record.eventName)) &&
          object.key.startsWith(prefix) &&
          object.key.endsWith(suffix),
      );
      for (const { queue } of wanted) send(queue, JSON.stringify({ Records: [record] }));
    }
  };
}

/** As the bucket's own property says it, and as the CDK's custom resource says it. */
function subscriptionsIn(templates: DeployedTemplates): Subscription[] {
  const own = templates.resources("AWS::S3::Bucket").map(({ ref, properties }) => ({
    bucket: ref,
    configuration: properties.NotificationConfiguration,
  }));
  const custom = templates.resources("Custom::S3BucketNotifications").map(({ properties }) => ({
    bucket: String(properties.BucketName),
    configuration: properties.NotificationConfiguration,
  }));
  return [...own, ...custom].flatMap(({ bucket, configuration = {} }) => {
    const { QueueConfigurations = [], ...others } = configuration as { QueueConfigurations?: QueueConfiguration[] };
    if (Object.keys(others).length > 0) throw new Error(`${bucket} notifies what nothing stands for here`);
    return QueueConfigurations.map((each) => subscriptionOf(templates, bucket, each));
  });
}

function subscriptionOf(templates: DeployedTemplates, bucket: string, configuration: QueueConfiguration): Subscription {
  const { Event, Events = [Event ?? ""], Queue, QueueArn = Queue ?? "", Filter } = configuration;
  const rules = Filter?.S3Key?.Rules ?? Filter?.Key?.FilterRules ?? [];
  const rule = (name: string) => rules.find(({ Name }) => Name.toLowerCase() === name)?.Value ?? "";
  const queue = QueueArn.split(":").at(-1) ?? "";
  if (!takesFromS3(templates, queue)) throw new Error(`the policy of ${queue} does not let S3 send to it`);
  return { bucket, queue, events: Events, prefix: rule("prefix"), suffix: rule("suffix") };
}

function takesFromS3(templates: DeployedTemplates, queue: string): boolean {
  const policies = templates
    .resources("AWS::SQS::QueuePolicy")
    .map(({ properties }) => properties as unknown as QueuePolicy);
  return policies
    .filter(({ Queues }) => Queues.some((url) => url.endsWith(`/${queue}`)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .some(
      ({ Effect, Action, Principal }) =>
        Effect === "Allow" &&
        [Action].flat().includes("sqs:SendMessage") &&
        JSON.stringify(Principal ?? "").includes("s3.amazonaws.com"),
    );
}

/** `s3:ObjectCreated:*` takes `ObjectCreated:Put`. */
function matches(subscribed: string, eventName: string): boolean {
  const name = subscribed.replace(/^s3:/, "");
  return name.endsWith("*") ? eventName.startsWith(name.slice(0, -1)) : eventName === name;
}
