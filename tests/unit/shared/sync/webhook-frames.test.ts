import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod/mini";
import { billing } from "../../../../shared/database/billing.ts";
import { checkouts } from "../../../../shared/database/checkouts.ts";
import type { Call } from "../../../../shared/database/client.ts";
import { events } from "../../../../shared/database/events.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import type { VerifiedEvent } from "../../../../shared/stripe/webhook.ts";
import { takeIn } from "../../../../shared/sync/inbox.ts";
import { charge, paymentIntent, subscription, succeededIntent } from "../stripe/answers.ts";
import { invoice, plan, SESSION } from "../stripe/plans.ts";
import { answer, listOf, recordedStripe } from "../stripe/recorded.ts";
import { recordedLog } from "../support/recorded-database.ts";
import { located } from "../support/located.ts";
import { snapshot } from "../support/snapshots.ts";

const EVENT = "0197f0c1-2345-4890-8bcd-1234567890ff";
/**
 * What of ours waits for the next, outermost first, as the stack has it: a function by its name, a turn of a reading loop by its file.
 */
function stepsOf(stack: string | undefined): string[] {
  const lines = (stack ?? "").split("\n").filter((line) =>
    /\/shared\/(sync|checkout)\//.test(line) && !line.includes("/tests/")
  );
  return lines.map((line) => {
    const name = /at (?:async )?(\w+) \(/.exec(line)?.[1];
    return name ?? /([\w-]+\.ts)/.exec(line)?.[1] ?? line;
  }).toReversed();
}

/**
 * The steps that are not in the stack, of those that were written down in order. V8 leaves out who returns another's promise and
 * does not wait for it: these are written down besides, and count.
 */
function without(seen: readonly string[], steps: readonly string[]): string[] {
  const rest = [...seen];
  const missing: string[] = [];
  for (const step of steps) {
    if (step === rest[0]) rest.shift();
    else missing.push(step);
  }
  return [...missing, ...rest.map((step) => `${step}, which is not written down`)];
}

const recorded = { outcome: "recorded", snapshot, exhausted: false };
const known = {
  subscriptionId: SESSION,
  stripeSubscriptionId: "sub_1NabcDEF",
  revision: 1,
  stripeItemId: "si_OabcDEF",
  stripePriceId: "price_1NabcDEF",
};
const invoiceOfOurs = {
  ...invoice,
  parent: { subscription_details: { subscription } },
  payments: { data: [], has_more: false },
  status_transitions: { finalized_at: null, paid_at: null },
};

type Database = Readonly<Record<string, () => unknown>>;

async function worked(type: string, id: string, database: Database, intent: object) {
  const marked: { name: string; steps: string[] }[] = [];
  const names: string[] = [];
  const answers: Database = {
    receive_event: () => ({ outcome: "claimed", eventId: EVENT }),
    locate_checkout: () => located,
    finish_event: () => null,
    ...database,
  };
  const call: Call = async (name, args, schema) => {
    const { stack } = new Error("here");
    names.push(name);
    if (Object.values(args).includes(EVENT)) marked.push({ name, steps: stepsOf(stack) });
    const reply = answers[name];
    if (reply === undefined) throw new Error(`nothing answers ${name}`);
    return z.parse(schema, await Promise.resolve(reply()));
  };
  const paid = { ...invoice, status: "paid" };
  const { stripe } = recordedStripe({
    "GET /v1/payment_intents/pi_3NabcDEF": [answer(intent)],
    "GET /v1/payment_methods/pm_1NabcDEF": [answer({ id: "pm_1NabcDEF", customer: "cus_OabcDEF" })],
    "POST /v1/subscriptions": [answer({ ...subscription, latest_invoice: paid })],
    "GET /v1/subscriptions/sub_1NabcDEF": [
      answer({ ...subscription, latest_invoice: paid }),
    ],
    "GET /v1/invoice_payments": [
      listOf({
        status: "paid",
        payment: { type: "payment_intent", payment_intent: "pi_3NabcDEF" },
      }),
    ],
    "GET /v1/invoices/in_1NabcDEF": [answer(invoiceOfOurs)],
    "GET /v1/charges/ch_3NabcDEF": [answer({ ...charge, amount_refunded: 100 })],
    "GET /v1/refunds/re_1": [
      answer({
        id: "re_1",
        object: "refund",
        payment_intent: "pi_3NabcDEF",
        charge: "ch_3NabcDEF",
      }),
    ],
    "GET /v1/refunds": [
      listOf({
        id: "re_1",
        object: "refund",
        status: "succeeded",
        metadata: { checkout_session_id: SESSION },
      }),
    ],
    "GET /v1/subscriptions": [listOf()],
    "GET /v1/products/prod_1": [
      answer({ id: "prod_1", object: "product", active: true, name: "Pro", description: null }),
    ],
    "GET /v1/prices/price_1": [answer({ id: "price_1", object: "price", active: false })],
  });
  const event: VerifiedEvent = { id: "evt_1", type, livemode: false, data: { object: { id } } };
  await takeIn({
    billing: billing(call),
    checkouts: checkouts(call),
    events: events(call),
    stripe: stripeGateway(stripe),
    livemode: false,
    log: recordedLog().log,
  }, event);
  return { marked, names };
}

const paidPlan = { outcome: "fulfill", plan };
const completed = { complete_checkout: () => ({ outcome: "succeeded", snapshot }) };
const charged = {
  locate_payment: () => ({ kind: "checkout", revision: 1 }),
  record_charge: () => ({ outcome: "recorded" }),
};
const invoiced = {
  locate_payment: () => ({ kind: "invoice", stripeInvoiceId: "in_1NabcDEF" }),
  locate_invoice: () => ({ revision: 0, subscription: known }),
  record_invoice: () => ({ outcome: "recorded" }),
  locate_subscription: () => known,
  record_subscription: () => ({ outcome: "recorded", changed: true }),
};

const offered = {
  locate_offer: () => 3,
  record_product: () => ({ outcome: "recorded" }),
  record_price: () => ({ outcome: "recorded" }),
};

const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = Infinity;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

it.each<[string, string, string, Database, object, string, string[], string[]?]>([
  [
    "a declined card",
    "payment_intent.payment_failed",
    "pi_3NabcDEF",
    { record_intent: () => recorded },
    paymentIntent,
    "record_intent",
    ["takeIn", "workClaimed", "settle.ts"],
  ],
  [
    "a payment",
    "payment_intent.succeeded",
    "pi_3NabcDEF",
    { record_intent: () => paidPlan, ...completed },
    succeededIntent,
    "complete_checkout",
    ["takeIn", "workClaimed", "settle.ts", "fulfillOrRefund", "fulfill.ts"],
    ["settle.ts"],
  ],
  [
    "a payment that goes back",
    "payment_intent.succeeded",
    "pi_3NabcDEF",
    {
      record_intent: () => ({ outcome: "refund", plan }),
      record_refund: () => ({ outcome: "refunded", moved: true, snapshot }),
    },
    succeededIntent,
    "record_refund",
    ["takeIn", "workClaimed", "settle.ts", "refund"],
  ],
  [
    "a refund of a session's payment",
    "refund.updated",
    "re_1",
    { ...charged, record_intent: () => recorded },
    succeededIntent,
    "record_intent",
    ["takeIn", "workClaimed", "settle.ts"],
  ],
  [
    "a refund of an invoice's payment",
    "refund.updated",
    "re_1",
    { ...invoiced, locate_checkout: () => null },
    succeededIntent,
    "record_invoice",
    ["takeIn", "workClaimed", "billing.ts", "billing.ts"],
    ["billing.ts"],
  ],
  [
    "a subscription",
    "customer.subscription.updated",
    "sub_1NabcDEF",
    invoiced,
    succeededIntent,
    "record_subscription",
    ["takeIn", "workClaimed", "subscription.ts"],
  ],
  [
    "an invoice",
    "invoice.paid",
    "in_1NabcDEF",
    invoiced,
    succeededIntent,
    "record_invoice",
    ["takeIn", "workClaimed", "billing.ts"],
  ],
  [
    "an invoice whose subscription was not known when it was read",
    "invoice.paid",
    "in_1NabcDEF",
    { ...invoiced, locate_invoice: () => ({ revision: 0, subscription: null }) },
    succeededIntent,
    "record_subscription",
    ["takeIn", "workClaimed", "billing.ts", "subscription.ts"],
  ],
  [
    "a product",
    "product.updated",
    "prod_1",
    offered,
    succeededIntent,
    "record_product",
    ["takeIn", "workClaimed", "offers.ts"],
  ],
  [
    "a price",
    "price.updated",
    "price_1",
    offered,
    succeededIntent,
    "record_price",
    ["takeIn", "workClaimed", "offers.ts"],
  ],
])("%s is committed with its event at most five steps after it was taken in", async (
  _what,
  type,
  id,
  database,
  intent,
  commit,
  steps,
  passedOn = [],
) => {
  const { marked, names } = await worked(type, id, database, intent);
  const last = marked.at(-1);
  expect(last?.name).toBe(commit);
  expect(without(last?.steps ?? [], steps)).toEqual(passedOn);
  expect(steps.length).toBeLessThanOrEqual(5);
  expect(names.filter((name) => name === "locate_checkout").length).toBeLessThanOrEqual(1);
});
