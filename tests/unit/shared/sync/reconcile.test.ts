import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import { billing } from "../../../../shared/database/billing.ts";
import { checkouts } from "../../../../shared/database/checkouts.ts";
import type { Call } from "../../../../shared/database/client.ts";
import { events } from "../../../../shared/database/events.ts";
import { repairs } from "../../../../shared/database/repairs.ts";
import { reconcile } from "../../../../shared/sync/reconcile.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { recordedStripe } from "../stripe/recorded.ts";
import { recordedLog } from "../support/recorded-database.ts";

/** A run with more of everything than it could ever take up, over a database that answers at once. */
async function runOfBacklog() {
  const calls = new Map<string, number>();
  const ten = <Item>(make: () => Item) => Array.from({ length: 10 }, make);
  const answers: Readonly<Record<string, () => unknown>> = {
    claim_events: () =>
      ten(() => ({
        eventId: randomUUID(),
        payload: { type: "nobody.asks", livemode: false, data: { object: {} } },
      })),
    finish_event: () => null,
    claim_sessions: () => ten(() => randomUUID()),
    locate_checkout: () => null,
    resume_change: () => null,
    expire_bare_session: () => null,
    read_checkout: () => null,
    expire_grants: () => 0,
    renew_free_subscriptions: () => 0,
    prune: () => ({ events: 0, tokens: 0, more: false }),
    claim_unavailable_accounts: () => [],
    claim_account: () => null,
    record_reconcile_run: () => null,
  };
  const call: Call = (name, _args, schema) => {
    const reply = answers[name];
    if (reply === undefined) throw new Error(`nothing answers ${name}`);
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return Promise.resolve(z.parse(schema, reply()));
  };
  const { log, lines } = recordedLog();
  const report = await reconcile({
    billing: billing(call),
    checkouts: checkouts(call),
    events: events(call),
    repairs: repairs(call),
    stripe: stripeGateway(recordedStripe({}).stripe),
    livemode: false,
    log,
    now: () => 1_800_000_000,
  });
  return { report, calls, lines };
}

it("a run takes up no more than it has processor time for, and comes to its end with any backlog", async () => {
  const { report, calls, lines } = await runOfBacklog();
  expect(lines).toEqual([]);
  expect(report).toMatchObject({
    events: { worked: 250, failed: 0 },
    sessions: { settled: 150, failed: 0 },
  });
  expect(calls.get("prune")).toBe(1);
  expect(calls.get("record_reconcile_run")).toBe(1);
});
