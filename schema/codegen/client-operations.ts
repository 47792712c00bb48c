import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  print,
  stripIgnoredCharacters,
  visit,
} from "graphql";

interface DocumentFile {
  readonly document?: DocumentNode;
}

/**
 * A graphql-codegen plugin: each operation as a text that carries the types of its result and variables, which
 * typescript-operations writes beside it. A text holds just the fragments that it needs, and no blank that it does not.
 */
export function plugin(_schema: GraphQLSchema, files: readonly DocumentFile[]): { prepend: string[]; content: string } {
  const definitions = files.flatMap(({ document }) => document?.definitions ?? []);
  const fragments = new Map(
    definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((each) => [nameOf(each), each]),
  ) as ReadonlyMap<string, FragmentDefinitionNode>;
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode[];
  const content = operations.map((operation) => moduleText(operation, fragments)).sort();
  return { prepend: ['import type { Operation } from "../operation.ts";'], content: content.join("\n") };
}

function moduleText(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const name = nameOf(operation);
  const needed = new Set<FragmentDefinitionNode>();
  collect(operation, fragments, needed);
  const text = stripIgnoredCharacters([operation, ...needed].map(print).join("\n"));
  const types = `Operation<${name}Query, ${name}QueryVariables>`;
  return `export const ${name}: ${types} = { name: "${name}", text: ${JSON.stringify(text)} };`;
}

function collect(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  needed: Set<FragmentDefinitionNode>,
): void {
  visit(node, {
    FragmentSpread: ({ name }) => {
      const fragment = fragments.get(name.value);
      if (!fragment || needed.has(fragment)) return;
      needed.add(fragment);
      collect(fragment, fragments, needed);
    },
  });
}

/** @throws for an operation without a name: its name is what it is exported under. */
function nameOf(definition: DocumentNode["definitions"][number]): string {
  if ("name" in definition && definition.name) return definition.name.value;
  throw new Error("every operation of the client needs a name");
}
