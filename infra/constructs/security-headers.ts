import { Duration } from "aws-cdk-lib";
import { HeadersFrameOption, HeadersReferrerPolicy, ResponseHeadersPolicy } from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import { ALLOWED_HEADERS, EXPOSED_HEADERS, PREFLIGHT_MAX_AGE_SECONDS } from "../cors.ts";
import type { Environment } from "../environments.ts";
import { resourceName } from "../names.ts";

/** What CloudFront puts on every answer, cached or not: the browser's guards, and who may read it from another origin. */
export function securityHeaders(scope: Construct, id: string, environment: Environment): ResponseHeadersPolicy {
  const override = true;
  return new ResponseHeadersPolicy(scope, id, {
    responseHeadersPolicyName: resourceName(environment, "security"),
    securityHeadersBehavior: {
      strictTransportSecurity: { accessControlMaxAge: Duration.days(730), includeSubdomains: true, override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
      // Answers are JSON: a browser that is made to show one as a page loads and runs nothing.
      contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'", override },
    },
    ...(environment.corsOrigins.length === 0
      ? {}
      : {
          corsBehavior: {
            accessControlAllowCredentials: false,
            accessControlAllowOrigins: [...environment.corsOrigins],
            accessControlAllowMethods: ["GET", "POST"],
            accessControlAllowHeaders: [...ALLOWED_HEADERS],
            accessControlExposeHeaders: [...EXPOSED_HEADERS],
            accessControlMaxAge: Duration.seconds(PREFLIGHT_MAX_AGE_SECONDS),
            originOverride: override,
          },
        }),
  });
}
