/**
 * A schema in short, without descriptions: what a function builds it of when it starts [functions/graphql/schema.ts].
 * Types stand as in SDL (`[Region!]!`); what most elements do not have is left out.
 */
export interface SchemaOutline {
  readonly types: Readonly<Record<string, TypeOutline>>;
  readonly directives: Readonly<Record<string, DirectiveOutline>>;
}

export type TypeOutline =
  | { readonly kind: "SCALAR"; readonly specifiedByURL?: string }
  | { readonly kind: "ENUM"; readonly values: Readonly<Record<string, ValueOutline>> }
  | { readonly kind: "UNION"; readonly types: readonly string[] }
  | { readonly kind: "INPUT_OBJECT"; readonly fields: ArgumentOutlines; readonly isOneOf?: true }
  | { readonly kind: "OBJECT" | "INTERFACE"; readonly fields: FieldOutlines; readonly interfaces?: readonly string[] };

export type FieldOutlines = Readonly<Record<string, FieldOutline>>;
export type ArgumentOutlines = Readonly<Record<string, ArgumentOutline>>;

export interface ValueOutline {
  readonly deprecationReason?: string;
}

export interface FieldOutline extends ValueOutline {
  readonly type: string;
  readonly args?: ArgumentOutlines;
}

export interface ArgumentOutline extends ValueOutline {
  readonly type: string;
  readonly defaultValue?: unknown;
}

export interface DirectiveOutline {
  readonly args: ArgumentOutlines;
  readonly locations: readonly string[];
  readonly isRepeatable?: true;
}
