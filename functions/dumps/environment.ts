import type { PublishedBy } from "../../portal/dcat/facts.ts";
import { requireVariable } from "../environment.ts";
import type { DumpShelf } from "./shelf.ts";

/**
 * DUMP_BUCKET: where dumps are; without it the portal offers none. The client of S3 is loaded when somebody first asks
 * for a dump: most instances never are.
 */
export function dumpShelf(env: NodeJS.ProcessEnv): { readonly dumps?: DumpShelf } {
  const bucket = env.DUMP_BUCKET;
  if (!bucket) return {};
  let opened: Promise<DumpShelf> | undefined;
  const open = () => {
    opened ??= openShelf(bucket);
    return opened;
  };
  return {
    dumps: {
      latest: async () => (await open()).latest(),
      ofRelease: async (release) => (await open()).ofRelease(release),
      sign: async (key, name) => (await open()).sign(key, name),
    },
  };
}

async function openShelf(bucket: string): Promise<DumpShelf> {
  const [{ S3Client }, { BucketShelf }] = await Promise.all([import("@aws-sdk/client-s3"), import("./shelf.ts")]);
  const s3 = new S3Client({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, socketTimeout: 4000 } });
  return new BucketShelf({ s3, bucket });
}

/**
 * What the catalogue says of its publisher, all of it or nothing. PUBLISHER_NAME, PUBLISHER_URL, LICENCE_URL (of the
 * data), CATALOGUE_TITLE; optional: PORTAL_URL, the address that clients use, without which all addresses are relative.
 *
 * @throws Error that names the variable that is missing.
 */
export function publishedBy(env: NodeJS.ProcessEnv): { readonly publishedBy?: PublishedBy } {
  if (!env.PUBLISHER_NAME) return {};
  return {
    publishedBy: {
      url: (env.PORTAL_URL ?? "").replace(/\/$/, ""),
      title: requireVariable(env, "CATALOGUE_TITLE"),
      publisher: { name: env.PUBLISHER_NAME, url: requireVariable(env, "PUBLISHER_URL") },
      licence: requireVariable(env, "LICENCE_URL"),
    },
  };
}
