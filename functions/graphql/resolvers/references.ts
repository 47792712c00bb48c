import type { GraphQLResolveInfo } from "graphql";
import type { AnyEntity } from "../../../portal/catalogue/entities.ts";
import { PortalError } from "../../../portal/errors.ts";
import { type EntityId, entityId } from "../../../portal/identifiers.ts";
import type { Claim } from "../../../portal/series/claims.ts";
import type { Observation, Vintage } from "../../../portal/series/resolution.ts";
import type { RequestContext } from "../context.ts";
import { selects } from "./selection.ts";

/**
 * An entity that something published refers to: publication saw to it that it is there. At once where the request has it
 * already, since a promise for each of thousands of observations takes longer than all else about them.
 */
export function existing(context: RequestContext, id: EntityId, vintage: Vintage): AnyEntity | Promise<AnyEntity> {
  const name = `${id} ${vintage.release}`;
  const known = context.references.get(name);
  if (known) return known;
  const reading = read(context, id, vintage);
  context.references.set(name, reading);
  const keep = (entity: AnyEntity) => void context.references.set(name, entity);
  reading.then(keep, () => undefined);
  return reading;
}

async function read(context: RequestContext, id: EntityId, vintage: Vintage): Promise<AnyEntity> {
  const entity = await (await context.snapshot()).entity(id, vintage);
  if (entity) return entity as AnyEntity;
  throw new PortalError("INTERNAL", `${id} is referred to but not in the catalogue`);
}

type Stated = Observation & { readonly series: { readonly vintage: Vintage } };

/**
 * Reads the sources and releases that a query asks for of observations, each once.
 *
 * @param path from the field that is resolved down to the observations.
 */
export async function readReferences(
  observations: readonly Stated[],
  path: readonly string[],
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<void> {
  const [first] = observations;
  if (!first) return;
  const ids = new Set<EntityId>();
  for (const field of ["source", "release"] as const) {
    const note = (claim: Claim) => void ids.add(entityId(field, String(claim[field])));
    if (selects(info, [...path, field])) for (const { headline } of observations) note(headline);
    if (selects(info, [...path, "alternatives", field]))
      for (const { alternatives } of observations) for (const claim of alternatives) note(claim);
    if (selects(info, [...path, "revisions", field]))
      for (const { headline } of observations) for (const claim of headline.revisions) if (claim.status) note(claim);
  }
  await Promise.all(Array.from(ids, (id) => existing(context, id, first.series.vintage)));
}
