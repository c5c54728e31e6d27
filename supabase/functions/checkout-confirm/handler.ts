import { confirmCheckout } from "../../../shared/confirmation.ts";
import {
  clientSecret as clientSecretForm,
  type ConfirmRequest,
  confirmRequest,
  confirmWithSecretRequest,
} from "../../../shared/contract/confirm.ts";
import type { Digest } from "../../../shared/digest.ts";
import { CheckoutError } from "../../../shared/errors.ts";
import type { Fulfilment } from "../../../shared/fulfilment.ts";
import { readJson } from "../../../shared/http/body.ts";
import { addressDigest, clientOf } from "../../../shared/http/client-address.ts";
import type { Call } from "../../../shared/http/routes.ts";

export interface ConfirmDependencies extends Omit<Fulfilment, "log"> {
  readonly digest: Digest;
  readonly addressHeader: string;
}

/** `POST /checkout-confirm`: the secret stands in the body. */
export function confirmEndpoint(dependencies: ConfirmDependencies) {
  return async (call: Call): Promise<Response> => {
    const { clientSecret, ...card } = await readJson(call.request, confirmWithSecretRequest);
    return confirm(dependencies, call, clientSecret, card);
  };
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
  const clientSecretDigest = await digest("client_secret", clientSecret);
  const located = await checkouts.locate({ clientSecretDigest });
  if (located === null || !located.current) throw new CheckoutError("client_secret_invalid");
  const from = clientOf(request, addressHeader);
  const presented = { ...card, from, addressDigest: await addressDigest(from, digest) };
  return Response.json(await confirmCheckout({ checkouts, stripe, log }, located, presented));
}
