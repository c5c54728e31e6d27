import type * as z from "zod";
import { type ConfirmRequest, type ConfirmResponse, confirmResponse } from "../contract/confirm.ts";
import { type createRequest, type CreateResponse, createResponse } from "../contract/create.ts";
import {
  type CheckResponse,
  checkResponse,
  type EntitlementsResponse,
  entitlementsResponse,
} from "../contract/entitlements.ts";
import {
  type OwnedSnapshot,
  ownedSnapshot,
  type Snapshot,
  snapshot,
} from "../contract/snapshot.ts";
import { request } from "./request.ts";

/** The calls that a browser makes; each throws `CheckoutRequestError`. */
export interface CheckoutClient {
  /** Opens a session for the token's customer; the same key gives the same session. */
  create(
    sessionToken: string,
    input: z.input<typeof createRequest>,
    idempotencyKey?: string,
  ): Promise<CreateResponse>;
  /** Confirms with a card. The secret travels in the body, so that it stands in no URL. */
  confirm(clientSecret: string, card: ConfirmRequest): Promise<ConfirmResponse>;
  /** Activates a free session, which has no client secret. */
  confirmFree(sessionToken: string, sessionId: string): Promise<ConfirmResponse>;
  status(sessionId: string): Promise<Snapshot>;
  /** Status with what only the owner may see. */
  ownStatus(sessionToken: string, sessionId: string): Promise<OwnedSnapshot>;
  /** Gives a session up. Refused with `session_completed` and the like, `details.session` tells how it stands. */
  cancel(sessionToken: string, sessionId: string): Promise<Snapshot>;
  /** What the token's customer may use now. */
  entitlements(sessionToken: string): Promise<EntitlementsResponse>;
  /** Whether the token's customer may use one feature now. */
  check(sessionToken: string, featureKey: string): Promise<CheckResponse>;
}

/** @param functionsUrl `https://<ref>.supabase.co/functions/v1` */
export function checkoutClient(functionsUrl: string): CheckoutClient {
  const statusUrl = (sessionId: string) =>
    `${functionsUrl}/checkout-status/${encodeURIComponent(sessionId)}`;
  return {
    create: (bearer, body, idempotencyKey) =>
      request(`${functionsUrl}/checkout-create`, createResponse, {
        method: "POST",
        bearer,
        body,
        idempotencyKey,
      }),
    confirm: (clientSecret, card) =>
      request(`${functionsUrl}/checkout-confirm`, confirmResponse, {
        method: "POST",
        body: { clientSecret, ...card },
      }),
    confirmFree: (bearer, sessionId) =>
      request(`${functionsUrl}/checkout-confirm`, confirmResponse, {
        method: "POST",
        bearer,
        body: { sessionId },
      }),
    status: (sessionId) => request(statusUrl(sessionId), snapshot, { method: "GET" }),
    ownStatus: (bearer, sessionId) =>
      request(statusUrl(sessionId), ownedSnapshot, { method: "GET", bearer }),
    cancel: (bearer, sessionId) =>
      request(`${functionsUrl}/checkout-cancel/${encodeURIComponent(sessionId)}`, snapshot, {
        method: "POST",
        bearer,
      }),
    entitlements: (bearer) =>
      request(`${functionsUrl}/entitlements`, entitlementsResponse, { method: "GET", bearer }),
    check: (bearer, featureKey) =>
      request(
        `${functionsUrl}/features/check?feature_key=${encodeURIComponent(featureKey)}`,
        checkResponse,
        { method: "GET", bearer },
      ),
  };
}
