import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

/**
 * A message that no further attempt will help. Its body is the message as it came, so that it can be sent again once
 * the cause is gone; what is wrong, and where the report lies, stands beside it.
 */
export interface DeadLetter {
  readonly body: string;
  /** Why, in one sentence. */
  readonly reason: string;
  /** `s3://bucket/key` of the report; absent where the message speaks of no upload. */
  readonly report?: string;
}

export type DeadLetterBox = (letter: DeadLetter) => Promise<void>;

/** SQS counts attributes towards the size of a message; a sentence is enough. */
const MAX_REASON = 1000;

/** The queue that also takes what was received too often. */
export function deadLetterQueue(client: SQSClient, queueUrl: string): DeadLetterBox {
  return async ({ body, reason, report }) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageAttributes: {
          reason: textAttribute(reason.slice(0, MAX_REASON)),
          ...(report === undefined ? {} : { report: textAttribute(report) }),
        },
      }),
    );
  };
}

function textAttribute(text: string) {
  return { DataType: "String", StringValue: text };
}
