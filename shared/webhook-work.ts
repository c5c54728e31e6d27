import type Stripe from "stripe";
import { commandFor } from "./domain/event-command.ts";
import type { Events } from "./database/events.ts";
import { type Fulfilment, settle } from "./fulfilment.ts";
import { syncSubscription } from "./subscription-sync.ts";

export interface WebhookWork extends Fulfilment {
  readonly events: Events;
  readonly livemode: boolean;
}

/** What of an event decides; the rest is read again at Stripe. */
export type WorkedEvent = Pick<Stripe.Event, "type" | "livemode" | "account"> & {
  readonly data: { readonly object: object };
};

/**
 * The effect of a stored event, with its processed mark. An event of the other mode (a live Connect endpoint is sent
 * both), of an account that is not the intent's, or of a type that asks for nothing is marked and moves nothing.
 */
export async function work(
  ports: WebhookWork,
  event: WorkedEvent,
  eventId: string,
): Promise<void> {
  const account = event.account ?? null;
  const command = event.livemode === ports.livemode
    ? commandFor(event)
    : { kind: "ignore" as const };
  switch (command.kind) {
    case "settle_intent": {
      const name = { stripePaymentIntentId: command.stripePaymentIntentId };
      const located = await ports.checkouts.locate(name);
      if (located === null || located.stripeAccountId !== account) break;
      await settle(ports, name, { eventId });
      return;
    }
    case "sync_subscription": {
      const { stripeSubscriptionId } = command;
      if (await syncSubscription(ports, stripeSubscriptionId, account, eventId) === "unknown") {
        break;
      }
      return;
    }
    case "ignore":
      break;
  }
  await ports.events.finish(eventId, "ignored");
}
