import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { chunks } from "../../portal/store/requests.ts";

/** The queue that messages wait in until they have arrived. */
export interface MessageQueue {
  /** Resolves once all of them are in the queue; one that was already may be in it twice after a failure. */
  send(bodies: readonly string[]): Promise<void>;
  /** Lets a message that was received come again after so many milliseconds. */
  postpone(receiptHandle: string, ms: number): Promise<void>;
}

/** What one call may bring. */
const MAX_BATCH = 10;

export function sqsQueue(client: SQSClient, queueUrl: string): MessageQueue {
  return {
    send: async (bodies) => {
      for (const batch of chunks(bodies, MAX_BATCH)) {
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map((MessageBody, i) => ({ Id: `${i}`, MessageBody })),
          }),
        );
        if (Failed.length > 0) throw new Error(`the queue refused ${Failed.length} messages: ${Failed[0]?.Code}`);
      }
    },
    postpone: async (receiptHandle, ms) => {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: Math.ceil(ms / 1000),
        }),
      );
    },
  };
}
