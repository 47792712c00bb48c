import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { buildSchema, graphql } from "graphql";

/** As little as a GraphQL function can be: graphql-js and a field that reads one item. */
const client = new DynamoDBClient({});
const schema = buildSchema("type Query { hello: String }");
const rootValue = {
  hello: async () => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: process.env.CATALOGUE_TABLE, Key: { id: { S: "head" } } }),
    );
    return Item?.id?.S;
  },
};

export async function handler(event: APIGatewayProxyEventV2) {
  const { query, variables } = JSON.parse(event.body ?? "");
  const result = await graphql({ schema, rootValue, source: query, variableValues: variables });
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(result) };
}
