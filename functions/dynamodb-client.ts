import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/**
 * The one client. Three attempts with the SDK's jittered back-off fit into a request's deadline, which ends them all
 * the same; a connection that does not come about within a second will not.
 */
export function dynamoDbClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, socketTimeout: 4000 },
    ...config,
  });
  // It copies all that is sent and received, for a logger that there is not.
  client.middlewareStack.remove("loggerMiddleware");
  return client;
}
