import * as z from "zod";
import { sessionTokenOf } from "../../../shared/caller.ts";
import type { OwnedSnapshot, Snapshot } from "../../../shared/contract/snapshot.ts";
import type { Checkouts } from "../../../shared/database/checkouts.ts";
import { CheckoutError } from "../../../shared/errors.ts";
import { bearer } from "../../../shared/http/bearer.ts";
import { causeText } from "../../../shared/http/error-response.ts";
import type { Call } from "../../../shared/http/routes.ts";
import type { Logger } from "../../../shared/log.ts";
import type { SessionTokens } from "../../../shared/tokens/session-token.ts";
import type { StripeSide } from "../../../shared/stripe-side.ts";

export interface StatusDependencies {
  readonly checkouts: Checkouts;
  readonly tokens: SessionTokens;
  readonly livemode: boolean;
  readonly stripeSide: () => Promise<StripeSide>;
}

/** `GET …/:sessionId`: the snapshot; to the owning session token also the client secret and the customer. */
export function statusEndpoint(dependencies: StatusDependencies) {
  const { checkouts, tokens, livemode, stripeSide } = dependencies;
  return async ({ request, params, log }: Call): Promise<Response> => {
    const sessionId = z.uuid().safeParse(params["sessionId"]);
    if (!sessionId.success) throw new CheckoutError("session_not_found");
    // supabase-js sends its own key as the bearer: only what calls itself a session token is judged as one.
    const token = bearer(request)?.startsWith("bos_session_")
      ? await sessionTokenOf(request, tokens, { operation: "checkout", livemode })
      : undefined;
    const found = await checkouts.read(sessionId.data, token);
    if (found === null) throw new CheckoutError("session_not_found");
    const { owner, stuck } = found;
    const snapshot = stuck ? await looked(dependencies, found.snapshot, log) : found.snapshot;
    if (owner === null) return Response.json(snapshot);
    const body: OwnedSnapshot = {
      ...snapshot,
      clientSecret: owner.stripePaymentIntentId === null
        ? ""
        : await (await stripeSide()).clientSecret(
          owner.stripePaymentIntentId,
          owner.stripeAccountId,
        ),
      customer: owner.customer,
    };
    return Response.json(body);
  };
}

/** A stuck session's snapshot after a look at Stripe, by one of its callers every few seconds. */
async function looked(
  { checkouts, stripeSide }: StatusDependencies,
  snapshot: Snapshot,
  log: Logger,
): Promise<Snapshot> {
  try {
    if (!await checkouts.claim(snapshot.id)) return snapshot;
    return await (await stripeSide()).repair(snapshot.id, log) ?? snapshot;
  } catch (error) {
    // What is known is still worth an answer; reconcile looks again.
    log.warn("not looked", { cause: causeText(error) });
    return snapshot;
  }
}
