import { PortalError } from "../../portal/errors.ts";
import { ANONYMOUS, type Caller, mayUse } from "../../portal/partners/caller.ts";
import type { KeyRing, Standing } from "../../portal/partners/key-ring.ts";
import type { Scope } from "../../portal/partners/plans.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import type { RequestRecord } from "./log.ts";
import { Refusal } from "./refusal.ts";

/** Header names in lower case, as API Gateway gives them. */
export type Headers = Readonly<Record<string, string | undefined>>;

const CHALLENGE = 'Bearer realm="gazetteer"';

const REASONS: Readonly<Record<Exclude<Standing["state"], "VALID">, string>> = {
  UNKNOWN: "The API key is not known.",
  REVOKED: "The API key was revoked.",
  EXPIRED: "The API key has expired.",
};

/** What it takes to admit a caller. */
export interface Admission {
  readonly keys: KeyRing;
  /** What the request makes use of. */
  readonly use: Scope;
  readonly scope: CallScope;
  /** Is told who it was. */
  readonly record: RequestRecord;
}

/**
 * Who sent a request, if they may make it.
 *
 * @throws Refusal 401, 403; PortalError `UNAVAILABLE`: see `identifyCaller` and `requireScope`.
 */
export async function admitCaller(headers: Headers, { keys, use, scope, record }: Admission): Promise<Caller> {
  const caller = await identifyCaller(headers, keys, scope);
  noteCaller(caller, record);
  requireScope(caller, use);
  return caller;
}

/**
 * Who sent a request: the partner whose key it carries in `Authorization: Bearer` or `x-api-key`, or nobody in
 * particular. When the table of keys does not answer, whoever it is goes on as nobody in particular: what there is to
 * read is public, and a key buys size and speed. What takes a scope has to wait: see `requireScope`.
 *
 * @throws Refusal 401 for a key that is none or is over: who has a key is told, and not served as somebody else.
 */
async function identifyCaller(headers: Headers, keys: KeyRing, scope: CallScope): Promise<Caller> {
  const key = keyIn(headers);
  if (key === undefined) return ANONYMOUS;
  const standing = await keys
    .standingOf(key, scope)
    .catch((failure: unknown) => ({ state: "NO_ANSWER", failure }) as const);
  switch (standing.state) {
    case "VALID": {
      const { keyId, bucket, plan, scopes } = standing.record;
      return { kind: "partner", keyId, bucket, plan, scopes };
    }
    case "NO_ANSWER":
      return { kind: "anonymous", lookupFailure: standing.failure };
    default:
      throw unauthenticated(REASONS[standing.state]);
  }
}

/** What the log is told of a caller. */
function noteCaller(caller: Caller, record: RequestRecord): void {
  if (caller.kind === "partner") {
    record.plan = caller.plan;
    record.keyId = caller.keyId;
    return;
  }
  record.plan = "anonymous";
  if (caller.lookupFailure !== undefined) record.bucketFailed = true;
}

/**
 * @throws Refusal 401 without a key, 403 when the key is not meant for this.
 * @throws PortalError `UNAVAILABLE` when nobody can tell, because the table of keys does not answer.
 */
function requireScope(caller: Caller, scope: Scope): void {
  if (mayUse(caller, scope)) return;
  if (caller.kind === "anonymous" && caller.lookupFailure !== undefined) {
    const message = "The API key cannot be looked up right now; try again shortly.";
    throw new PortalError("UNAVAILABLE", message, { cause: caller.lookupFailure });
  }
  if (caller.kind === "anonymous") {
    // RFC 6750 §3.1: who sent no credentials gets no error code.
    throw new Refusal(401, "UNAUTHENTICATED", `This needs an API key with the scope "${scope}".`, {
      "www-authenticate": `${CHALLENGE}, scope="${scope}"`,
    });
  }
  throw new Refusal(403, "FORBIDDEN", `The API key does not have the scope "${scope}".`, {
    // RFC 6750 §3.1
    "www-authenticate": `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`,
  });
}

function keyIn({ authorization, "x-api-key": apiKey }: Headers): string | undefined {
  const bearer = authorization === undefined ? undefined : bearerIn(authorization);
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey.trim()) {
    throw unauthenticated("Authorization and x-api-key hold different keys. Send one of them.");
  }
  return bearer ?? apiKey?.trim();
}

/** RFC 9110 §11.4: schemes compare case-insensitively. */
function bearerIn(authorization: string): string {
  const [, token] = /^bearer +([^\s,]+) *$/i.exec(authorization) ?? [];
  if (token !== undefined) return token;
  throw unauthenticated('The Authorization header has to be "Bearer" and an API key.');
}

/** RFC 6750 §3: a challenge comes with every 401, and says that the token is at fault. */
function unauthenticated(message: string): Refusal {
  return new Refusal(401, "UNAUTHENTICATED", message, {
    "www-authenticate": `${CHALLENGE}, error="invalid_token", error_description="${message.replaceAll('"', "'")}"`,
  });
}
