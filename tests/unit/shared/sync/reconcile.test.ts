import { randomUUID } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { billing } from "../../../../shared/database/billing.ts";
import { checkouts } from "../../../../shared/database/checkouts.ts";
import type { Call } from "../../../../shared/database/client.ts";
import { events } from "../../../../shared/database/events.ts";
import { repairs } from "../../../../shared/database/repairs.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { reconcileEndpoint } from "../../../../supabase/functions/checkout-reconcile/handler.ts";
import { recordedStripe } from "../stripe/recorded.ts";
import { recordedLog } from "../support/recorded-database.ts";

afterEach(() => vi.unstubAllGlobals());

const ten = <Item>(make: () => Item) => Array.from({ length: 10 }, make);

/** A call of reconcile with more of everything than a run could ever take up, over a database that answers at once. */
async function calledWithBacklog(headers: Record<string, string> = {}) {
  const calls = new Map<string, number>();
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
  const reconcile = reconcileEndpoint({
    billing: billing(call),
    checkouts: checkouts(call),
    events: events(call),
    repairs: repairs(call),
    stripe: stripeGateway(recordedStripe({}).stripe),
    livemode: false,
    secretKey: "sb_secret_x",
    now: () => 1_800_000_000,
  });
  const request = new Request("https://project.invalid/checkout-reconcile", {
    method: "POST",
    headers: { apikey: "sb_secret_x", ...headers },
  });
  const response = await reconcile({
    request,
    params: {},
    requestId: "req",
    trace: undefined,
    log,
  });
  return { response, calls, errors: () => lines.filter((line) => !line.includes('"reconciled"')) };
}

it("a run takes up no more than it has processor time for, and comes to its end with any backlog", async () => {
  const { response, calls, errors } = await calledWithBacklog();
  expect(errors()).toEqual([]);
  expect(await response.json()).toMatchObject({
    events: { worked: 250, failed: 0 },
    sessions: { settled: 150, failed: 0 },
  });
  expect(calls.get("prune")).toBe(1);
  expect(calls.get("record_reconcile_run")).toBe(1);
});

it("a caller who does not wait is answered at the beginning, and the platform is asked to let the run go on", async () => {
  const awaited: Promise<unknown>[] = [];
  vi.stubGlobal("EdgeRuntime", {
    waitUntil: (work: Promise<unknown>) => {
      awaited.push(work);
    },
  });
  const { response, calls, errors } = await calledWithBacklog({ prefer: "respond-async" });
  expect(response.status).toBe(202);
  expect(response.headers.get("preference-applied")).toBe("respond-async");
  expect(calls.has("record_reconcile_run")).toBe(false);
  expect(awaited).toHaveLength(1);
  await Promise.all(awaited);
  expect(calls.get("record_reconcile_run")).toBe(1);
  expect(errors()).toEqual([]);
});

it("a caller who does not wait is answered at the end where nothing would let the run go on", async () => {
  const { response, calls } = await calledWithBacklog({ prefer: "respond-async" });
  expect(response.status).toBe(200);
  expect(calls.get("record_reconcile_run")).toBe(1);
});
