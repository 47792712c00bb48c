import { randomBytes } from "node:crypto";
import { type KeyRecord, stateOf } from "../../portal/partners/key-items.ts";
import { type IssuedKey, KeyRegister, type ListedKey } from "../../portal/partners/key-register.ts";
import { callScope } from "../../portal/store/calls.ts";
import type { KeysCommand } from "../key-arguments.ts";
import { columns } from "../output/table.ts";
import type { Result, Session } from "./session.ts";

/** Makes, lists, rotates and revokes the keys of partners. */
export async function keys({ target }: Session, command: KeysCommand): Promise<Result> {
  const register = new KeyRegister({ store: target.store, table: target.partners, now: Date.now, randomBytes });
  const scope = callScope();
  switch (command.action) {
    case "create": {
      const { keyName, plan, scopes, lifetimeMs } = command;
      const given = { name: keyName, plan, lifetimeMs, ...(scopes ? { scopes } : {}) };
      return created(await register.create(given, scope));
    }
    case "list":
      return listed(await register.list(scope));
    case "rotate": {
      const { keyId, overlapMs, lifetimeMs } = command;
      const { old, ...issued } = await register.rotate(
        keyId,
        { overlapMs, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) },
        scope,
      );
      const { json, text } = created(issued);
      return {
        json: { ...json, old: shown(old) },
        text: `${text}\nThe old key ${keyId} works until ${old.validUntil}.`,
      };
    }
    case "revoke": {
      const record = await register.revoke(command.keyId, scope);
      const text = `The key ${record.keyId} of ${record.name} is revoked; within a minute nobody is served by it.`;
      return { json: { revoked: shown(record) }, text };
    }
  }
}

function created({ key, record }: IssuedKey): Result {
  const { keyId, name, plan, scopes, validUntil } = record;
  const end = validUntil === null ? "until it is revoked" : `until ${validUntil}`;
  const about = `${keyId} of ${name}: plan ${plan}, scopes ${scopes.join(" and ")}, ${end}.`;
  return {
    json: { key, created: shown(record) },
    text: `${key}\n\nThis is the only time that it can be seen: what is stored cannot be turned back into it.\n${about}`,
  };
}

function listed(found: readonly ListedKey[]): Result {
  const now = Date.now();
  if (found.length === 0) return { json: { keys: [] }, text: "There are no keys." };
  const rows = found.map((key) => [
    key.keyId,
    stateOf(key, now).toLowerCase(),
    key.plan,
    key.scopes.join(","),
    key.createdAt.slice(0, 10),
    key.revokedAt?.slice(0, 10) ?? key.validUntil?.slice(0, 10) ?? "never",
    key.lastChargedAt?.slice(0, 16) ?? "-",
    key.name,
  ]);
  return {
    json: { keys: found.map((key) => ({ ...shown(key), lastChargedAt: key.lastChargedAt })) },
    text: columns(["key", "state", "plan", "scopes", "created", "ends", "last used", "name"], rows),
  };
}

/** What of a record is for people: not the hash, which could be compared with keys that somebody found. */
function shown(record: KeyRecord) {
  const { keyId, name, plan, scopes, createdAt, validUntil, revokedAt, replacedBy } = record;
  const state = stateOf(record, Date.now());
  return { keyId, name, state, plan, scopes, createdAt, validUntil, revokedAt, replacedBy };
}
