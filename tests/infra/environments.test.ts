import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { publishedBy } from "../../functions/dumps/environment.ts";
import { EnvironmentError } from "../../infra/environment-checks.ts";
import { type EnvironmentSettings, environmentNamed, environments } from "../../infra/environments.ts";
import {
  joined,
  onlyResource,
  type Resource,
  resourcesOf,
  type SynthesizedStack,
  synthesize,
  variablesOf,
} from "./synthesized.ts";

// The first synthesis of a process loads the CDK.
vi.setConfig({ testTimeout: 60_000 });

const { prod } = environments as { prod: EnvironmentSettings };

/** What is said of an environment whose settings are production's but for these. */
function complaint(changes: Partial<Record<keyof EnvironmentSettings | "regoin", unknown>>): string {
  try {
    environmentNamed("test", { test: { ...prod, ...changes } });
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message;
  }
}

describe("environments", () => {
  test.for(Object.keys(environments))("%s is complete", (name) => {
    expect(environmentNamed(name)).toEqual({ name, ...environments[name] });
  });

  test("one that is not known, or not named, stops with a sentence that lists those that are", () => {
    expect(() => environmentNamed("qa")).toThrow('There is no environment "qa", only dev, staging, prod.');
    expect(() => environmentNamed("toString")).toThrow('There is no environment "toString"');
    expect(() => environmentNamed(undefined)).toThrow("Say which environment: -c env=<dev, staging, prod>.");
    expect(() => environmentNamed("QA 1", { "QA 1": prod })).toThrow('The environment name "QA 1" is not');
  });

  test.for(Object.keys(prod) as (keyof EnvironmentSettings)[])(
    "without %s it is incomplete, and says so",
    (setting) => {
      expect(complaint({ [setting]: undefined })).toMatch(
        new RegExp(`^Environment test: the setting ${setting} is missing; it must be `),
      );
    },
  );

  test.for<[Parameters<typeof complaint>[0], string]>([
    [{ regoin: "eu-central-1" }, "the setting regoin is not known"],
    [{ region: "Frankfurt" }, 'the setting region must be an AWS region such as eu-central-1, but it is "Frankfurt"'],
    [{ account: 123456789012 }, "the setting account must be twelve digits or current, but it is 123456789012"],
    [{ firewall: "yes" }, 'the setting firewall must be true or false, but it is "yes"'],
    [{ replicaRegions: "eu-west-1" }, "the setting replicaRegions must be a list"],
    [{ replicaRegions: ["eu-west-1", "west"] }, "the setting replicaRegions[1] must be an AWS region"],
    [{ logRetentionDays: 10 }, "the setting logRetentionDays must be one of 1, 3, 5, 7, 14"],
    [{ pointInTimeRecoveryDays: 36 }, "the setting pointInTimeRecoveryDays must be a whole number from 0 to 35"],
    [{ functions: {} }, "the setting functions.graphql is missing; it must be an object with memoryMb"],
    [
      { functions: { ...prod.functions, graphql: { ...prod.functions.graphql, memoryMb: 64 } } },
      "the setting functions.graphql.memoryMb must be a whole number from 128 to 10240, but it is 64",
    ],
    [{ functions: { graphql: prod.functions.graphql } }, "the setting functions.importer is missing"],
    [{ originKey: "first" }, "the setting originKey must be the id of a key in the origin secret, such as k1"],
    [{ headMaxAgeMs: -1 }, "the setting headMaxAgeMs must be a whole number from 0 to 60000, but it is -1"],
    [{ existingTables: { shelves: "x" } }, "the setting existingTables.shelves is not known"],
    [{ alarmAddresses: ["operations"] }, "the setting alarmAddresses[0] must be a mail address"],
    [{ canary: "Boldly" }, "the setting canary must be one of AllAtOnce, Canary10Percent5Minutes"],
    [
      {
        domain: {
          name: "api.example.org",
          certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
          hostedZone: null,
        },
      },
      "the setting domain.certificateArn must be the ARN of a certificate in us-east-1",
    ],
  ])("a setting that cannot be is named: %j", ([changes, sentence]) => {
    expect(complaint(changes)).toContain(`Environment test: ${sentence}`);
  });

  test.for<[Partial<EnvironmentSettings>, string]>([
    [
      { replicaRegions: [prod.region] },
      "replicaRegions contains ap-southeast-1, which is the environment's own region",
    ],
    [{ removalPolicy: "DESTROY" }, "deletionProtection is on, so removalPolicy must be RETAIN"],
    [{ limits: { ...prod.limits, burst: 1 } }, "limits.burst must not be less than limits.requestsPerSecond"],
    [
      {
        functions: {
          ...prod.functions,
          graphql: { memoryMb: 512, reservedConcurrency: 1, provisionedConcurrency: 2 },
        },
      },
      "functions.graphql.provisionedConcurrency must not be more than functions.graphql.reservedConcurrency",
    ],
  ])("settings that contradict each other are named: %j", ([changes, sentence]) => {
    expect(complaint(changes)).toContain(`Environment test: ${sentence}`);
  });

  test("everything that is wrong is said at once", () => {
    expect(complaint({ region: "x", firewall: 1, canary: "" }).split("\n")).toHaveLength(3);
  });

  test("a fourth is one object", () => {
    const review: EnvironmentSettings = { ...(environments.dev as EnvironmentSettings), region: "eu-central-1" };
    const { stacks } = synthesize(environmentNamed("review", { review }));
    expect(Object.values(stacks).map(({ name, region }) => `${name} ${region}`)).toEqual([
      "gazetteer-review-data eu-central-1",
      "gazetteer-review-api eu-central-1",
      "gazetteer-review-publishing eu-central-1",
      "gazetteer-review-observability eu-central-1",
    ]);
  });
});

