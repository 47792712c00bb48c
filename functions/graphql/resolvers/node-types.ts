const TYPE_NAMES = {
  region: "Region",
  agency: "Agency",
  platform: "Platform",
  complex: "IndustrialComplex",
  metric: "Metric",
  source: "Source",
  release: "Release",
  series: "Series",
} as const;

export type NodeType = keyof typeof TYPE_NAMES;

/** The GraphQL type of what has a global id, by the id's prefix. */
export function typeNameOf(type: NodeType): (typeof TYPE_NAMES)[NodeType] {
  return TYPE_NAMES[type];
}

/** What the interfaces ask of a node. */
export const nodeType = { __resolveType: ({ type }: { type: NodeType }) => typeNameOf(type) };
