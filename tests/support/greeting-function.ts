import { ApolloServer } from "@apollo/server";
import { GraphQLError } from "graphql";
import { createGraphqlHandler, type GraphqlHandlerOptions } from "../../functions/graphql/http/handler.ts";
import type { AnsweredRequest } from "../../functions/http/log.ts";
import { fetchFrom } from "./fetch.ts";

interface Greeter {
  readonly requestId: string;
}

const typeDefs = /* GraphQL */ `
  type Query {
    greeting(name: String!): String!
    requestId: String!
    refused: String
    broken: String
  }
  type Mutation {
    touch: Boolean!
  }
`;

const resolvers = {
  Query: {
    greeting: (_: unknown, { name }: { name: string }) => `Hello, ${name}!`,
    requestId: (_: unknown, __: unknown, { requestId }: Greeter) => requestId,
    refused: () => {
      throw new GraphQLError("There is nobody of that name.", {
        extensions: { code: "BAD_USER_INPUT", argument: "name" },
      });
    },
    broken: () => {
      throw new Error("table secret-people is on fire");
    },
  },
  Mutation: { touch: () => true },
};

/** The smallest GraphQL function: what surrounds the portal's own schema, without it. */
export function createGreetingFunction(options: Partial<Pick<GraphqlHandlerOptions<Greeter>, "createContext">> = {}) {
  const reported: AnsweredRequest[] = [];
  const handler = createGraphqlHandler<Greeter>({
    server: new ApolloServer<Greeter>({ typeDefs, resolvers, nodeEnv: "test" }),
    createContext: async (_event, _lambdaContext, { requestId }) => ({ requestId }),
    report: (request) => reported.push(request),
    ...options,
  });
  return { handler, reported, fetch: fetchFrom(handler) };
}
