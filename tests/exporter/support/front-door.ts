import { BucketShelf } from "../../../functions/dumps/shelf.ts";
import { type PartnerFunctionOptions, partnerFunction } from "../../../functions/partner/function.ts";
import type { PlanName } from "../../../portal/partners/plans.ts";
import { issue, registerOf } from "../../partners/support/register.ts";
import { fetchFrom } from "../../support/fetch.ts";
import { CURSOR_KEYS } from "../../support/portal.ts";
import type { DumpDesk } from "./dump-desk.ts";

/** The partner API before a desk's dumps, as API Gateway would ask it. */
export function frontDoorOf(desk: DumpDesk, options: Partial<PartnerFunctionOptions> = {}) {
  return fetchFrom(
    partnerFunction({
      client: desk.portal.client(),
      tables: desk.portal.tables,
      cursorKeys: CURSOR_KEYS,
      headMaxAgeMs: 0,
      dumps: new BucketShelf({ s3: desk.s3, bucket: desk.bucket, maxAgeMs: 0 }),
      ...options,
    }),
  );
}

/** The headers of a caller with a key of a plan. */
export async function keyOf(desk: DumpDesk, plan: PlanName): Promise<Record<string, string>> {
  return { "x-api-key": (await issue(registerOf(desk.portal), { plan })).key };
}
