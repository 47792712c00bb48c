import { startDynamoDb } from "../local/dynamodb.ts";

/**
 * An embedded DynamoDB in a process of its own, so that what its clients cost can be told apart from what it costs.
 * Prints its endpoint and lives until its standard input ends, that is, no longer than whoever started it.
 */
const { endpoint, close } = await startDynamoDb();
console.log(endpoint);
process.stdin.on("end", () => close().then(() => process.exit(0))).resume();
