import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import { portalRequest, type PortalResponse } from "../../../shared/contract/portal.ts";
import type { PortalRows } from "../../../shared/database/portal.ts";
import { refusedOrLimited } from "../../../shared/database/refused.ts";
import { readJson } from "../../../shared/http/body.ts";
import { isAllowed } from "../../../shared/http/cors.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { CheckoutError } from "../../../shared/runtime/errors.ts";
import { found } from "../../../shared/stripe/errors.ts";
import type { StripeGateway } from "../../../shared/stripe/gateway.ts";

export interface PortalDependencies {
  readonly rows: PortalRows;
  readonly stripe: Pick<StripeGateway, "portal">;
  readonly proofs: CallerProofs;
  readonly livemode: boolean;
  readonly origins: readonly string[];
}

/** `POST /portal`: the way to Stripe's own page of the caller. */
export function portalEndpoint({ rows, stripe, proofs, livemode, origins }: PortalDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    const caller = await callerOf(request, proofs, { operation: "portal", livemode });
    const { returnUrl } = await readJson(request, portalRequest);
    const back = returnUrl === undefined ? undefined : new URL(returnUrl);
    // Else whoever holds a token could make Stripe's page lead its owner anywhere.
    if (back !== undefined && !isAllowed(back.origin, origins)) {
      throw new CheckoutError("return_url_not_allowed");
    }
    const opened = await rows.open(caller);
    if (opened.outcome !== "found") throw refusedOrLimited(opened, log);
    const { stripeCustomerId, stripeAccountId } = opened;
    const url = await found(stripe.portal.open(
      stripeCustomerId,
      stripeAccountId,
      // As it was read here: another parser may find another origin in the same text.
      back?.href,
    ));
    if (url === undefined) throw new CheckoutError("customer_not_found");
    const body: PortalResponse = { url };
    return Response.json(body);
  };
}
