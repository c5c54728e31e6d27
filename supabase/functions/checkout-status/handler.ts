import * as z from "zod";
import { sessionTokenOf } from "../../../shared/caller.ts";
import type { OwnedSnapshot } from "../../../shared/contract/snapshot.ts";
import type { Checkouts } from "../../../shared/database/checkouts.ts";
import { CheckoutError } from "../../../shared/errors.ts";
import { bearer } from "../../../shared/http/bearer.ts";
import type { Call } from "../../../shared/http/routes.ts";
import type { SessionTokens } from "../../../shared/tokens/session-token.ts";

export interface StatusDependencies {
  readonly checkouts: Checkouts;
  readonly tokens: SessionTokens;
  readonly livemode: boolean;
  /** Reads an intent's client secret at Stripe. */
  readonly clientSecret: (stripePaymentIntentId: string, account: string | null) => Promise<string>;
}

/** `GET …/:sessionId`: the snapshot; to the owning session token also the client secret and the customer. */
export function statusEndpoint({ checkouts, tokens, livemode, clientSecret }: StatusDependencies) {
  return async ({ request, params }: Call): Promise<Response> => {
    const sessionId = z.uuid().safeParse(params["sessionId"]);
    if (!sessionId.success) throw new CheckoutError("session_not_found");
    // supabase-js sends its own key as the bearer: only what calls itself a session token is judged as one.
    const token = bearer(request)?.startsWith("bos_session_")
      ? await sessionTokenOf(request, tokens, { operation: "checkout", livemode })
      : undefined;
    const found = await checkouts.read(sessionId.data, token?.tokenId);
    if (found === null) throw new CheckoutError("session_not_found");
    const { snapshot, owner } = found;
    if (owner === null) return Response.json(snapshot);
    const body: OwnedSnapshot = {
      ...snapshot,
      clientSecret: owner.stripePaymentIntentId === null
        ? ""
        : await clientSecret(owner.stripePaymentIntentId, owner.stripeAccountId),
      customer: owner.customer,
    };
    return Response.json(body);
  };
}
