import type { LambdaHandler } from "../../local/events.ts";
import { lambdaRoute } from "../../local/routes.ts";

/** `fetch` that reaches a function without a network, by way of the event of API Gateway. */
export function fetchFrom(handler: LambdaHandler) {
  const respond = lambdaRoute("graphql", handler);
  return (input: string | URL, init?: RequestInit) => {
    const request = new Request(new URL(input, "http://localhost"), init);
    return respond(request, { routeKey: "ANY /graphql", pathParameters: {}, sourceIp: "127.0.0.1" });
  };
}
