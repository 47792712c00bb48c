import { randomBytes } from "node:crypto";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { ImportReport } from "../../../functions/importer/report.ts";
import { KeyRegister } from "../../../portal/partners/key-register.ts";
import type { ReleaseFiles } from "../../../portal/releases/files/folder.ts";
import type { Publisher } from "../../../portal/releases/publish.ts";
import { callScope } from "../../../portal/store/calls.ts";
import { Store } from "../../../portal/store/store.ts";
import type { DeployedPortal } from "../../support/deployed.ts";

export const HOUR = 3_600_000;

export function functionNamed({ functions }: DeployedPortal, name: string) {
  const found = functions.find((each) => each.name.endsWith(`-${name}`));
  if (!found) throw new Error(`there is no function ${name}`);
  return found;
}

export function uploadBucket({ templates }: DeployedPortal): string {
  return templates.resources("AWS::S3::Bucket").find(({ ref }) => ref.includes("-uploads"))?.ref ?? "";
}

/** What was given up, with the reasons. */
export function deadLetters({ queues }: DeployedPortal, of = "uploads") {
  return queues.messagesIn(`gazetteer-staging-${of}-dead-letters`);
}

/** The store of who stands outside of the functions, with permissions of its own: a person with the command line. */
export function storeOf({ dynamoDb }: DeployedPortal): { readonly store: Store; readonly partners: string } {
  const named = (table: string) => `gazetteer-staging-${table}`;
  const store = new Store({ client: dynamoDb, tables: { catalogue: named("catalogue"), series: named("series") } });
  return { store, partners: named("partners") };
}

/** Puts an archive into the bucket, waits until the importer is through, and reads what it wrote beside it. */
export async function drop(portal: DeployedPortal, key: string, archive: Uint8Array): Promise<ImportReport> {
  const Bucket = uploadBucket(portal);
  await portal.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: archive }));
  await portal.queues.idle();
  const { Body } = await portal.s3.send(new GetObjectCommand({ Bucket, Key: `${key}.report.json` }));
  return JSON.parse((await Body?.transformToString()) ?? "");
}

/** The files of a release that only an importer is given. */
export async function filesOf(kind: {
  readonly publish: (importer: Publisher) => Promise<unknown>;
}): Promise<ReleaseFiles> {
  const given: ReleaseFiles[] = [];
  const importer: Pick<Publisher, "publish"> = {
    publish: async (files) => {
      given.push(files);
      return undefined as never;
    },
  };
  await kind.publish(importer as Publisher);
  return given[0] as ReleaseFiles;
}

/** The files of a release by their names. */
export async function contentOf({ names, open }: ReleaseFiles): Promise<Record<string, Uint8Array>> {
  const contents = names.map(async (name) => [name, await bytesOf(open(name))] as const);
  return Object.fromEntries(await Promise.all(contents));
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

export async function remove(portal: DeployedPortal, key: string): Promise<void> {
  await portal.s3.send(new DeleteObjectCommand({ Bucket: uploadBucket(portal), Key: key }));
}

/** A partner's key, as the command line issues it. */
export async function issueKey(portal: DeployedPortal): Promise<string> {
  const { store, partners: table } = storeOf(portal);
  const register = new KeyRegister({ store, table, now: Date.now, randomBytes });
  return (await register.create({ name: "Tests", plan: "standard", lifetimeMs: null }, callScope())).key;
}
