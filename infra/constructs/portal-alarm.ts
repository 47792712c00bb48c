import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { resourceName } from "../names.ts";
import { alarmTopicArn } from "./arns.ts";

export interface PortalAlarmProps {
  readonly environment: Environment;
  /** The heading under which docs/operations.md says what to do: `graphql-errors`. */
  readonly name: string;
  readonly metric: IMetric;
  /** Rings when the metric is above this, or where there should always be something, when there is nothing … */
  readonly above: number | "silent";
  /** … in so many of the last periods. */
  readonly periods: readonly [breaching: number, of: number];
  /** What happened, as a sentence. */
  readonly meaning: string;
  /** What breaks for whom, as a sentence. */
  readonly impact: string;
}

/** Metrics of AWS are silent when nobody calls. */
const LOUD = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.NOT_BREACHING,
};

const SILENT = {
  threshold: 1,
  comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.BREACHING,
};

/** An alarm that says in its own words what happened, who suffers and where to read on. */
export class PortalAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: PortalAlarmProps) {
    super(scope, id);
    const { environment, name, metric, above, periods, meaning, impact } = props;
    const [datapointsToAlarm, evaluationPeriods] = periods;
    this.alarm = new Alarm(this, "Alarm", {
      alarmName: resourceName(environment, name),
      alarmDescription: `${meaning} ${impact} What to do: docs/operations.md, ${name}.`,
      metric,
      ...(above === "silent" ? SILENT : { ...LOUD, threshold: above }),
      datapointsToAlarm,
      evaluationPeriods,
    });
    const action = new SnsAction(Topic.fromTopicArn(this, "Topic", alarmTopicArn(this, environment)));
    this.alarm.addAlarmAction(action);
    this.alarm.addOkAction(action);
  }
}
