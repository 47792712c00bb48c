import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { lambdaRoute, type Routes } from "../../local/routes.ts";
import type { DeployedFunction } from "./deployed-function.ts";
import { covers } from "./deployed-policies.ts";
import type { DeployedTemplates } from "./deployed-templates.ts";

interface Route {
  readonly ApiId: string;
  readonly RouteKey: string;
  /** `integrations/<id>`. */
  readonly Target: string;
}

interface Integration {
  readonly IntegrationType: string;
  readonly IntegrationUri: string;
  readonly PayloadFormatVersion: string;
}

/** What the HTTP API of the templates does with requests: each route calls the function of its integration. */
export function routesOf(templates: DeployedTemplates, functions: (arn: string) => DeployedFunction): Routes {
  const integrations = new Map(
    templates.resources("AWS::ApiGatewayV2::Integration").map(({ ref, properties }) => [ref, properties]),
  );
  const routes = templates.resources("AWS::ApiGatewayV2::Route").map(({ properties }) => {
    const { RouteKey, Target } = properties as unknown as Route;
    const integration = integrations.get(Target.replace("integrations/", "")) as Integration | undefined;
    if (integration?.IntegrationType !== "AWS_PROXY" || integration.PayloadFormatVersion !== "2.0") {
      throw new Error(`${RouteKey} is no route to a function`);
    }
    if (!mayBeCalled(templates, integration.IntegrationUri, properties as unknown as Route)) {
      throw new Error(`API Gateway may not call ${integration.IntegrationUri} for ${RouteKey}`);
    }
    const target = functions(integration.IntegrationUri);
    const respond = lambdaRoute(target.name, async (event) => {
      return (await target.invoke(event)) as APIGatewayProxyStructuredResultV2;
    });
    return [RouteKey, respond] as const;
  });
  return Object.fromEntries(routes);
}

function mayBeCalled(templates: DeployedTemplates, arn: string, { ApiId, RouteKey }: Route): boolean {
  const [, , , region, account] = arn.split(":");
  const [method, path] = RouteKey.split(" ");
  const call = `arn:aws:execute-api:${region}:${account}:${ApiId}/$default/${method}${path}`;
  return templates
    .resources("AWS::Lambda::Permission")
    .filter(({ properties }) => properties.FunctionName === arn && properties.Principal === "apigateway.amazonaws.com")
    .some(({ properties }) =>
      covers({ action: "", resource: String(properties.SourceArn ?? "") }, { action: "", resource: call }),
    );
}
