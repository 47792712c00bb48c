import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../../../functions/dynamodb-client.ts";
import { localClientConfig, startDynamoDb } from "../../../local/dynamodb.ts";
import { createTables } from "../../../local/tables.ts";
import { Publisher } from "../../../portal/releases/publish.ts";
import { Store } from "../../../portal/store/store.ts";
import type { Files } from "../../importer/support/made-release.ts";
import { zipOfFiles } from "../../importer/support/zip-writer.ts";
import { releaseOf } from "../../support/releases.ts";

/** An empty portal for the command to work on. */
export interface CommandedPortal {
  /** What tells the command of it. */
  readonly target: readonly string[];
  readonly store: Store;
  /** Publishes within this process, where the command that does so is not what is tested. */
  publish(...releases: readonly Files[]): Promise<void>;
  /** Everything that the tables hold. */
  contents(): Promise<Record<string, AttributeValue>[]>;
}

/** An engine for portals, and a folder for releases. */
export interface Workplace {
  readonly endpoint: string;
  readonly folder: string;
  /** Tables under a prefix of their own, or the one that is given. */
  openPortal(prefix?: string): Promise<CommandedPortal>;
  folderOf(files: Files): Promise<string>;
  zipFileOf(files: Files): Promise<string>;
  close(): Promise<void>;
}

export async function openWorkplace(): Promise<Workplace> {
  const { endpoint, close } = await startDynamoDb();
  const client = dynamoDbClient(localClientConfig(endpoint));
  const folder = await mkdtemp(join(tmpdir(), "gazetteer-cli-"));
  let portals = 0;
  return {
    ...{ endpoint, folder },
    openPortal: async (prefix = `portal-${++portals}`) => {
      const names = (table: string) => `${prefix}-${table}`;
      const tables = { catalogue: names("catalogue"), series: names("series"), partners: names("partners") };
      await createTables(client, tables);
      const store = new Store({ client, tables });
      const scan = (TableName: string) => client.send(new ScanCommand({ TableName }));
      return {
        ...{ target: ["--endpoint", endpoint, "--tables", prefix], store },
        publish: async (...releases) => {
          const publisher = new Publisher({ store, owner: "tests" });
          for (const files of releases) await publisher.publish(releaseOf(files));
        },
        contents: async () => {
          const pages = await Promise.all([scan(tables.catalogue), scan(tables.series)]);
          return pages.flatMap(({ Items = [] }) => Items);
        },
      };
    },
    folderOf: async (files) => {
      const path = await mkdtemp(join(folder, "release-"));
      for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
      return path;
    },
    zipFileOf: async (files) => {
      const path = join(await mkdtemp(join(folder, "zip-")), "release.zip");
      await writeFile(path, zipOfFiles(files, "release/"));
      return path;
    },
    close: async () => {
      client.destroy();
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
