import { preferredType, splitParameters } from "../../http/accept.ts";

/** GraphQL over HTTP, "Media Types", in the order in which the server prefers them when a client does not care. */
export const JSON_TYPE = "application/json";
export const GRAPHQL_RESPONSE_TYPE = "application/graphql-response+json";

const OFFERED = [JSON_TYPE, GRAPHQL_RESPONSE_TYPE] as const;
export type ResponseType = (typeof OFFERED)[number];

/** The media type of the answer; undefined when the client accepts none that we have. */
export function chooseResponseType(accept: string | undefined): ResponseType | undefined {
  return preferredType(accept, OFFERED);
}

/** The type/subtype of a Content-Type header in lower case, and its charset when it names one. */
export function parseContentType(header: string): { essence: string; charset: string | undefined } {
  const [essence = "", ...parameters] = splitParameters(header);
  const charset = parameters.find(([name]) => name === "charset")?.[1];
  return { essence: essence[0] ?? "", charset };
}
