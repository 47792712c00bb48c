import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { portalTag, resourceName } from "../names.ts";

/** Tells when the environment costs more than it should: at four fifths of the month's budget, and when it will pass it. */
export class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, environment: Environment, topicArn: string) {
    super(scope, id);
    const subscribers = [{ subscriptionType: "SNS", address: topicArn }];
    new CfnBudget(this, "Budget", {
      budget: {
        budgetName: resourceName(environment, "month"),
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: environment.monthlyBudgetUsd, unit: "USD" },
        costFilters: { TagKeyValue: [`user:portal$${portalTag(environment)}`] },
      },
      notificationsWithSubscribers: [
        {
          notification: { notificationType: "ACTUAL", comparisonOperator: "GREATER_THAN", threshold: 80 },
          subscribers,
        },
        {
          notification: { notificationType: "FORECASTED", comparisonOperator: "GREATER_THAN", threshold: 100 },
          subscribers,
        },
      ],
    });
  }
}
