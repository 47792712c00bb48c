import { createHash } from "node:crypto";
import { type DocumentNode, type GraphQLSchema, Kind, print } from "graphql";

interface DocumentFile {
  readonly location?: string;
  readonly document?: DocumentNode;
}

/**
 * A graphql-codegen plugin: the manifest of the documents in `schema/operations`, in the format of Apollo's persisted
 * query manifests (version 1), so that tools of clients read it. A document is a file: one operation with its fragments.
 * Its id is the SHA-256 of its text as graphql-js prints it.
 */
export function plugin(_schema: GraphQLSchema, files: readonly DocumentFile[]): string {
  const operations = files.map(operationIn).sort((a, b) => (a.name < b.name ? -1 : 1));
  const manifest = { format: "apollo-persisted-query-manifest", version: 1, operations };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @throws for a file that is not one named operation: its name is what tells what it is for. */
function operationIn({ location = "a document", document }: DocumentFile) {
  const operations = document?.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION) ?? [];
  const [operation] = operations;
  if (!document || operations.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION || !operation.name) {
    throw new Error(`${location} has to hold one operation, with a name`);
  }
  const body = print(document);
  return {
    id: createHash("sha256").update(body).digest("hex"),
    name: operation.name.value,
    type: operation.operation,
    body,
  };
}
