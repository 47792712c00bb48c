import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { type Environment, environmentNamed } from "../../infra/environments.ts";
import { addPortal } from "../../infra/portal.ts";

/** What a template says of one resource. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: unknown;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface SynthesizedStack {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly terminationProtection: boolean;
  readonly template: StackTemplate;
  readonly messages: readonly { readonly level: string; readonly text: string }[];
}

export interface Synthesized {
  readonly app: App;
  /** Where the assets are. */
  readonly directory: string;
  /** What CloudFormation's schemas say against the templates, where they were asked. */
  readonly violations: readonly unknown[];
  /** By the part of the portal: `data`, `api`. */
  readonly stacks: Readonly<Record<string, SynthesizedStack>>;
}

export interface SynthesisOptions {
  /** Bundles the functions, which costs a second; without it the asset of a function is its source folder. */
  readonly bundled?: boolean;
  /** Holds the templates against CloudFormation's schemas, which costs five. */
  readonly validated?: boolean;
}

/** An app with the portal in it, as `cdk synth` makes it. */
export function portalApp(
  environment: Environment,
  { bundled = false, validated = false }: SynthesisOptions = {},
): App {
  const outdir = mkdtempSync(join(tmpdir(), "gazetteer-synth-"));
  const { context } = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"));
  const bundling = bundled ? {} : { "aws:cdk:bundling-stacks": [] };
  const app = new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    // Where a construct was made is of no use here, and mapping it back to the sources costs seconds.
    context: { ...context, ...bundling, "aws:cdk:disable-stack-trace": true },
  });
  addPortal(app, environment);
  return app;
}

/** The templates of all stacks of an environment. */
export function synthesize(environment: Environment, options?: SynthesisOptions): Synthesized {
  const app = portalApp(environment, options);
  const assembly = app.synth();
  const stacks = assembly.stacks.map((stack) => [
    stack.stackName.slice(`gazetteer-${environment.name}-`.length),
    {
      name: stack.stackName,
      region: stack.environment.region,
      account: stack.environment.account,
      terminationProtection: stack.terminationProtection ?? false,
      template: stack.template,
      messages: stack.messages.map(({ level, entry }) => ({ level, text: String(entry.data) })),
    },
  ]);
  const { directory } = assembly;
  const violations = options?.validated ? violationsIn(join(directory, "validation-report.json")) : [];
  return { app, directory, violations, stacks: Object.fromEntries(stacks) };
}

function violationsIn(reportFile: string): unknown[] {
  const report = JSON.parse(readFileSync(reportFile, "utf8"));
  return report.pluginReports.flatMap(({ violations }: { violations?: unknown[] }) => violations ?? []);
}

const once = new Map<string, Synthesized>();

/** The stacks of one of our environments, held against CloudFormation's schemas: made once for all who ask in a file. */
export function synthesizedOnce(name: string): Synthesized {
  const made = once.get(name) ?? synthesize(environmentNamed(name), { validated: true });
  once.set(name, made);
  return made;
}

export function resourcesOf(stack: SynthesizedStack | undefined, type: string): [logicalId: string, Resource][] {
  return Object.entries(stack?.template.Resources ?? {}).filter(([, resource]) => resource.Type === type);
}

/** The one resource of a type that a stack has. */
export function onlyResource(stack: SynthesizedStack | undefined, type: string): Resource {
  const [first, ...more] = resourcesOf(stack, type);
  if (first === undefined || more.length > 0) throw new Error(`${more.length + 1} resources of type ${type}, not one`);
  return first[1];
}

/** The function of that name: `graphql`. */
export function functionIn(stack: SynthesizedStack | undefined, name: string): [logicalId: string, Resource] {
  const found = resourcesOf(stack, "AWS::Lambda::Function").find(([, { Properties }]) =>
    String(Properties.FunctionName).endsWith(`-${name}`),
  );
  if (!found) throw new Error(`there is no function ${name}`);
  return found;
}

/** What a function is told. */
export function variablesOf(stack: SynthesizedStack | undefined, name: string): Readonly<Record<string, unknown>> {
  const [, { Properties }] = functionIn(stack, name);
  return (Properties.Environment as { Variables: Record<string, unknown> }).Variables;
}

/** What becomes of a resource that holds data, in the words of CloudFormation. */
export function removalOf({ removalPolicy }: Pick<Environment, "removalPolicy">) {
  return removalPolicy === "RETAIN"
    ? { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" }
    : { DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" };
}

/** An intrinsic function with its parts run together, as CloudFormation will. */
export function joined(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("Fn::Join" in value) {
    const [separator, parts] = value["Fn::Join"] as [string, unknown[]];
    return parts.map(joined).join(separator);
  }
  return "Ref" in value ? `<${value.Ref}>` : JSON.stringify(value);
}
