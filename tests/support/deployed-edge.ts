import { randomBytes } from "node:crypto";
import type { DeployedTemplates } from "./deployed-templates.ts";

interface Generation {
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
  readonly PasswordLength?: number;
}

/** The secrets of the templates by their ARNs, generated as these say. */
export function secretsIn(templates: DeployedTemplates): Map<string, string> {
  const secrets = templates.resources("AWS::SecretsManager::Secret");
  return new Map(secrets.map(({ ref, property }) => [ref, generate(property("GenerateSecretString") as Generation)]));
}

function generate({ SecretStringTemplate, GenerateStringKey = "", PasswordLength = 32 }: Generation): string {
  const password = randomBytes(PasswordLength).toString("hex").slice(0, PasswordLength);
  if (SecretStringTemplate === undefined) return password;
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: password });
}

/** The headers that CloudFront adds to what it passes on, so that the API knows it. */
export function originHeaders(
  templates: DeployedTemplates,
  secrets: ReadonlyMap<string, string>,
): Record<string, string> {
  const added = templates
    .resources("AWS::CloudFront::Distribution")
    .flatMap(({ property }) => property("DistributionConfig", "Origins") as Origin[])
    .flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders);
  return Object.fromEntries(
    added.map(({ HeaderName, HeaderValue }) => [HeaderName, dereference(HeaderValue, secrets)]),
  );
}

/** What CloudFront makes of a request on its way to the API. */
export type Passing = (path: string, headers: Headers) => { readonly path: string; readonly headers: Headers };

/**
 * Passes requests on as the templates' policies say: of headers and parameters only those in the key of the cache or in
 * what goes to the origin beside it. Nothing is kept here, so each request goes on.
 *
 * @throws Error for a policy that is not understood here.
 */
export function passingOf(templates: DeployedTemplates): Passing {
  const [distribution, ...more] = templates.resources("AWS::CloudFront::Distribution");
  if (!distribution || more.length > 0) throw new Error(`${more.length + 1} distributions, not one`);
  const config = (name: string) => distribution.property("DistributionConfig", name);
  const listed = [config("CacheBehaviors") ?? [], config("DefaultCacheBehavior")].flat() as Behavior[];
  const behaviors = listed.map((behavior) => ({
    covers: pathPattern(behavior.PathPattern ?? "*"),
    policies: [
      configOf(templates, "AWS::CloudFront::CachePolicy", behavior.CachePolicyId),
      configOf(templates, "AWS::CloudFront::OriginRequestPolicy", behavior.OriginRequestPolicyId),
    ],
  }));
  return (path, headers) => {
    const [pathname = "", search] = path.split("?", 2);
    const { policies = [] } = behaviors.find(({ covers }) => covers.test(pathname)) ?? {};
    const parameters = search
      ?.split("&")
      .filter((parameter) => policies.some((policy) => takesParameter(policy, parameter)));
    const passed = [...headers].filter(
      ([name]) => UNASKED.has(name) || policies.some((policy) => takesHeader(policy, name)),
    );
    return {
      path: parameters === undefined || parameters.length === 0 ? pathname : `${pathname}?${parameters.join("&")}`,
      headers: new Headers(passed),
    };
  };
}

/**
 * Passed on whatever policies say: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide, "HTTP request headers and
 * CloudFront behavior". The coding too, as these policies have it in the key.
 */
const UNASKED = new Set([
  "accept-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
]);

interface Behavior {
  readonly PathPattern?: string;
  readonly CachePolicyId: string;
  readonly OriginRequestPolicyId: string;
}

interface Policy {
  readonly HeadersConfig: { readonly HeaderBehavior: string; readonly Headers?: readonly string[] };
  readonly QueryStringsConfig: { readonly QueryStringBehavior: string; readonly QueryStrings?: readonly string[] };
}

function configOf(templates: DeployedTemplates, type: string, id: string): Policy {
  const policy = templates.resources(type).find(({ ref }) => ref === id);
  if (!policy) throw new Error(`there is no policy ${id}`);
  const { CachePolicyConfig, OriginRequestPolicyConfig } = policy.properties as {
    readonly CachePolicyConfig?: { readonly ParametersInCacheKeyAndForwardedToOrigin: Policy };
    readonly OriginRequestPolicyConfig?: Policy;
  };
  return CachePolicyConfig?.ParametersInCacheKeyAndForwardedToOrigin ?? (OriginRequestPolicyConfig as Policy);
}

function takesHeader({ HeadersConfig: { HeaderBehavior, Headers = [] } }: Policy, name: string): boolean {
  return takes(
    HeaderBehavior,
    Headers.map((header) => header.toLowerCase()),
    name,
  );
}

function takesParameter({ QueryStringsConfig }: Policy, parameter: string): boolean {
  const { QueryStringBehavior, QueryStrings = [] } = QueryStringsConfig;
  return takes(QueryStringBehavior, QueryStrings, parameter.split("=", 1)[0] ?? "");
}

function takes(behavior: string, listed: readonly string[], name: string): boolean {
  if (behavior === "whitelist") return listed.includes(name);
  if (behavior === "all" || behavior === "none") return behavior === "all";
  throw new Error(`a policy that takes ${behavior} is not understood here`);
}

/** `/v1/*`. */
function pathPattern(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
}

interface Origin {
  readonly OriginCustomHeaders?: readonly { readonly HeaderName: string; readonly HeaderValue: string }[];
}

/** docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html */
const SECRET_REFERENCE = /\{\{resolve:secretsmanager:(arn:aws:secretsmanager:[\w:-]+?):SecretString:([^:}]*)[^}]*\}\}/g;

function dereference(value: string, secrets: ReadonlyMap<string, string>): string {
  return value.replaceAll(SECRET_REFERENCE, (_, arn: string, key: string) => {
    const secret = secrets.get(arn);
    if (secret === undefined) throw new Error(`there is no secret ${arn}`);
    return key === "" ? secret : String(JSON.parse(secret)[key]);
  });
}
