import { readSwitch, requireVariable } from "../environment.ts";

export interface WebhooksSettings {
  readonly partners: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly portalUrl: string;
  readonly allowLocal: boolean;
}

/**
 * PARTNERS_TABLE: where webhooks are registered; WEBHOOK_QUEUE_URL: where messages wait; DEAD_LETTER_QUEUE_URL: where
 * those go that nobody took. Optional: PORTAL_URL, the address that clients use, without which links are relative;
 * WEBHOOKS_ALLOW_LOCAL, `true` on a developer's machine only: sends to that machine too, by http and at any port.
 *
 * @throws Error that names the variable.
 */
export function webhooksSettings(env: NodeJS.ProcessEnv): WebhooksSettings {
  return {
    partners: requireVariable(env, "PARTNERS_TABLE"),
    queueUrl: requireVariable(env, "WEBHOOK_QUEUE_URL"),
    deadLetterQueueUrl: requireVariable(env, "DEAD_LETTER_QUEUE_URL"),
    portalUrl: (env.PORTAL_URL ?? "").replace(/\/$/, ""),
    allowLocal: readSwitch(env, "WEBHOOKS_ALLOW_LOCAL", false),
  };
}
