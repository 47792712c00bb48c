import { Annotations } from "aws-cdk-lib";
import { Operation } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { MonthlyBudget } from "../constructs/monthly-budget.ts";
import { PortalDashboard } from "../constructs/portal-dashboard.ts";
import { ServiceAlarms } from "../constructs/service-alarms.ts";
import { TableAlarms } from "../constructs/table-alarms.ts";
import type { Environment } from "../environments.ts";
import type { ApiStack } from "./api.ts";
import { PortalStack } from "./portal-stack.ts";
import type { PublishingStack } from "./publishing.ts";

/** What the importer does to tables. */
const WRITING = [Operation.PUT_ITEM, Operation.BATCH_WRITE_ITEM, Operation.DELETE_ITEM];

/** What tells people how the portal is: one dashboard, one topic, the budget, and the alarms of tables and service. */
export class ObservabilityStack extends PortalStack {
  constructor(
    scope: Construct,
    environment: Environment,
    { api, distribution, logs }: ApiStack,
    publishing: PublishingStack,
  ) {
    super(scope, environment, "observability", "dashboard, alarms, budget");
    const { topic } = new AlarmTopic(this, "Alarms", environment);
    new MonthlyBudget(this, "Month", environment, topic.topicArn);
    new TableAlarms(this, "Catalogue", {
      environment,
      table: "catalogue",
      operations: [Operation.GET_ITEM, Operation.BATCH_GET_ITEM, Operation.QUERY, ...WRITING],
      impact:
        "Queries are answered UNAVAILABLE: without the catalogue nobody learns what the current release is. Publishing waits.",
    });
    new TableAlarms(this, "Series", {
      environment,
      table: "series",
      operations: [Operation.GET_ITEM, Operation.BATCH_GET_ITEM, Operation.QUERY, ...WRITING],
      impact:
        "Queries for series, panels and profiles are answered UNAVAILABLE; entities and lists still work. Publishing waits.",
    });
    new TableAlarms(this, "Partners", {
      environment,
      table: "partners",
      operations: [Operation.GET_ITEM, Operation.UPDATE_ITEM, Operation.QUERY, Operation.PUT_ITEM],
      impact:
        "Partners whose keys no instance remembers are answered UNAVAILABLE, and nobody is charged; others are served. Webhooks wait.",
    });
    new ServiceAlarms(this, "Service", environment);
    new PortalDashboard(this, "Dashboard", {
      environment,
      apiId: api.apiId,
      distributionId: distribution.distributionId,
      logs: { ...logs, ...publishing.logs },
    });
    if (environment.alarmAddresses.length === 0) {
      Annotations.of(this).addInfo(
        `Environment ${environment.name}: alarmAddresses is empty, so nobody is told of an alarm but who subscribes to the topic.`,
      );
    }
  }
}
