import { describe, expect, test } from "vitest";
import { ORIGIN_KEY_HEADER } from "../../../functions/http/origin.ts";
import { environmentNamed, environments } from "../../../infra/environments.ts";
import {
  functionIn,
  joined,
  onlyResource,
  type Resource,
  resourcesOf,
  type SynthesizedStack,
  synthesizedOnce,
} from "../synthesized.ts";

interface CodeDeployUpdate {
  readonly CodeDeployLambdaAliasUpdate: { readonly DeploymentGroupName: { readonly Ref: string } };
}

interface Behavior {
  readonly PathPattern?: string;
  readonly CachePolicyId: { readonly Ref: string };
}

interface Behaviors {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
}

interface CachePolicyConfig {
  readonly ParametersInCacheKeyAndForwardedToOrigin: { readonly QueryStringsConfig: unknown };
}

interface Origins {
  readonly Origins: { readonly OriginCustomHeaders: { HeaderName: string; HeaderValue: unknown }[] }[];
}

/** With either of them a GET proves that no form sent it: functions/graphql/http/request.ts. */
const PREFLIGHT_HEADERS = ["Apollo-Require-Preflight", "X-Apollo-Operation-Name"];

describe.for(Object.keys(environments))("the api stack of %s", (name) => {
  const environment = environmentNamed(name);
  const { api, edge } = synthesizedOnce(name).stacks;

  test.for(["graphql", "partner"] as const)(
    "moves traffic to a new %s step by step, and back when an alarm rings",
    (called) => {
      const [id] = functionIn(api, called);
      const [[, alias]] = resourcesOf(api, "AWS::Lambda::Alias").filter(
        ([, { Properties }]) => joined(Properties.FunctionName) === `<${id}>`,
      ) as [[string, Resource]];
      expect(alias.UpdatePolicy).toHaveProperty("CodeDeployLambdaAliasUpdate.DeploymentGroupName");
      const { DeploymentGroupName: group } = (alias.UpdatePolicy as CodeDeployUpdate).CodeDeployLambdaAliasUpdate;
      const { Properties } = (api as SynthesizedStack).template.Resources[group.Ref] as Resource;
      expect(Properties).toMatchObject({
        DeploymentConfigName: `CodeDeployDefault.Lambda${environment.canary}`,
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
        },
        AlarmConfiguration: { Enabled: true },
      });
      const { Alarms } = Properties.AlarmConfiguration as { Alarms: { Name: { Ref: string } }[] };
      expect(Alarms.map(({ Name }) => api?.template.Resources[Name.Ref]?.Properties.AlarmName)).toEqual(
        [`${called}-errors`, `${called}-logged-errors`, "api-failing"].map((alarm) => `gazetteer-${name}-${alarm}`),
      );
    },
  );

  test("puts an HTTP API before the version that is live, throttled and logged", () => {
    const routes = resourcesOf(api, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties);
    const aliases = resourcesOf(api, "AWS::Lambda::Alias");
    const called = new Map<unknown, string>();
    const integrations = new Map(resourcesOf(api, "AWS::ApiGatewayV2::Integration"));
    for (const { RouteKey, Target } of routes) {
      const [, id = ""] = /<(\w+)>/.exec(joined(Target)) ?? [];
      const { IntegrationUri, PayloadFormatVersion } = integrations.get(id)?.Properties ?? {};
      expect(PayloadFormatVersion).toBe("2.0");
      const alias = aliases.find(([aliasId]) => joined(IntegrationUri) === `<${aliasId}>`)?.[1];
      called.set(RouteKey, joined(alias?.Properties.FunctionName).replace(/^<(Graphql|Partner).*/, "$1"));
    }
    expect(Object.fromEntries(called)).toEqual({
      "ANY /graphql": "Graphql",
      "ANY /health": "Graphql",
      "ANY /v1/{proxy+}": "Partner",
      "ANY /catalog.jsonld": "Partner",
    });
    expect(onlyResource(api, "AWS::ApiGatewayV2::Stage").Properties).toMatchObject({
      StageName: "$default",
      DefaultRouteSettings: {
        ThrottlingRateLimit: environment.limits.requestsPerSecond,
        ThrottlingBurstLimit: environment.limits.burst,
      },
      AccessLogSettings: { Format: expect.stringContaining("$context.requestId") },
    });
    expect(onlyResource(api, "AWS::ApiGatewayV2::Api").Properties).toMatchObject({
      CorsConfiguration: {
        AllowOrigins: environment.corsOrigins,
        AllowMethods: ["GET", "POST"],
        AllowHeaders: expect.arrayContaining(PREFLIGHT_HEADERS.map((header) => header.toLowerCase())),
      },
    });
  });

  test("puts CloudFront before the API: over TLS, compressed, with the guards of browsers", () => {
    const config = onlyResource(api, "AWS::CloudFront::Distribution").Properties.DistributionConfig;
    expect(config).toMatchObject({
      DefaultCacheBehavior: { ViewerProtocolPolicy: "https-only", Compress: true },
      HttpVersion: "http2and3",
      CustomErrorResponses: [500, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
      Origins: [{ CustomOriginConfig: { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] } }],
    });
    const headers = onlyResource(api, "AWS::CloudFront::ResponseHeadersPolicy").Properties.ResponseHeadersPolicyConfig;
    expect(headers).toMatchObject({
      SecurityHeadersConfig: {
        StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, IncludeSubdomains: true, Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: "DENY" },
        ReferrerPolicy: { ReferrerPolicy: "no-referrer" },
        ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'" },
      },
      CorsConfig: { AccessControlAllowOrigins: { Items: environment.corsOrigins }, OriginOverride: true },
    });
  });

  test("lets CloudFront prove itself with a key that stands in no template", () => {
    const [[secret, { Properties }]] = resourcesOf(api, "AWS::SecretsManager::Secret") as [[string, Resource]];
    expect(Properties).toMatchObject({
      GenerateSecretString: {
        SecretStringTemplate: "{}",
        GenerateStringKey: "k1",
        PasswordLength: 43,
        ExcludePunctuation: true,
      },
    });
    expect(Properties).not.toHaveProperty("SecretString");
    const { Origins } = onlyResource(api, "AWS::CloudFront::Distribution").Properties.DistributionConfig as Origins;
    const [header, ...more] = Origins.flatMap(({ OriginCustomHeaders }) => OriginCustomHeaders);
    expect(header?.HeaderName).toBe(ORIGIN_KEY_HEADER);
    expect(joined(header?.HeaderValue)).toBe(
      `{{resolve:secretsmanager:<${secret}>:SecretString:${environment.originKey}::}}`,
    );
    expect(more).toEqual([]);
  });

  test("caches by what decides the answer, for as long as the answer says", () => {
    const policies = resourcesOf(api, "AWS::CloudFront::CachePolicy").map(
      ([id, { Properties }]) => [id, Properties.CachePolicyConfig as CachePolicyConfig] as const,
    );
    for (const [, policy] of policies) {
      expect(policy).toMatchObject({
        MinTTL: 0,
        DefaultTTL: 0,
        ParametersInCacheKeyAndForwardedToOrigin: {
          HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["Accept", "Authorization", "X-Api-Key"] },
          CookiesConfig: { CookieBehavior: "none" },
          EnableAcceptEncodingBrotli: true,
          EnableAcceptEncodingGzip: true,
        },
      });
    }
    const parameters = policies.map(([id, policy]) => [
      id,
      policy.ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig,
    ]);
    const { DefaultCacheBehavior, CacheBehaviors } = onlyResource(api, "AWS::CloudFront::Distribution").Properties
      .DistributionConfig as Behaviors;
    const keyed = ({ CachePolicyId }: Behavior) => Object.fromEntries(parameters)[CachePolicyId.Ref];
    expect(keyed(DefaultCacheBehavior)).toEqual({
      QueryStringBehavior: "whitelist",
      QueryStrings: ["query", "variables", "operationName", "extensions"],
    });
    expect(CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(["/v1/*", "/catalog.jsonld"]);
    for (const behavior of CacheBehaviors) {
      expect(keyed(behavior)).toEqual({ QueryStringBehavior: "all" });
      // In all else they are served as everything is.
      const { PathPattern: _, ...same } = { ...behavior, CachePolicyId: DefaultCacheBehavior.CachePolicyId };
      expect(same).toEqual(DefaultCacheBehavior);
    }
    const forwarded = onlyResource(api, "AWS::CloudFront::OriginRequestPolicy").Properties.OriginRequestPolicyConfig;
    expect(forwarded).toMatchObject({
      HeadersConfig: { Headers: expect.arrayContaining(["Content-Type", ...PREFLIGHT_HEADERS]) },
      CookiesConfig: { CookieBehavior: "none" },
      QueryStringsConfig: { QueryStringBehavior: "none" },
    });
    expect(JSON.stringify(forwarded)).not.toContain("Authorization");
  });

  test("has a firewall in us-east-1 where the environment wants one", () => {
    const { DistributionConfig } = onlyResource(api, "AWS::CloudFront::Distribution").Properties;
    const { WebACLId, Logging } = DistributionConfig as Record<string, unknown>;
    expect(Logging === undefined).toBe(environment.edgeLogRetentionDays === null);
    expect(edge === undefined).toBe(!environment.firewall);
    if (!environment.firewall) return expect(WebACLId).toBeUndefined();
    expect(edge?.region).toBe("us-east-1");
    expect(WebACLId).toMatchObject({
      "Fn::GetStackOutput": { StackName: `gazetteer-${name}-edge`, Region: "us-east-1" },
    });
    const { Properties } = onlyResource(edge, "AWS::WAFv2::WebACL");
    expect(Properties).toMatchObject({
      Scope: "CLOUDFRONT",
      Rules: [
        {
          Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
          Statement: {
            RateBasedStatement: { AggregateKeyType: "IP", Limit: environment.limits.requestsPerAddress },
          },
        },
        { Name: "AWSManagedRulesAmazonIpReputationList", OverrideAction: { None: {} } },
        { Name: "AWSManagedRulesKnownBadInputsRuleSet", OverrideAction: { None: {} } },
        { Name: "AWSManagedRulesCommonRuleSet", OverrideAction: { None: {} } },
      ],
    });
  });
});
