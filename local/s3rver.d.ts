declare module "s3rver" {
  import type { AddressInfo } from "node:net";
  import type { S3Event } from "aws-lambda";

  export interface S3rverOptions {
    address?: string;
    port?: number;
    /** Folder of the buckets. */
    directory?: string;
    silent?: boolean;
    /** Whether `bucket.host` addresses a bucket, too. */
    vhostBuckets?: boolean;
    configureBuckets?: readonly { readonly name: string }[];
  }

  export default class S3rver {
    constructor(options?: S3rverOptions);
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
    /** Events of objects, as S3 notifies of them, but for keys that are not encoded. */
    on(event: "event", listener: (event: S3Event) => void): this;
  }
}
