import { newId } from "../core/ids.ts";
import type { Fault } from "../faults/faults.ts";
import type { StoredEvent, WebhookEndpoint } from "../store/types.ts";
import { signatureHeader } from "./sign.ts";

const PATIENCE_MS = 10_000;

/** What an endpoint does not show again after it was created. */
export interface EndpointSecret {
  secret: string;
  connect: boolean;
}

export interface Attempt {
  /** Real time, milliseconds. */
  at: number;
  /** Zero when the listener did not answer. */
  status: number;
  error: string | null;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  id: string;
  event: string;
  type: string;
  endpoint: string;
  url: string;
  state: "pending" | "delivered" | "dropped" | "given_up";
  /** When it was to be sent first; real time, milliseconds. */
  at: number;
  attempts: Attempt[];
}

/** A delivery with what it sends, and what befalls it. */
export interface Work extends Delivery {
  payload: StoredEvent;
  secret: string;
  copies: number;
  delayMs: number;
  reorder: boolean;
  holdMs: number;
}

/** The delivery of an event to an endpoint, with the faults that strike it. */
export function newDelivery(
  event: StoredEvent,
  endpoint: WebhookEndpoint,
  secret: string,
  faults: readonly Fault[],
): Work {
  const struck = (kind: string) => faults.find((fault) => fault.kind === kind);
  return {
    id: newId("dlv"),
    event: event.id,
    type: event.type,
    endpoint: endpoint.id,
    url: endpoint.url,
    state: struck("webhook_drop") === undefined ? "pending" : "dropped",
    at: Date.now(),
    attempts: [],
    payload: event,
    secret,
    copies: struck("webhook_duplicate")?.copies ?? (struck("webhook_duplicate") ? 1 : 0),
    delayMs: struck("webhook_delay")?.ms ?? 0,
    reorder: struck("webhook_reorder") !== undefined,
    holdMs: struck("webhook_reorder")?.ms ?? 300,
  };
}

/** Sends an event once, and notes down on its delivery what came of it. */
export async function post(work: Work, stop: AbortSignal): Promise<Attempt> {
  const body = JSON.stringify(work.payload, null, 2);
  // Listeners hold the signature's age against real time, which the simulator's clock may have left.
  const signedAt = Math.floor(Date.now() / 1000);
  const attempt: Attempt = { at: Date.now(), status: 0, error: null };
  work.attempts.push(attempt);
  try {
    const response = await fetch(work.url, {
      method: "POST",
      body,
      redirect: "manual",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signatureHeader(body, work.secret, signedAt),
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      },
      signal: AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]),
    });
    await response.arrayBuffer();
    attempt.status = response.status;
  } catch (error) {
    attempt.error = error instanceof Error ? error.message : String(error);
  }
  return attempt;
}
