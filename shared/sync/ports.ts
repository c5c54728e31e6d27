import type { CheckoutPorts } from "../checkout/ports.ts";
import type { Billing } from "../database/billing.ts";
import type { Events } from "../database/events.ts";

/** What following Stripe's news needs. */
export interface SyncPorts extends CheckoutPorts {
  readonly billing: Billing;
  readonly events: Events;
}

/**
 * The same ports, made for an event: the last thing that is written for it carries its mark, so that effect and mark commit together
 * (law 3). What is written for it and is not its own last word is written with ports that are made for no event.
 */
export const forEvent = <Ports extends SyncPorts>(ports: Ports, eventId?: string): Ports => ({
  ...ports,
  billing: ports.billing.for(eventId),
  checkouts: ports.checkouts.for({ eventId }),
  events: ports.events.for(eventId),
});
