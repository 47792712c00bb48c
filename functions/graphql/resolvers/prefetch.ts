import { type GraphQLObjectType, type GraphQLResolveInfo, getArgumentValues, isObjectType } from "graphql";
import { isLocalId, type SubjectId, splitEntityId } from "../../../portal/identifiers.ts";
import type { RequestContext } from "../context.ts";
import { typeNameOf } from "./node-types.ts";
import { type ProfileArguments, profileConnection } from "./profile.ts";
import { fieldsNamed } from "./selection.ts";

/**
 * Begins to read the series and profiles that a query asks for of a subject while the subject itself is being read:
 * they need its id alone, and a round trip is saved. What goes wrong is told where the field is resolved.
 */
export function prefetchSubject(context: RequestContext, subject: SubjectId, info: GraphQLResolveInfo): void {
  const type = info.schema.getType(typeNameOf(splitEntityId(subject).type));
  if (!isObjectType(type)) return;
  for (const args of argumentsOf<ProfileArguments>(type, "profile", info)) {
    profileConnection(context, subject, args).catch(() => undefined);
  }
  for (const { metric } of argumentsOf<{ metric: string }>(type, "series", info)) {
    prefetchSeries(context, subject, metric.replace(/^metric:/, "")).catch(() => undefined);
  }
}

async function prefetchSeries(context: RequestContext, subject: SubjectId, metric: string): Promise<void> {
  if (isLocalId("metric", metric)) await (await context.snapshot()).series(subject, metric);
}

/** The arguments of every selection of a field; one that is malformed is left to the field's own resolution. */
function argumentsOf<Arguments>(type: GraphQLObjectType, field: string, info: GraphQLResolveInfo): Arguments[] {
  const definition = type.getFields()[field];
  if (!definition) return [];
  return fieldsNamed(info, field, type).flatMap((node) => {
    try {
      return getArgumentValues(definition, node, info.variableValues) as Arguments;
    } catch {
      return [];
    }
  });
}
