import type { Environment } from "../../infra/environments.ts";
import { grantsByRole } from "../support/deployed-policies.ts";
import { DeployedTemplates } from "../support/deployed-templates.ts";
import { synthesizedOnce } from "./synthesized.ts";

/** The templates of an environment with all references resolved. */
export function templatesOf({ name }: Environment): DeployedTemplates {
  return new DeployedTemplates(synthesizedOnce(name), { sqs: "https://sqs" });
}

/**
 * What each function is granted, without what tells one environment from another: by names like `<portal>-graphql`,
 * grants like `dynamodb:GetItem table/<portal>-catalogue`.
 */
export function grantsOf(environment: Environment): Record<string, string[]> {
  const templates = templatesOf(environment);
  const nameless = (text: string) => namelessIn(environment, text);
  const byRole = grantsByRole(templates);
  const functions = templates.resources("AWS::Lambda::Function").map(({ ref, property }) => {
    const grants = byRole.get(String(property("Role")).split("/").at(-1) ?? "") ?? [];
    const told = grants.map(
      ({ action, resource }) => `${action} ${nameless(resource.replace(/^arn:aws:\w+:[^:]*:\d*:/, ""))}`,
    );
    return [nameless(ref), told.sort()] as const;
  });
  return Object.fromEntries(functions);
}

/** A text of a template without the names of account, region and environment. */
export function namelessIn({ name, region }: Environment, text: string): string {
  return text
    .replaceAll(`gazetteer-${name}`, "<portal>")
    .replaceAll(/\b\d{12}\b/g, "<account>")
    .replaceAll(region, "<region>");
}
