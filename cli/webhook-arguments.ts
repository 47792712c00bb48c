import { durationMs } from "./durations.ts";
import { UsageError } from "./usage-error.ts";

/** `webhooks add|list|remove|rotate|test …` */
export type WebhooksCommand = { readonly name: "webhooks" } & (
  | { readonly action: "add"; readonly url: string; readonly partner: string; readonly allowLocal: boolean }
  | { readonly action: "list" }
  | { readonly action: "remove"; readonly id: string }
  | { readonly action: "rotate"; readonly id: string; readonly overlapMs: number }
  | { readonly action: "test"; readonly id: string; readonly allowLocal: boolean }
);

/** The options that `webhooks` knows, beside `--overlap`, which it shares with `keys`. */
export const WEBHOOK_OPTIONS = {
  partner: { type: "string" },
  "allow-local": { type: "boolean" },
} as const;

export type WebhookOption = keyof typeof WEBHOOK_OPTIONS | "overlap";

export interface WebhookValues {
  readonly partner?: string | undefined;
  readonly "allow-local"?: boolean | undefined;
  readonly overlap?: string | undefined;
}

const ACTIONS: Readonly<Record<WebhooksCommand["action"], { argument?: string; options: readonly WebhookOption[] }>> = {
  add: { argument: "the URL that is to be told", options: ["partner", "allow-local"] },
  list: { options: [] },
  remove: { argument: "the id of a webhook", options: [] },
  rotate: { argument: "the id of a webhook", options: ["overlap"] },
  test: { argument: "the id of a webhook", options: ["allow-local"] },
};

const DEFAULT_OVERLAP = "7d";

/** @throws UsageError that names the option or argument. */
export function readWebhooksCommand([action = "", ...args]: readonly string[], values: WebhookValues): WebhooksCommand {
  if (!isAction(action)) {
    const known = Object.keys(ACTIONS).join(", ");
    throw new UsageError(
      action === "" ? `webhooks needs one of ${known}.` : `webhooks knows no "${action}", only ${known}.`,
    );
  }
  const { argument, options } = ACTIONS[action];
  for (const option of ["partner", "allow-local", "overlap"] as const) {
    if (values[option] !== undefined && !options.includes(option)) {
      throw new UsageError(`webhooks ${action} knows no --${option}.`);
    }
  }
  if (args.length !== (argument === undefined ? 0 : 1)) {
    throw new UsageError(
      `webhooks ${action} ${argument === undefined ? "takes no argument" : `needs ${argument}, and nothing else`}.`,
    );
  }
  const [value = ""] = args;
  const allowLocal = values["allow-local"] ?? false;
  switch (action) {
    case "add":
      if (!values.partner) throw new UsageError("webhooks add needs --partner and the name of whoever is to be told.");
      return { name: "webhooks", action, url: value, partner: values.partner, allowLocal };
    case "list":
      return { name: "webhooks", action };
    case "remove":
      return { name: "webhooks", action, id: value };
    case "rotate":
      return {
        name: "webhooks",
        action,
        id: value,
        overlapMs: durationMs("--overlap", values.overlap ?? DEFAULT_OVERLAP),
      };
    case "test":
      return { name: "webhooks", action, id: value, allowLocal };
  }
}

function isAction(name: string): name is WebhooksCommand["action"] {
  return Object.hasOwn(ACTIONS, name);
}
