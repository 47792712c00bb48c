import { CfnWebACL } from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { resourceName } from "../names.ts";

/**
 * Rules of the common group that only count. They are made for forms: GraphQL requests are longer than 2 KB in a URL
 * or 8 KB in a body, and partners' scripts have no User-Agent. The function bounds bodies itself.
 */
const COUNTED = ["SizeRestrictions_QUERYSTRING", "SizeRestrictions_BODY", "NoUserAgent_HEADER"];

/** The web ACL for CloudFront; it has to stand in us-east-1. */
export class Firewall extends Construct {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const name = resourceName(environment, "firewall");
    const webAcl = new CfnWebACL(this, "WebAcl", {
      name,
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      // What its metrics name as `WebACL`, which tells environments apart; `All` is reserved.
      visibilityConfig: visibility(name),
      rules: [
        rateRule(environment.limits.requestsPerAddress),
        managedRules(1, "AWSManagedRulesAmazonIpReputationList"),
        managedRules(2, "AWSManagedRulesKnownBadInputsRuleSet"),
        managedRules(3, "AWSManagedRulesCommonRuleSet", COUNTED),
      ],
    });
    this.webAclArn = webAcl.attrArn;
  }
}

/** An address that sends more than this in five minutes is blocked until it sends less. */
function rateRule(limit: number): CfnWebACL.RuleProperty {
  return {
    name: "requests-per-address",
    priority: 0,
    action: { block: { customResponse: { responseCode: 429 } } },
    statement: { rateBasedStatement: { limit, aggregateKeyType: "IP", evaluationWindowSec: 300 } },
    visibilityConfig: visibility("requests-per-address"),
  };
}

function managedRules(priority: number, name: string, counted: readonly string[] = []): CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  };
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
