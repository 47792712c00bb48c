import { ApolloServer } from "@apollo/server";
import { handlers, startServerAndCreateLambdaHandler } from "@as-integrations/aws-lambda";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

/** The function that tutorials write: Apollo Server, its stock Lambda integration, and a field that reads one item. */
const client = new DynamoDBClient({});
const typeDefs = "type Query { hello: String }";
const resolvers = {
  Query: {
    hello: async () => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: process.env.CATALOGUE_TABLE, Key: { id: { S: "head" } } }),
      );
      return Item?.id?.S;
    },
  },
};

export const handler = startServerAndCreateLambdaHandler(
  // The integration is CommonJS and knows the server by another copy of its types.
  new ApolloServer({ typeDefs, resolvers }) as never,
  handlers.createAPIGatewayProxyEventV2RequestHandler(),
);
