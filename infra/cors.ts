/**
 * What pages of other origins may send and read. API Gateway answers their preflights; CloudFront puts the same on
 * every other answer, because one that it has cached must not name the origin that happened to ask first. The local server
 * does both.
 */
export const ALLOWED_HEADERS = [
  "accept",
  "content-type",
  "apollo-require-preflight",
  "x-apollo-operation-name",
  "if-none-match",
  "if-modified-since",
  "authorization",
  "x-api-key",
] as const;

export const EXPOSED_HEADERS = [
  "etag",
  "last-modified",
  "link",
  "x-gazetteer-release",
  "x-request-id",
  "retry-after",
  "www-authenticate",
  "ratelimit",
  "ratelimit-policy",
  "ratelimit-limit",
  "ratelimit-remaining",
  "ratelimit-reset",
] as const;

export const PREFLIGHT_MAX_AGE_SECONDS = 7200;
