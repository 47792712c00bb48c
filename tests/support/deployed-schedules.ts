import type { DeployedFunction } from "./deployed-function.ts";
import type { Deployed, DeployedTemplates } from "./deployed-templates.ts";

interface Target {
  readonly Arn: string;
}

/** Does what EventBridge does when the time of a rule has come. @throws Error for a rule that would ring in vain. */
export async function ring(
  templates: DeployedTemplates,
  functions: (arn: string) => DeployedFunction,
  name: string,
): Promise<unknown> {
  const rule = templates.resources("AWS::Events::Rule").find(({ ref }) => ref.endsWith(`-${name}`));
  if (!rule) throw new Error(`there is no schedule ${name}`);
  const [target, ...more] = rule.properties.Targets as readonly Target[];
  if (!target || more.length > 0) throw new Error(`${rule.ref} calls ${more.length + 1} functions, not one`);
  if (!mayCall(templates, rule, target.Arn)) throw new Error(`EventBridge may not call ${target.Arn}`);
  return functions(target.Arn).invoke({
    source: "aws.events",
    "detail-type": "Scheduled Event",
    resources: [rule.arn],
    detail: {},
  });
}

function mayCall(templates: DeployedTemplates, rule: Deployed, target: string): boolean {
  return templates
    .resources("AWS::Lambda::Permission")
    .some(
      ({ properties }) =>
        properties.FunctionName === target &&
        properties.Principal === "events.amazonaws.com" &&
        properties.SourceArn === rule.arn,
    );
}
