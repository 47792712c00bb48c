import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { resourceName } from "../names.ts";
import { PortalAlarm } from "./portal-alarm.ts";

export interface MessagesProps {
  readonly environment: Environment;
  /** Also the beginning of the alarms' names. */
  readonly name: string;
  /** How long a message that was taken stays out of sight of others. */
  readonly outOfSight: Duration;
  /** How often a message is taken before it is given up. */
  readonly maxReceives: number;
  /** Longer than this no message should wait. */
  readonly waitsAtMost: Duration;
  /** What happened, as sentences: a message was given up; one waits for too long. */
  readonly givenUp: string;
  readonly late: string;
  /** Who suffers, as a sentence. */
  readonly impact: string;
}

/** The longest that SQS keeps a message. */
const KEPT = Duration.days(14);

/** A queue, where messages go that no attempt will help, and who is told. */
export class Messages extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: MessagesProps) {
    super(scope, id);
    const { environment, name, outOfSight, maxReceives } = props;
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: KEPT } as const;
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...common,
      queueName: resourceName(environment, `${name}-dead-letters`),
    });
    this.queue = new Queue(this, "Queue", {
      ...common,
      queueName: resourceName(environment, name),
      visibilityTimeout: outOfSight,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceives },
    });
    this.#watch(props);
  }

  #watch({ environment, name, waitsAtMost, givenUp, late, impact }: MessagesProps): void {
    const period = Duration.minutes(5);
    new PortalAlarm(this, "DeadLetter", {
      ...{ environment, impact },
      name: `${name}-dead-letters`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
      above: 0,
      periods: [1, 1],
      meaning: givenUp,
    });
    new PortalAlarm(this, "Waiting", {
      ...{ environment, impact },
      name: `${name}-waiting`,
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period, statistic: "Maximum" }),
      above: waitsAtMost.toSeconds(),
      periods: [1, 1],
      meaning: late,
    });
  }
}
