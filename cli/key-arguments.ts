import { isPlanName, isScope, PLAN_NAMES, type PlanName, SCOPES, type Scope } from "../portal/partners/plans.ts";
import { durationMs } from "./durations.ts";
import { UsageError } from "./usage-error.ts";

/** `keys create|list|rotate|revoke …` */
export type KeysCommand = { readonly name: "keys" } & (
  | {
      readonly action: "create";
      readonly keyName: string;
      readonly plan: PlanName;
      readonly scopes: readonly Scope[] | undefined;
      readonly lifetimeMs: number | null;
    }
  | { readonly action: "list" }
  | {
      readonly action: "rotate";
      readonly keyId: string;
      readonly overlapMs: number;
      /** Undefined: as long as the old key was meant to live. */
      readonly lifetimeMs: number | null | undefined;
    }
  | { readonly action: "revoke"; readonly keyId: string }
);

/** The options that only `keys` knows. */
export const KEY_OPTIONS = {
  plan: { type: "string" },
  scopes: { type: "string" },
  expires: { type: "string" },
  overlap: { type: "string" },
} as const;

export type KeyOption = keyof typeof KEY_OPTIONS;
export type KeyValues = { readonly [option in KeyOption]?: string | undefined };

const ACTIONS: Readonly<Record<KeysCommand["action"], { argument?: string; options: readonly KeyOption[] }>> = {
  create: { argument: "the name of whoever gets the key", options: ["plan", "scopes", "expires"] },
  list: { options: [] },
  rotate: { argument: "the id of a key", options: ["overlap", "expires"] },
  revoke: { argument: "the id of a key", options: [] },
};

const DEFAULT_EXPIRES = "365d";
const DEFAULT_OVERLAP = "7d";

/** @throws UsageError that names the option or argument. */
export function readKeysCommand([action = "", ...args]: readonly string[], values: KeyValues): KeysCommand {
  if (!isAction(action)) {
    const known = Object.keys(ACTIONS).join(", ");
    throw new UsageError(action === "" ? `keys needs one of ${known}.` : `keys knows no "${action}", only ${known}.`);
  }
  const { argument, options } = ACTIONS[action];
  for (const option of Object.keys(KEY_OPTIONS) as KeyOption[]) {
    if (values[option] !== undefined && !options.includes(option)) {
      throw new UsageError(`keys ${action} knows no --${option}.`);
    }
  }
  if (args.length !== (argument === undefined ? 0 : 1)) {
    throw new UsageError(
      `keys ${action} ${argument === undefined ? "takes no argument" : `needs ${argument}, and nothing else`}.`,
    );
  }
  const [value = ""] = args;
  switch (action) {
    case "create":
      return {
        ...{ name: "keys", action, keyName: value, plan: planOf(values.plan), scopes: scopesOf(values.scopes) },
        lifetimeMs: lifetimeOf(values.expires ?? DEFAULT_EXPIRES),
      };
    case "list":
      return { name: "keys", action };
    case "rotate":
      return {
        ...{
          name: "keys",
          action,
          keyId: value,
          overlapMs: durationMs("--overlap", values.overlap ?? DEFAULT_OVERLAP),
        },
        lifetimeMs: values.expires === undefined ? undefined : lifetimeOf(values.expires),
      };
    case "revoke":
      return { name: "keys", action, keyId: value };
  }
}

function isAction(name: string): name is KeysCommand["action"] {
  return Object.hasOwn(ACTIONS, name);
}

function planOf(name = ""): PlanName {
  if (isPlanName(name)) return name;
  throw new UsageError(`--plan has to be one of ${PLAN_NAMES.join(", ")}${name === "" ? "" : `, not "${name}"`}.`);
}

function scopesOf(text: string | undefined): Scope[] | undefined {
  return text?.split(",").map((name) => {
    if (isScope(name)) return name;
    throw new UsageError(`--scopes has to be some of ${SCOPES.join(",")}, not "${text}".`);
  });
}

function lifetimeOf(text: string): number | null {
  return text === "never" ? null : durationMs("--expires", text);
}
