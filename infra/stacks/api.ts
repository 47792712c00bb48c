import { CfnOutput, Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Distribution } from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import { DomainRecords } from "../constructs/domain-records.ts";
import { DUMPS } from "../constructs/dumps.ts";
import { Edge } from "../constructs/edge.ts";
import { PortalHttpApi } from "../constructs/http-api.ts";
import { OriginKeys } from "../constructs/origin-keys.ts";
import { PortalFunction } from "../constructs/portal-function.ts";
import type { Environment } from "../environments.ts";
import type { DataStack } from "./data.ts";
import { PortalStack } from "./portal-stack.ts";

export interface ApiStackProps {
  readonly data: DataStack;
  readonly webAclArn: string | undefined;
}

/** What answers requests: CloudFront, the HTTP API, the functions for client apps and for partners. */
export class ApiStack extends PortalStack {
  readonly api: HttpApi;
  readonly distribution: Distribution;
  /** The address that clients use, without a slash at its end. */
  readonly url: string;
  /** Names of log groups, by what writes there. */
  readonly logs: Readonly<Record<string, string>>;

  constructor(scope: Construct, environment: Environment, { data, webAclArn }: ApiStackProps) {
    super(scope, environment, "api", "CloudFront, HTTP API, functions");
    const originKeys = new OriginKeys(this, "OriginKeys", environment);
    const graphql = this.#addGraphql(environment);
    const partner = this.#addPartner(environment, data);
    for (const answering of [graphql, partner]) {
      // A key is looked up, its bucket charged; keys are made and ended by people, with the command line.
      answering.bindTable({ table: "partners", actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"] });
      answering.bindSecret({ variable: "CURSOR_KEYS_SECRET", secretArn: data.cursorKeys.secretArn });
      answering.bindSecret({ variable: "ORIGIN_KEYS_SECRET", secretArn: originKeys.secretArn });
    }

    const { accessLogs, api, failing } = new PortalHttpApi(this, "Http", {
      environment,
      routes: { "/graphql": graphql, "/health": graphql, "/v1/{proxy+}": partner, "/catalog.jsonld": partner },
    });
    for (const each of [graphql, partner])
      each.deployGradually([each.alarms.errors, each.alarms.loggedErrors, failing]);
    const { distribution } = new Edge(this, "Edge", { environment, api, originKey: originKeys.sent, webAclArn });
    if (environment.domain?.hostedZone) new DomainRecords(this, "Domain", environment.domain, distribution);
    this.url = `https://${environment.domain?.name ?? distribution.distributionDomainName}`;
    partner.tell("PORTAL_URL", this.url);

    new CfnOutput(this, "Endpoint", { value: `${this.url}/graphql`, description: "Where clients send queries" });
    new CfnOutput(this, "PartnerEndpoint", { value: `${this.url}/v1`, description: "Where partners pull" });
    new CfnOutput(this, "DistributionId", { value: distribution.distributionId, description: "For invalidations" });
    new CfnOutput(this, "GraphqlLogs", { value: graphql.logGroup.logGroupName, description: "For aws logs tail" });
    new CfnOutput(this, "PartnerLogs", { value: partner.logGroup.logGroupName, description: "For aws logs tail" });
    new CfnOutput(this, "OriginKeysSecret", { value: originKeys.secretName, description: "For rotation" });
    this.api = api;
    this.distribution = distribution;
    this.logs = {
      graphql: graphql.logGroup.logGroupName,
      partner: partner.logGroup.logGroupName,
      "requests to the API": accessLogs.logGroupName,
    };
  }

  #addGraphql(environment: Environment): PortalFunction {
    const graphql = new PortalFunction(this, "Graphql", {
      ...answering(environment),
      name: "graphql",
      entry: "functions/graphql/handler.ts",
      errorImpact: "nobody gets an answer from the portal but those whom CloudFront's cache can serve.",
      variables: {
        HEAD_MAX_AGE_MS: `${environment.headMaxAgeMs}`,
        INTROSPECTION: `${environment.introspection}`,
        TRUSTED_DOCUMENTS_ONLY: `${environment.trustedDocumentsOnly}`,
      },
    });
    graphql.bindTable({
      table: "catalogue",
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
      indexes: ["byRegion", "byKind", "byParent", "byName"],
    });
    graphql.bindTable({
      table: "series",
      actions: ["dynamodb:Query"],
      indexes: ["bySubject", "byTopic", "byPlace"],
    });
    return graphql;
  }

  #addPartner(environment: Environment, { dumps }: DataStack): PortalFunction {
    const { publishedBy: by } = environment;
    const partner = new PortalFunction(this, "Partner", {
      ...answering(environment),
      name: "partner",
      entry: "functions/partner/handler.ts",
      errorImpact: "partners cannot pull, and mirrors fall behind; client apps are served.",
      variables: {
        HEAD_MAX_AGE_MS: `${environment.headMaxAgeMs}`,
        ...(by && {
          CATALOGUE_TITLE: by.catalogueTitle,
          PUBLISHER_NAME: by.name,
          PUBLISHER_URL: by.url,
          LICENCE_URL: by.licence,
        }),
      },
    });
    partner.bindTable({
      table: "catalogue",
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
      indexes: ["byRegion", "byKind", "byParent", "byName"],
    });
    partner.bindTable({ table: "series", actions: [], indexes: ["bySubject", "byPlace"] });
    // It reads manifests; what it signs links to, whoever follows them reads with its rights.
    partner.bindBucket({
      variable: "DUMP_BUCKET",
      bucketName: dumps.bucketName,
      reads: [DUMPS],
      reason: "Every dump is for everybody, and each release brings one under its own number.",
    });
    return partner;
  }
}

function answering(environment: Environment) {
  return {
    environment,
    pace: "all the time",
    // Requests are given ten seconds for the store; what is left is for a cold start and the answer.
    timeout: Duration.seconds(15),
    slowAfter: Duration.seconds(2),
  } as const;
}
