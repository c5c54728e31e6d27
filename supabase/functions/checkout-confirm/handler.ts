import * as z from "zod/mini";
import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import { aboutSession } from "../../../shared/checkout/about-session.ts";
import { confirmCheckout } from "../../../shared/checkout/confirm.ts";
import {
  clientSecret as clientSecretForm,
  confirmFreeRequest,
  type ConfirmRequest,
  confirmRequest,
  confirmWithSecretRequest,
} from "../../../shared/contract/confirm.ts";
import type { Digest } from "../../../shared/runtime/digest.ts";
import { CheckoutError } from "../../../shared/runtime/errors.ts";
import type { CheckoutPorts } from "../../../shared/checkout/ports.ts";
import { confirmFree } from "../../../shared/checkout/confirm-free.ts";
import { readJson, validate } from "../../../shared/http/body.ts";
import { addressDigest, clientOf } from "../../../shared/http/client-address.ts";
import { type Call, pathId } from "../../../shared/http/routes.ts";

export interface ConfirmDependencies extends Omit<CheckoutPorts, "log"> {
  readonly digest: Digest;
  readonly addressHeader: string | undefined;
}

export interface ConfirmFreeDependencies extends Omit<CheckoutPorts, "log"> {
  readonly proofs: CallerProofs;
  readonly livemode: boolean;
}

/** `POST /checkout-confirm`: the secret stands in the body; where nothing is due there is none, and the session's id does. */
export function confirmEndpoint(dependencies: ConfirmDependencies & ConfirmFreeDependencies) {
  return async (call: Call): Promise<Response> => {
    const body = await readJson(call.request, z.looseObject({}));
    if ("sessionId" in body && !("clientSecret" in body)) {
      const { sessionId } = validate(body, confirmFreeRequest);
      return confirmOwn(dependencies, call, sessionId);
    }
    const { clientSecret, ...card } = validate(body, confirmWithSecretRequest);
    return confirm(dependencies, call, clientSecret, card);
  };
}

/** `POST …/:sessionId/confirm-free`. */
export function confirmFreeEndpoint(dependencies: ConfirmFreeDependencies) {
  return (call: Call): Promise<Response> =>
    confirmOwn(dependencies, call, pathId(call.params, "sessionId", "session_not_found"));
}

async function confirmOwn(
  { proofs, livemode, checkouts, stripe }: ConfirmFreeDependencies,
  { request, log }: Call,
  sessionId: string,
): Promise<Response> {
  const caller = await callerOf(request, proofs, { operation: "checkout", livemode });
  return Response.json(await confirmFree({ checkouts, stripe, log }, sessionId, caller));
}

/** `POST /checkout-confirm/:clientSecret`, for SDKs that put the secret in the path. */
export function confirmByPathEndpoint(dependencies: ConfirmDependencies) {
  return async (call: Call): Promise<Response> => {
    const clientSecret = clientSecretForm.safeParse(call.params["clientSecret"]);
    if (!clientSecret.success) throw new CheckoutError("client_secret_invalid");
    const card = await readJson(call.request, confirmRequest);
    return confirm(dependencies, call, clientSecret.data, card);
  };
}

async function confirm(
  { digest, addressHeader, checkouts, stripe }: ConfirmDependencies,
  { log, request }: Call,
  clientSecret: string,
  card: ConfirmRequest,
): Promise<Response> {
  const from = clientOf(request, addressHeader);
  const presented = { ...card, from, addressDigest: await addressDigest(from, digest) };
  const [stripePaymentIntentId = ""] = clientSecret.split("_secret_");
  const shown = await digest("client_secret", clientSecret);
  const begun = await checkouts.beginConfirm(stripePaymentIntentId, shown, presented);
  if (begun === null) throw new CheckoutError("client_secret_invalid");
  log.note(aboutSession(begun.located));
  return Response.json(await confirmCheckout({ checkouts, stripe, log }, begun, presented));
}
