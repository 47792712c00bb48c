import { ALLOWED_HEADERS, EXPOSED_HEADERS, PREFLIGHT_MAX_AGE_SECONDS } from "../infra/cors.ts";

/** The answer to a browser that asks whether a page of another origin may; undefined for any other request. */
export function preflight(method: string, headers: Readonly<Record<string, unknown>>): Response | undefined {
  if (method !== "OPTIONS" || !headers.origin || !headers["access-control-request-method"]) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,POST",
      "access-control-allow-headers": ALLOWED_HEADERS.join(","),
      "access-control-max-age": `${PREFLIGHT_MAX_AGE_SECONDS}`,
    },
  });
}

/** What pages of other origins may read. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": EXPOSED_HEADERS.join(","),
};
