import { requireVariable } from "../environment.ts";
import { AWS_GRACE_MS, AWS_SETTLE_MS, LEASE_MS } from "./waits.ts";

export interface ImporterSettings {
  readonly bucket: string;
  readonly deadLetterQueueUrl: string;
  readonly maxUploadBytes: number;
  readonly maxReceives: number;
  readonly settleMs: number;
  readonly graceMs: number;
  readonly leaseMs: number;
}

/**
 * UPLOAD_BUCKET: where releases are dropped; DEAD_LETTER_QUEUE_URL: where messages go that no attempt will help;
 * MAX_RECEIVES: `maxReceiveCount` of the queue. Optional: MAX_UPLOAD_BYTES (1 GiB; the archive and as much again for
 * spooling have to fit into the function's ephemeral storage), SETTLE_MS.
 *
 * @throws Error that names the variable.
 */
export function importerSettings(env: NodeJS.ProcessEnv): ImporterSettings {
  return {
    bucket: requireVariable(env, "UPLOAD_BUCKET"),
    deadLetterQueueUrl: requireVariable(env, "DEAD_LETTER_QUEUE_URL"),
    maxReceives: wholeNumber("MAX_RECEIVES", requireVariable(env, "MAX_RECEIVES")),
    maxUploadBytes: wholeNumber("MAX_UPLOAD_BYTES", env.MAX_UPLOAD_BYTES ?? `${2 ** 30}`),
    settleMs: wholeNumber("SETTLE_MS", env.SETTLE_MS ?? `${AWS_SETTLE_MS}`),
    graceMs: AWS_GRACE_MS,
    leaseMs: LEASE_MS,
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error(`the environment variable ${name} is to be a whole number, not "${text}"`);
}
