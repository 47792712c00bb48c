import type { SQSBatchResponse } from "aws-lambda";
import { LocalQueue } from "../../local/queue.ts";
import type { DeployedAws } from "./deployed-aws.ts";
import type { DeployedFunction } from "./deployed-function.ts";
import type { SentMessage } from "./deployed-services.ts";
import type { Deployed, DeployedTemplates } from "./deployed-templates.ts";

/** A message that comes again does so after as many milliseconds; on AWS after the queue's visibility timeout. */
const REDELIVER_AFTER_MS = 20;

/** The queues of the templates, each with the function that its event source mapping feeds. */
export interface DeployedQueues {
  send(queue: string, message: SentMessage): void;
  /** Lets a message that is under way come again later than the others of its queue: here at once, like all of them. */
  postpone(queue: string, receiptHandle: string): void;
  /** What lies in a queue that no function reads, and what was moved there because it was received too often. */
  messagesIn(queue: string): readonly SentMessage[];
  /** Resolves once every message that a function is to get is dealt with. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface Mapping {
  readonly EventSourceArn: string;
  readonly FunctionName: string;
  readonly FunctionResponseTypes?: readonly string[];
}

interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** What Lambda asks of a queue for a mapping: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const POLLING = ["sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage"];

export function connectQueues(
  templates: DeployedTemplates,
  functions: (arn: string) => DeployedFunction,
  aws: DeployedAws,
): DeployedQueues {
  const resources = templates.resources("AWS::SQS::Queue");
  const kept = new Map<string, SentMessage[]>(resources.map((queue) => [nameOf(queue), []]));
  const fed = new Map<string, LocalQueue>();
  for (const { properties } of templates.resources("AWS::Lambda::EventSourceMapping")) {
    const mapping = properties as unknown as Mapping;
    const source = resources.find(({ arn }) => arn === mapping.EventSourceArn);
    if (!source) throw new Error(`nothing here stands for the event source ${mapping.EventSourceArn}`);
    fed.set(nameOf(source), feed(source, mapping, functions(mapping.FunctionName), aws));
  }
  const deadLettersFor = (queue: string): SentMessage[] =>
    resources
      .filter(({ properties }) => redriveOf(properties)?.deadLetterTargetArn.endsWith(`:${queue}`))
      .flatMap((source) => fed.get(nameOf(source))?.deadLetters ?? [])
      .map(({ body }) => ({ body, attributes: {} }));
  return {
    send: (queue, message) => {
      const messages = kept.get(queue);
      if (!messages) throw new Error(`there is no queue ${queue}`);
      const local = fed.get(queue);
      if (local) local.send(message.body);
      else messages.push(message);
    },
    postpone: (queue, receiptHandle) => fed.get(queue)?.changeVisibility(receiptHandle, REDELIVER_AFTER_MS),
    messagesIn: (queue) => [...(kept.get(queue) ?? []), ...deadLettersFor(queue)],
    idle: async () => void (await Promise.all([...fed.values()].map((queue) => queue.idle()))),
    close: async () => void (await Promise.all([...fed.values()].map((queue) => queue.close()))),
  };
}

/** One message at a time: a batch would be answered for message by message all the same. */
function feed(source: Deployed, mapping: Mapping, target: DeployedFunction, aws: DeployedAws): LocalQueue {
  const { maxReceiveCount = Number.POSITIVE_INFINITY } = redriveOf(source.properties) ?? {};
  const partial = mapping.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false;
  return new LocalQueue({
    deliver: async (event) => {
      const mayPoll = POLLING.map((action) => aws.act(target.name, { action, resource: source.arn }));
      if (!mayPoll.every(Boolean)) throw new Error(`${target.name} may not poll ${source.ref}`);
      const answer = (await target.invoke(event)) as SQSBatchResponse | null;
      return partial && answer ? answer : { batchItemFailures: [] };
    },
    maxReceives: maxReceiveCount,
    redeliverAfterMs: REDELIVER_AFTER_MS,
    concurrency: 1,
  });
}

function nameOf({ ref }: Deployed): string {
  return ref.split("/").at(-1) ?? "";
}

function redriveOf(properties: Deployed["properties"]): Redrive | undefined {
  return properties.RedrivePolicy as Redrive | undefined;
}
