/** What the handler loads while its secrets are on their way: one module, so that it comes in few files. */
export { dynamoDbClient } from "../dynamodb-client.ts";
export { lambdaReport } from "../http/report.ts";
export { graphqlFunction } from "./function.ts";
