import { Duration, Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { resourceName } from "../names.ts";
import { acknowledge } from "./acknowledge.ts";
import { EdgeLogs } from "./edge-logs.ts";
import { ORIGIN_KEY_HEADER } from "./origin-keys.ts";
import { securityHeaders } from "./security-headers.ts";

export interface EdgeProps {
  readonly environment: Environment;
  readonly api: HttpApi;
  /** The key in which functions recognize CloudFront. */
  readonly originKey: string;
  /** The web ACL in front; none where the environment has no firewall. */
  readonly webAclArn: string | undefined;
}

/** The parameters of a GraphQL request by GET, graphql.github.io/graphql-over-http, "GET". */
const GRAPHQL_PARAMETERS = ["query", "variables", "operationName", "extensions"];

/** What the partner function answers. */
const PARTNER_PATHS = ["/v1/*", "/catalog.jsonld"];

/** CloudFront in front of the API. */
export class Edge extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, { environment, api, originKey, webAclArn }: EdgeProps) {
    super(scope, id);
    const { domain, edgeLogRetentionDays } = environment;
    const { region, urlSuffix } = Stack.of(this);
    const logs = edgeLogRetentionDays === null ? undefined : new EdgeLogs(this, "Logs", environment);
    const behavior = {
      origin: new HttpOrigin(`${api.apiId}.execute-api.${region}.${urlSuffix}`, {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        customHeaders: { [ORIGIN_KEY_HEADER]: originKey },
      }),
      // POST is passed on; a method that a function does not take is refused by the function, which says so well.
      allowedMethods: AllowedMethods.ALLOW_ALL,
      // Not redirected: a POST would have been sent in clear by then.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      compress: true,
      originRequestPolicy: this.#originRequestPolicy(environment),
      responseHeadersPolicy: securityHeaders(this, "SecurityHeaders", environment),
    };
    const cachePolicy = this.#cachePolicy(
      "CachePolicy",
      resourceName(environment, "graphql"),
      "The GraphQL request, the media type asked for, the API key",
      CacheQueryStringBehavior.allowList(...GRAPHQL_PARAMETERS),
    );
    const partnerBehavior = {
      ...behavior,
      // All that a caller may filter and page by; a parameter that is none is refused, and that is not kept.
      cachePolicy: this.#cachePolicy(
        "PartnerCachePolicy",
        resourceName(environment, "partner"),
        "All parameters, the media type asked for, the API key",
        CacheQueryStringBehavior.all(),
      ),
    };
    this.distribution = new Distribution(this, "Distribution", {
      comment: resourceName(environment, "api"),
      defaultBehavior: { ...behavior, cachePolicy },
      additionalBehaviors: Object.fromEntries(PARTNER_PATHS.map((path) => [path, partnerBehavior])),
      // A failure is nobody's answer for the next ten seconds, which is CloudFront's default.
      errorResponses: [500, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...(webAclArn === undefined ? {} : { webAclId: webAclArn }),
      ...(logs === undefined ? {} : { logBucket: logs.bucket }),
      ...(domain === null
        ? {}
        : {
            domainNames: [domain.name],
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
            certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
          }),
    });
    this.#acknowledge(environment);
  }

  /**
   * The key is what decides the answer: the request, the media type asked for, and who asks: a partner is told
   * what is left of its own plan, and all who have no key share their answers. How long an answer stays is the
   * function's `Cache-Control`; without one, not at all. An ETag goes to and fro without being part of the key,
   * and so does the encoding: CloudFront asks for Brotli or gzip as its client does, keeps one answer for each, and
   * compresses itself only what the function left as it is.
   */
  #cachePolicy(id: string, name: string, comment: string, parameters: CacheQueryStringBehavior): CachePolicy {
    return new CachePolicy(this, id, {
      cachePolicyName: name,
      comment,
      queryStringBehavior: parameters,
      headerBehavior: CacheHeaderBehavior.allowList("Accept", "Authorization", "X-Api-Key"),
      cookieBehavior: CacheCookieBehavior.none(),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(1),
    });
  }

  /** What the function reads besides: no header may change an answer that is cached under a key without it. */
  #originRequestPolicy(environment: Environment): OriginRequestPolicy {
    return new OriginRequestPolicy(this, "OriginRequestPolicy", {
      originRequestPolicyName: resourceName(environment, "graphql"),
      comment: "The body's type, Apollo's proofs of a preflight, and what preflights are answered from",
      headerBehavior: OriginRequestHeaderBehavior.allowList(
        "Content-Type",
        "Apollo-Require-Preflight",
        "X-Apollo-Operation-Name",
        "Origin",
        "Access-Control-Request-Method",
        "Access-Control-Request-Headers",
      ),
      queryStringBehavior: OriginRequestQueryStringBehavior.none(),
      cookieBehavior: OriginRequestCookieBehavior.none(),
    });
  }

  #acknowledge({ name, domain, edgeLogRetentionDays, firewall }: Environment): void {
    acknowledge(this.distribution, "AwsSolutions-CFR1", "The portal is for readers in every country.");
    if (!firewall) {
      acknowledge(
        this.distribution,
        "AwsSolutions-CFR2",
        `The environment ${name} has its firewall off: the stage's throttling bounds what a caller can cost.`,
      );
    }
    if (edgeLogRetentionDays === null) {
      acknowledge(
        this.distribution,
        "AwsSolutions-CFR3",
        `The environment ${name} keeps no logs of the edge; the API behind it logs every request that it answers.`,
      );
    }
    if (domain === null) {
      acknowledge(
        this.distribution,
        "AwsSolutions-CFR4",
        `The environment ${name} has no domain, and CloudFront fixes the protocols of its own certificate.`,
      );
    }
  }
}
