import { vi } from "vitest";
import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import { billing } from "../../shared/database/billing.ts";
import { checkouts } from "../../shared/database/checkouts.ts";
import { connect } from "../../shared/database/client.ts";
import { events } from "../../shared/database/events.ts";
import { repairs } from "../../shared/database/repairs.ts";
import { createLogger } from "../../shared/runtime/log.ts";
import { reconcile } from "../../shared/sync/reconcile.ts";
import type { ReconcilePorts } from "../../shared/sync/reconcile-stage.ts";
import { connectStripe } from "../../shared/stripe/client.ts";
import { stripeGateway } from "../../shared/stripe/gateway.ts";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";
import type { StackInfo } from "../../stack/index.ts";

// Node 20 has none, and supabase-js wants one even where no channel is opened.
vi.stubGlobal("WebSocket", nodeTransport);

/** A run by a clock of our own, with everything else as deployed. */
export function reconcileAt(
  { apiUrl, secretKey, stripeSecretKey, stripeUrl }: StackInfo,
  now: number,
  changes: (ports: ReconcilePorts) => Partial<ReconcilePorts> = () => ({}),
): Promise<ReconcileResponse> {
  const rows = connect({ url: apiUrl, secretKey });
  const stripe = connectStripe({
    secretKey: stripeSecretKey,
    apiUrl: stripeUrl,
  });
  const ports: ReconcilePorts = {
    billing: billing(rows),
    checkouts: checkouts(rows),
    events: events(rows),
    repairs: repairs(rows),
    stripe: stripeGateway(stripe),
    livemode: false,
    log: createLogger(() => undefined),
    now: () => now,
  };
  return reconcile({ ...ports, ...changes(ports) });
}
