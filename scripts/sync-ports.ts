import type { Client } from "pg";
import type Stripe from "stripe";
import { billing } from "../shared/database/billing.ts";
import { checkouts } from "../shared/database/checkouts.ts";
import { events } from "../shared/database/events.ts";
import { createLogger } from "../shared/runtime/log.ts";
import { stripeGateway } from "../shared/stripe/gateway.ts";
import type { SyncPorts } from "../shared/sync/ports.ts";
import { databaseCall } from "./database-call.ts";
import type { Terminal } from "./operator.ts";

/** What follows Stripe's news, put together for an operator's command. What is logged goes to stderr. */
export function syncPorts({ err }: Terminal, client: Client, stripe: Stripe): SyncPorts {
  const call = databaseCall(client);
  return {
    billing: billing(call),
    checkouts: checkouts(call),
    events: events(call),
    stripe: stripeGateway(stripe),
    log: createLogger(err),
  };
}
