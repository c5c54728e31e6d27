import { syncAccount } from "./account.ts";
import { applied, syncCharge, syncDispute, syncInvoice } from "./billing.ts";
import type { Billing } from "../database/billing.ts";
import { type Command, commandFor } from "../domain/event-command.ts";
import type { Events } from "../database/events.ts";
import { CheckoutError, type ErrorCode } from "../runtime/errors.ts";
import type { CheckoutPorts } from "../checkout/ports.ts";
import { settle } from "../checkout/settle.ts";
import { STRIPE_API_VERSION } from "../stripe/client.ts";
import { found } from "../stripe/errors.ts";
import { idOf } from "../stripe/ids.ts";
import { type VerifiedEvent, withoutSecrets } from "../stripe/webhook.ts";
import { syncSubscription } from "./subscription.ts";

export interface InboxPorts extends CheckoutPorts {
  readonly events: Events;
  readonly billing: Billing;
  readonly livemode: boolean;
}

/** What of an event decides; the rest is read again at Stripe. */
export type WorkedEvent = Omit<VerifiedEvent, "id">;

const toldVersions = new Set<string>();

/** Says once in each isolate that an endpoint at Stripe is of another version than this code: harmless, and not meant so. */
function tellVersion({ log }: Pick<InboxPorts, "log">, { api_version: version }: VerifiedEvent) {
  const isMeant = version === undefined || version === null || version === STRIPE_API_VERSION;
  if (isMeant || toldVersions.has(version)) return;
  toldVersions.add(version);
  log.warn("events come in another API version", { version, expected: STRIPE_API_VERSION });
}

/** Stores an event that is known to be Stripe's; `claimed` where it is to be acted upon. */
export function store(ports: InboxPorts, event: VerifiedEvent) {
  tellVersion(ports, event);
  return ports.events.receive({
    id: event.id,
    type: event.type,
    livemode: event.livemode,
    account: event.account,
    payload: withoutSecrets(event),
  });
}

/**
 * Stores an event, then acts upon it, unless that was done before or is being done. Rethrows a failure once it is noted
 * beside the event.
 */
export async function takeIn(
  ports: InboxPorts,
  event: VerifiedEvent,
): Promise<"worked" | "processed" | "in_work" | "dead"> {
  const { outcome, eventId } = await store(ports, event);
  if (outcome !== "claimed") return outcome;
  await workClaimed(ports, event, eventId);
  return "worked";
}

/** Acts upon an event whose lease is held; a failure gives the lease back and is rethrown. */
export async function workClaimed(
  ports: InboxPorts,
  event: WorkedEvent,
  eventId: string,
): Promise<void> {
  try {
    await work(ports, event, eventId);
  } catch (error) {
    const code: ErrorCode = error instanceof CheckoutError ? error.code : "internal_error";
    await ports.events.fail(eventId, code);
    throw error;
  }
}

/**
 * The effect of an event, with its processed mark. An event of the other mode (a live Connect endpoint is sent both), of
 * an account that is not the object's, or of a type that asks for nothing is marked and moves nothing.
 */
async function work(ports: InboxPorts, event: WorkedEvent, eventId: string): Promise<void> {
  const command = event.livemode === ports.livemode
    ? commandFor(event)
    : { kind: "ignore" as const };
  if (await obey(ports, command, event.account ?? null, eventId) === "unknown") {
    await ports.events.finish(eventId, "ignored");
  }
}

/** `unknown` where it is about nothing of ours, and the event has no mark yet. */
async function obey(
  ports: InboxPorts,
  command: Command,
  account: string | null,
  eventId: string,
): Promise<"applied" | "unknown"> {
  switch (command.kind) {
    case "settle_intent":
      return settleNamed(ports, command.stripePaymentIntentId, account, eventId);
    case "follow_refund":
      return followRefund(ports, command.stripeRefundId, account, eventId);
    case "sync_subscription": {
      const marks = { recorded: eventId, noted: eventId };
      return applied(await syncSubscription(ports, command, account, marks));
    }
    case "sync_invoice":
      return syncInvoice(ports, command.stripeInvoiceId, account, eventId);
    case "sync_charge":
      return syncCharge(ports, command.stripeChargeId, account, eventId);
    case "sync_dispute":
      return syncDispute(ports, command.stripeDisputeId, account, eventId);
    case "sync_account":
      return account === null ? "unknown" : syncAccount(ports, account, eventId);
    case "ignore":
      return "unknown";
  }
}

/** Ours or the merchant's, of a session's payment or of a later one: what was kept is another amount now. */
async function followRefund(
  ports: InboxPorts,
  stripeRefundId: string,
  account: string | null,
  eventId: string,
): Promise<"applied" | "unknown"> {
  const refund = await found(ports.stripe.refunds.retrieve(stripeRefundId, account));
  const intent = refund?.payment_intent ?? null;
  const charge = refund?.charge ?? null;
  // Of a charge that no intent made: none of a checkout's or a subscription's.
  if (intent === null || charge === null) return "unknown";
  const charged = await syncCharge(ports, idOf(charge), account);
  const settled = await settleNamed(ports, idOf(intent), account, eventId);
  if (settled === "applied" || charged === "unknown") return settled;
  return syncCharge(ports, idOf(charge), account, eventId);
}

async function settleNamed(
  ports: InboxPorts,
  stripePaymentIntentId: string,
  account: string | null,
  eventId: string,
): Promise<"applied" | "unknown"> {
  const name = { stripePaymentIntentId };
  const located = await ports.checkouts.locate(name);
  if (located === null || located.stripeAccountId !== account) return "unknown";
  await settle(ports, name, { eventId });
  return "applied";
}
