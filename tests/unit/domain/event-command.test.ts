import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandFor, handledEventTypes } from "../../../shared/domain/event-command.ts";

const settle = { kind: "settle_intent", stripePaymentIntentId: "pi_1" };
const settleSetup = { kind: "settle_intent", stripePaymentIntentId: "seti_1" };
const sync = {
  kind: "sync_subscription",
  stripeSubscriptionId: "sub_1",
  isNew: false,
  trialWillEnd: false,
};
const bill = { kind: "sync_invoice", stripeInvoiceId: "in_1" };
const dispute = { kind: "sync_dispute", stripeDisputeId: "dp_1" };
const product = { kind: "sync_product", stripeProductId: "prod_1" };
const price = { kind: "sync_price", stripePriceId: "price_1" };
const account = { kind: "sync_account" };
const ignore = { kind: "ignore" };

const invoice = { id: "in_1", object: "invoice" };
const refund = { id: "re_1", object: "refund" };
const follow = { kind: "follow_refund", stripeRefundId: "re_1" };

const obeyed = [
  ["payment_intent.succeeded", { id: "pi_1" }, settle],
  ["payment_intent.processing", { id: "pi_1" }, settle],
  ["payment_intent.requires_action", { id: "pi_1" }, settle],
  ["payment_intent.payment_failed", { id: "pi_1" }, settle],
  ["payment_intent.canceled", { id: "pi_1" }, settle],
  ["setup_intent.succeeded", { id: "seti_1" }, settleSetup],
  ["setup_intent.requires_action", { id: "seti_1" }, settleSetup],
  ["setup_intent.setup_failed", { id: "seti_1" }, settleSetup],
  ["setup_intent.canceled", { id: "seti_1" }, settleSetup],
  ["customer.subscription.created", { id: "sub_1" }, { ...sync, isNew: true }],
  ["customer.subscription.updated", { id: "sub_1" }, sync],
  ["customer.subscription.deleted", { id: "sub_1" }, sync],
  ["customer.subscription.paused", { id: "sub_1" }, sync],
  ["customer.subscription.resumed", { id: "sub_1" }, sync],
  ["customer.subscription.pending_update_applied", { id: "sub_1" }, sync],
  ["customer.subscription.pending_update_expired", { id: "sub_1" }, sync],
  ["refund.created", refund, follow],
  ["refund.updated", refund, follow],
  ["refund.failed", refund, follow],
  ["charge.refund.updated", refund, follow],
  ["customer.subscription.trial_will_end", { id: "sub_1" }, { ...sync, trialWillEnd: true }],
  ["invoice.paid", invoice, bill],
  ["invoice.payment_failed", invoice, bill],
  ["invoice.payment_action_required", invoice, bill],
  ["invoice.finalized", invoice, bill],
  ["invoice.voided", invoice, bill],
  ["invoice.marked_uncollectible", invoice, bill],
  ["charge.refunded", { id: "ch_1" }, { kind: "sync_charge", stripeChargeId: "ch_1" }],
  ["charge.dispute.created", { id: "dp_1" }, dispute],
  ["charge.dispute.updated", { id: "dp_1" }, dispute],
  ["charge.dispute.closed", { id: "dp_1" }, dispute],
  ["product.created", { id: "prod_1" }, product],
  ["product.updated", { id: "prod_1" }, product],
  ["product.deleted", { id: "prod_1" }, product],
  ["price.created", { id: "price_1" }, price],
  ["price.updated", { id: "price_1" }, price],
  ["price.deleted", { id: "price_1" }, price],
  ["account.updated", { id: "acct_1" }, account],
  ["account.application.authorized", { id: "ca_1" }, account],
  ["account.application.deauthorized", { id: "ca_1" }, account],
] as const;

describe("an event that checkout acts upon", () => {
  it.each(obeyed)("%s names what to read again", (type, object, command) => {
    expect(commandFor({ type, data: { object } })).toEqual(command);
  });

  it.each(obeyed)(
    "%s says nothing else: its copy of the state is not read",
    (type, object, command) => {
      const old = {
        ...object,
        status: "canceled",
        created: 0,
        metadata: { checkout_session_id: "x" },
      };
      expect(commandFor({ type, data: { object: old } })).toEqual(command);
    },
  );
});

it("Stripe is to send the events that checkout acts upon, and no other", () => {
  expect([...handledEventTypes].toSorted()).toEqual(obeyed.map(([type]) => type).toSorted());
});

describe("an event that asks for nothing", () => {
  it.each([
    ["payment_intent.created", "its maker knows"],
    ["payment_intent.amount_capturable_updated", "nothing is captured later"],
    ["customer.created", ""],
    ["invoice.created", ""],
    ["invoice.upcoming", "nothing is owed yet"],
    ["charge.succeeded", "the intent's event says it"],
    ["charge.dispute.funds_withdrawn", "the dispute's own events say it"],
    ["account.external_account.updated", "where payouts go is not asked for"],
    ["", "no type"],
    ["constructor", "a name of JavaScript's"],
    ["__proto__", "a name of JavaScript's"],
    ["PAYMENT_INTENT.SUCCEEDED", "another spelling"],
    [" payment_intent.succeeded", "white space"],
    ["payment_intent.succeeded\n", "white space"],
    ["payment_intent", "a prefix"],
    ["payment_intent.*", "a pattern"],
  ])("%j is ignored (%s)", (type) => {
    expect(commandFor({ type, data: { object: { ...invoice, id: "pi_1" } } })).toEqual(ignore);
  });
});

it.each([
  ["an invoice with the fields of another version", "invoice.paid", {
    ...invoice,
    subscription: "sub_1",
    paid: true,
  }, bill],
  ["an invoice of no subscription", "invoice.paid", { ...invoice, parent: null }, bill],
  ["a refund that does not say of what", "refund.created", { ...refund, charge: null }, follow],
])("%s is read again, whatever its copy says or lacks", (_what, type, object, command) => {
  expect(commandFor({ type, data: { object } })).toEqual(command);
});

const types = obeyed.map(([type]) => type);

/** Objects without a usable id where one is expected. */
const malformed: [string, object][] = [
  ["an empty object", {}],
  ["an array", ["pi_1"]],
  ["a null id", { id: null }],
  ["a number for an id", { id: 42 }],
  ["an object for an id", { id: { id: "pi_1" } }],
  ["an array for an id", { id: ["pi_1"] }],
  ["an id that only prints as one", { id: { toString: () => "pi_1" } }],
  ["a boxed string", { id: new String("pi_1") }],
  ["an object without a prototype", { __proto__: null }],
  ["a getter that has nothing", Object.defineProperty({}, "id", { get: () => undefined })],
  ["a function", () => "pi_1"],
];

describe.each(types)("%s", (type) => {
  it.each(malformed)("is ignored where its object is malformed: %s", (_what, object) => {
    expect(commandFor({ type, data: { object } })).toEqual(ignore);
  });
});

it("any JSON for an object gives a command whose id is text from that very object", () => {
  const object = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
  fc.assert(fc.property(fc.constantFrom(...types), object, (type, value) => {
    const command = commandFor({ type, data: { object: value } });
    const text = JSON.stringify(value);
    const ids = Object.values(command).filter((part) =>
      typeof part === "string" && part !== command.kind
    );
    for (const id of ids) expect(text).toContain(JSON.stringify(id));
  }));
});