describe("the environments that docs/operations.md writes down", () => {
  const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  /** As they are after a rotation of the origin keys. */
  const rotated = Object.fromEntries(
    Object.entries(environments).map(([name, each]) => [name, { ...each, originKey: "k2" }]),
  );

  test.for(["review", "tokyo"])("%s can be deployed as it stands there, after a rotation too", (name) => {
    const written = new RegExp(`const ${name}: EnvironmentSettings = (\\{[^]*?\\n *\\});`).exec(operations)?.[1];
    const settings: unknown = runInNewContext(`(${written})`, rotated);
    const { api, data } = synthesize(environmentNamed(name, { [name]: settings })).stacks;
    const [[, secret]] = resourcesOf(api, "AWS::SecretsManager::Secret") as [[string, Resource]];
    const { GenerateStringKey: first } = secret.Properties.GenerateSecretString as { GenerateStringKey: string };
    const distribution = JSON.stringify(onlyResource(api, "AWS::CloudFront::Distribution").Properties);
    expect(distribution).toContain(`:SecretString:${first}::`);
    expect(data?.name).toBe(`gazetteer-${name}-data`);
  });
});

/** The stacks of an environment whose settings are production's but for these. */
function stacksWith(changes: Partial<EnvironmentSettings>) {
  return synthesize(environmentNamed("test", { test: { ...prod, ...changes } })).stacks;
}

describe("settings that no environment has yet", () => {
  test("a domain: CloudFront answers to it, with its certificate, and the zone points there", () => {
    const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
    const { api } = stacksWith({
      domain: { name: "api.example.org", certificateArn, hostedZone: { id: "Z1", name: "example.org" } },
    });
    expect(onlyResource(api, "AWS::CloudFront::Distribution").Properties.DistributionConfig).toMatchObject({
      Aliases: ["api.example.org"],
      ViewerCertificate: { AcmCertificateArn: certificateArn, MinimumProtocolVersion: "TLSv1.2_2021" },
    });
    const records = resourcesOf(api, "AWS::Route53::RecordSet").map(([, { Properties }]) => Properties);
    expect(records.map(({ Type, Name }) => [Type, Name])).toEqual([
      ["A", "api.example.org."],
      ["AAAA", "api.example.org."],
    ]);
    expect(api?.template.Outputs?.Endpoint).toMatchObject({ Value: "https://api.example.org/graphql" });
  });

  test("a domain whose zone is elsewhere: no records", () => {
    const { api } = stacksWith({
      domain: {
        name: "api.example.org",
        certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
        hostedZone: null,
      },
    });
    expect(resourcesOf(api, "AWS::Route53::RecordSet")).toEqual([]);
  });

  test("nothing but trusted documents, no introspection, HEAD asked for each time: the function is told", () => {
    const { api } = stacksWith({ introspection: false, trustedDocumentsOnly: true, headMaxAgeMs: 0 });
    expect(variablesOf(api, "graphql")).toMatchObject({
      ...{ INTROSPECTION: "false", TRUSTED_DOCUMENTS_ONLY: "true", HEAD_MAX_AGE_MS: "0" },
    });
    expect(variablesOf(api, "partner")).toMatchObject({ HEAD_MAX_AGE_MS: "0" });
  });

  test("a restored table: the function is told of it and may read it, and no longer the one before", () => {
    const { api, publishing } = stacksWith({ existingTables: { series: "restored" } });
    for (const stack of [api, publishing]) {
      for (const [, { Properties }] of resourcesOf(stack, "AWS::Lambda::Function")) {
        expect(Properties.Environment).toMatchObject({ Variables: { SERIES_TABLE: "restored" } });
      }
      const policies = joined(resourcesOf(stack, "AWS::IAM::Policy"));
      expect(policies).toContain(":table/restored/index/bySubject");
      expect(policies).not.toContain("gazetteer-test-series");
    }
  });

  test("a publisher: the catalogue for machines is told, as it wants to be told", () => {
    const by = {
      catalogueTitle: "Open data",
      name: "Statistics Office",
      url: "https://example.org/",
      licence: "https://example.org/licence",
    };
    const { api } = stacksWith({ publishedBy: by });
    const told = Object.entries(variablesOf(api, "partner")).map(([variable, value]) => [variable, joined(value)]);
    expect(publishedBy(Object.fromEntries(told))).toMatchObject({
      publishedBy: { title: by.catalogueTitle, publisher: { name: by.name, url: by.url }, licence: by.licence },
    });
    expect(complaint({ publishedBy: { ...by, url: "example.org" } })).toContain(
      "Environment test: the setting publishedBy.url must be an address",
    );
  });

  test("no origins: no page of another origin may read anything", () => {
    const { api } = stacksWith({ corsOrigins: [] });
    expect(onlyResource(api, "AWS::ApiGatewayV2::Api").Properties).not.toHaveProperty("CorsConfiguration");
    const headers = onlyResource(api, "AWS::CloudFront::ResponseHeadersPolicy").Properties.ResponseHeadersPolicyConfig;
    expect(headers).not.toHaveProperty("CorsConfig");
  });

  test("us-east-1 with a firewall: the same stacks, in one region", () => {
    const stacks = stacksWith({ region: "us-east-1", replicaRegions: [] });
    expect(Object.values(stacks).map(({ region }) => region)).toEqual(Array(5).fill("us-east-1"));
  });

  test("an account: the stacks say so", () => {
    const stack = stacksWith({ account: "123456789012" }).api as SynthesizedStack;
    expect(stack.account).toBe("123456789012");
    expect(JSON.stringify(stack.template)).toContain("123456789012");
  });
});
