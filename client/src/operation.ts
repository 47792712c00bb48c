/** A GraphQL document of one operation, with the types of what it answers and of what it is asked with. */
export interface Operation<Result, Variables> {
  readonly name: string;
  readonly text: string;
  /** Never there: it only ties the types to the text. */
  readonly types?: (variables: Variables) => Result;
}
