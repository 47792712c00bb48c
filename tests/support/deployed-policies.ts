import type { DeployedTemplates } from "./deployed-templates.ts";

/** One action that a role may do to what one pattern names. */
export interface Grant {
  readonly action: string;
  /** An ARN in which `*` and `?` stand for any text and any character. */
  readonly resource: string;
}

/** One action that was done to one resource. */
export interface Act {
  readonly action: string;
  readonly resource: string;
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly [clause: string]: unknown;
}

/** The clauses that are understood here; a policy with another one means something that this code would miss. */
const CLAUSES = new Set(["Sid", "Effect", "Action", "Resource"]);

/** What the policies in the templates let a role do, by the name of the role. */
export function grantsByRole(templates: DeployedTemplates): Map<string, Grant[]> {
  const grants = new Map<string, Grant[]>();
  const add = (role: string, document: unknown) =>
    grants.set(role, [...(grants.get(role) ?? []), ...grantsIn(document)]);
  for (const { properties } of templates.resources("AWS::IAM::Policy")) {
    for (const role of properties.Roles as string[]) add(role, properties.PolicyDocument);
  }
  for (const { ref, properties } of templates.resources("AWS::IAM::Role")) {
    const inline = (properties.Policies ?? []) as { PolicyDocument: unknown }[];
    for (const { PolicyDocument } of inline) add(ref, PolicyDocument);
  }
  return grants;
}

export function grantsIn(document: unknown): Grant[] {
  const statements = [(document as { Statement: Statement | Statement[] }).Statement].flat();
  return statements.flatMap((statement) => {
    const strange = Object.keys(statement).filter((clause) => !CLAUSES.has(clause));
    if (strange.length > 0 || statement.Effect !== "Allow") {
      throw new Error(`a policy statement is not understood here: ${JSON.stringify(statement)}`);
    }
    const resources = [statement.Resource ?? []].flat();
    return [statement.Action ?? []].flat().flatMap((action) => resources.map((resource) => ({ action, resource })));
  });
}

/** docs.aws.amazon.com/IAM: actions are compared without regard to case, resources with. */
export function covers(grant: Grant, act: Act): boolean {
  return matches(grant.action.toLowerCase(), act.action.toLowerCase()) && matches(grant.resource, act.resource);
}

const patterns = new Map<string, RegExp>();

function matches(pattern: string, text: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) {
    const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
    compiled = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
    patterns.set(pattern, compiled);
  }
  return compiled.test(text);
}
