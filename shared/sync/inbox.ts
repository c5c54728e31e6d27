import { syncAccount } from "./account.ts";
import { applied, syncCharge, syncDispute, syncInvoice } from "./billing.ts";
import { syncPrice, syncProduct } from "./offers.ts";
import type { Received } from "../database/events.ts";
import { type Command, commandFor } from "../domain/event-command.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import type { ErrorCode } from "../contract/error-table.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { forEvent, type SyncPorts } from "./ports.ts";
import { settle } from "../checkout/settle.ts";
import { STRIPE_API_VERSION } from "../stripe/client.ts";
import { found } from "../stripe/errors.ts";
import { idOf } from "../stripe/ids.ts";
import { type VerifiedEvent, withoutSecrets } from "../stripe/webhook.ts";
import { tracedSessionIn } from "../stripe/trace.ts";
import { syncSubscription } from "./subscription.ts";

export interface InboxPorts extends SyncPorts {
  readonly livemode: boolean;
}

/** What of an event decides, and what the log is told of it; the rest is read again at Stripe. */
export type WorkedEvent = Omit<VerifiedEvent, "id">;

const toldVersions = new Set<string>();

/** Says once in each isolate that an endpoint at Stripe is of another version than this code: harmless, and not meant so. */
function tellVersion({ log }: Pick<InboxPorts, "log">, { api_version: version }: VerifiedEvent) {
  const isMeant = version === undefined || version === null || version === STRIPE_API_VERSION;
  if (isMeant || toldVersions.has(version)) return;
  toldVersions.add(version);
  log.warn("events come in another API version", { version, expected: STRIPE_API_VERSION });
}

/** The session and its trace, as Stripe was told it: until the row is read, and where none is. */
const noteTrace = ({ log }: Pick<InboxPorts, "log">, { data: { object } }: WorkedEvent) =>
  log.note(tracedSessionIn(object));

/** What an event asks for; nothing where it is of the other mode, of which a live Connect endpoint is sent some too. */
const askedFor = ({ livemode }: Pick<InboxPorts, "livemode">, event: WorkedEvent): Command =>
  event.livemode === livemode ? commandFor(event) : { kind: "ignore" };

/** Stores an event that is known to be Stripe's; `claimed` where it is to be acted upon, with what it is about. */
export function store(ports: InboxPorts, event: VerifiedEvent): Promise<Received> {
  tellVersion(ports, event);
  return ports.events.receive({
    command: askedFor(ports, event).kind,
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
  noteTrace(ports, event);
  const { outcome, eventId, ...about } = await store(ports, event);
  if (outcome !== "claimed") return outcome;
  await workClaimed(ports, event, eventId, about);
  return "worked";
}

/**
 * Acts upon an event whose lease is held, with its processed mark; a failure gives the lease back and is rethrown. An event of the
 * other mode, of an account that is not the object's, or of a type that asks for nothing is marked and moves nothing. From here
 * to the commit it is three steps at most; tests/unit/shared/sync/webhook-frames.test.ts lists them for each kind of event.
 *
 * @param about what it is about, where that was answered when it was stored
 */
export async function workClaimed(
  ports: InboxPorts,
  event: WorkedEvent,
  eventId: string,
  about: Pick<Received, "session" | "subscription" | "invoice"> = {},
): Promise<void> {
  const account = event.account ?? null;
  const own = forEvent(ports, eventId);
  noteTrace(ports, event);
  /** `unknown` where it is about nothing of ours, and the event has no mark yet. */
  let came: "applied" | "unknown" = "unknown";
  try {
    const command = askedFor(ports, event);
    switch (command.kind) {
      case "settle_intent": {
        const located = about.session ??
          await locatedOn(ports, command.stripePaymentIntentId, account);
        if (located === null) break;
        await settle(own, located);
        came = "applied";
        break;
      }
      case "follow_refund": {
        // Ours or the merchant's, of a session's payment or of a later one: what was kept is another amount now.
        const of = await refunded(ports, command.stripeRefundId, account);
        if (of === undefined) break;
        // Marked with the last that is written: the session's move, or the charge where there is no session.
        came = await syncCharge(ports, of.charge, account);
        const located = await locatedOn(ports, of.intent, account);
        if (located !== null) {
          await settle(own, located);
          came = "applied";
        } else if (came === "applied") came = await syncCharge(own, of.charge, account);
        break;
      }
      case "sync_subscription":
        came = applied(
          await syncSubscription(own, { ...command, row: about.subscription }, account),
        );
        break;
      case "sync_invoice":
        came = await syncInvoice(own, command.stripeInvoiceId, account, about.invoice);
        break;
      case "sync_charge":
        came = await syncCharge(own, command.stripeChargeId, account);
        break;
      case "sync_dispute":
        came = await syncDispute(own, command.stripeDisputeId, account);
        break;
      case "sync_product":
        came = await syncProduct(own, command.stripeProductId, account);
        break;
      case "sync_price":
        came = await syncPrice(own, command.stripePriceId, account);
        break;
      case "sync_account":
        if (account !== null) came = await syncAccount(own, account);
        break;
      case "ignore":
        break;
    }
    if (came === "unknown") await ports.events.finish(eventId, "ignored");
  } catch (error) {
    const code: ErrorCode = error instanceof CheckoutError ? error.code : "internal_error";
    await ports.events.fail(eventId, code);
    throw error;
  }
}

/** The session of an intent; null where it has none, or one on another account. */
async function locatedOn(
  { checkouts }: InboxPorts,
  stripePaymentIntentId: string,
  account: string | null,
): Promise<LocatedCheckout | null> {
  const located = await checkouts.locate({ stripePaymentIntentId });
  return located?.stripeAccountId === account ? located : null;
}

/** What a refund gives back; undefined for one of a charge that no intent made: none of a checkout's or a subscription's. */
async function refunded({ stripe }: InboxPorts, stripeRefundId: string, account: string | null) {
  const refund = await found(stripe.refunds.retrieve(stripeRefundId, account));
  const { payment_intent: intent = null, charge = null } = refund ?? {};
  if (intent === null || charge === null) return undefined;
  return { intent: idOf(intent), charge: idOf(charge) };
}
