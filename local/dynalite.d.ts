declare module "dynalite" {
  import type { Server } from "node:http";

  /** Times are how long a table stays in a transitional state, in milliseconds. */
  export interface DynaliteOptions {
    /** Folder of the database; in memory when left out. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}
