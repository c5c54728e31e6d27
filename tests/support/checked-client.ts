import { createCheckoutClient } from "@billingos/checkout";
import * as z from "zod/mini";
import { type ConfirmRequest, confirmResponse } from "../../shared/contract/confirm.ts";
import { type CreateInput, createResponse } from "../../shared/contract/create.ts";
import { checkResponse, entitlementsResponse } from "../../shared/contract/entitlements.ts";
import { portalResponse } from "../../shared/contract/portal.ts";
import { productsResponse } from "../../shared/contract/products.ts";
import { ownedSnapshot, snapshot } from "../../shared/contract/snapshot.ts";
import { endingResponse, subscriptionsResponse } from "../../shared/contract/subscription.ts";

/**
 * The published client for whichever customer's token, each answer checked by the contract's schema: a page takes the
 * service's word, a test does not.
 */
export function checkedClient(functionsUrl: string) {
  const of = (sessionToken?: string) => createCheckoutClient({ functionsUrl, sessionToken });
  return {
    products: (token: string) => checked(productsResponse, of(token).products()),
    create: (token: string, input: CreateInput, idempotencyKey?: string) =>
      checked(createResponse, of(token).create(input, { idempotencyKey })),
    confirm: (clientSecret: string, card: ConfirmRequest) =>
      checked(confirmResponse, of().confirm({ clientSecret, ...card })),
    confirmFree: (token: string, sessionId: string) =>
      checked(confirmResponse, of(token).confirm({ sessionId })),
    status: (sessionId: string) => checked(snapshot, of().status(sessionId)),
    ownStatus: (token: string, sessionId: string) =>
      checked(ownedSnapshot, of(token).ownStatus(sessionId)),
    cancel: (token: string, sessionId: string) => checked(snapshot, of(token).cancel(sessionId)),
    entitlements: (token: string) => checked(entitlementsResponse, of(token).entitlements()),
    check: (token: string, featureKey: string) =>
      checked(checkResponse, of(token).check(featureKey)),
    subscriptions: (token: string, preview?: "next_invoice") =>
      checked(subscriptionsResponse, of(token).subscriptions({ preview })),
    cancelSubscription: (token: string, id: string) =>
      checked(endingResponse, of(token).cancelSubscription(id)),
    resumeSubscription: (token: string, id: string) =>
      checked(endingResponse, of(token).resumeSubscription(id)),
    portal: (token: string, returnUrl?: string) =>
      checked(portalResponse, of(token).portal({ returnUrl })),
  };
}

async function checked<Schema extends z.core.$ZodType>(
  schema: Schema,
  answer: Promise<unknown>,
): Promise<z.output<Schema>> {
  return z.parse(schema, await answer);
}
