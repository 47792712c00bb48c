/**
 * `@aws-sdk/middleware-endpoint-discovery` in the bundle of a function: the client of DynamoDB keeps a cache of
 * endpoints, with a package of data structures, for an offer that DynamoDB's own endpoints do not need.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};
export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config;
