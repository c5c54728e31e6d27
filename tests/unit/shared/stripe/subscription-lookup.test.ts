import { describe, expect, it } from "vitest";
import { subscriptions } from "../../../../shared/stripe/subscriptions.ts";
import { subscription } from "./answers.ts";
import { CUSTOMER, PAID, plan, withAddOn } from "./plans.ts";
import { type Answer, answer, invalid, listOf, missing, recordedStripe } from "./recorded.ts";

const LIST = "GET /v1/subscriptions";
const CREATE = "POST /v1/subscriptions";
const READ = "GET /v1/subscriptions/sub_1NabcDEF";
const CANCEL = "DELETE /v1/subscriptions/sub_1NabcDEF";

const own = { ...subscription, latest_invoice: null };
const made = { ...own, id: "sub_new" };
const priced = (id: string) => ({
  items: { ...own.items, data: [{ ...own.items.data[0], price: { id, object: "price" } }] },
});

function calling(answers: Readonly<Record<string, readonly Answer[]>>) {
  const { stripe, seen, calls } = recordedStripe(answers);
  return { ports: subscriptions(stripe), seen, calls };
}

/** Each has the session's label, and one thing about it is not the session's. */
const foreign: [what: string, differs: object][] = [
  ["another session's", { metadata: { checkout_session_id: CUSTOMER } }],
  ["without a label", { metadata: {} }],
  ["older than the payment", { created: PAID - 601 }],
  ["another customer's", { customer: "cus_other" }],
  ["another customer's, read whole", { customer: { id: "cus_other", object: "customer" } }],
];

describe("a subscription that is labelled and not the session's", () => {
  it.each(foreign)("is neither found nor listed: %s", async (_what, differs) => {
    const { ports } = calling({
      [LIST]: [listOf({ ...own, ...differs })],
      [CREATE]: [answer(made)],
    });
    expect(await ports.listOf(plan, "cus_OabcDEF")).toEqual([]);
    const known = { ...plan, keysMayBeGone: true };
    expect((await ports.findOrCreate(known, "cus_OabcDEF", undefined)).id).toBe("sub_new");
  });
});

describe("a subscription that may have come to another price since", () => {
  const changed = { ...own, ...priced("price_other") };

  it.each<[string, object]>([
    ["of another price", changed],
    ["of no price", { ...own, items: { ...own.items, data: [] } }],
  ])("is not listed, lest a stranger's be ended: %s", async (_what, one) => {
    const { ports } = calling({ [LIST]: [listOf(one)] });
    expect(await ports.listOf(plan, "cus_OabcDEF")).toEqual([]);
  });

  it("is found where its making may be forgotten, and no second one is made", async () => {
    const { ports, calls } = calling({ [LIST]: [listOf(changed)] });
    const old = { ...plan, keysMayBeGone: true };
    expect((await ports.findOrCreate(old, "cus_OabcDEF", undefined)).id).toBe(own.id);
    expect(calls()).toEqual([LIST]);
  });

  it("is not the one where one of the session's price is there", async () => {
    const both = listOf({ ...changed, id: "sub_changed" }, own);
    const { ports } = calling({ [LIST]: [both] });
    const old = { ...plan, keysMayBeGone: true };
    expect((await ports.findOrCreate(old, "cus_OabcDEF", undefined)).id).toBe(own.id);
  });
});

describe("the session's own subscription", () => {
  it.each<[string, object]>([
    ["as it was made", {}],
    ["made while Stripe's clock was behind", { created: PAID - 600 }],
    ["with something bought besides", withAddOn()],
    ["whose customer is read whole", { customer: { id: "cus_OabcDEF", object: "customer" } }],
    ["ended", { status: "canceled" }],
  ])("is listed: %s", async (_what, differs) => {
    const { ports, seen } = calling({ [LIST]: [listOf({ ...own, ...differs })] });
    expect(await ports.listOf(plan, "cus_OabcDEF")).toHaveLength(1);
    expect(seen[0]?.parameters).toMatchObject({
      customer: "cus_OabcDEF",
      status: "all",
      "expand[0]": "data.latest_invoice",
    });
  });

  it("is found behind the first page, wherever it stands", async () => {
    const others = Array.from({ length: 2 }, (_one, at) => ({
      ...own,
      id: `sub_other${at}`,
      metadata: {},
    }));
    const page = { object: "list", data: others, has_more: true, url: "/v1/subscriptions" };
    const { ports, seen } = calling({ [LIST]: [answer(page), listOf(own)] });
    expect(await ports.listOf(plan, "cus_OabcDEF")).toMatchObject([{ id: own.id }]);
    expect(seen[1]?.parameters).toMatchObject({ starting_after: "sub_other1" });
  });

  it("is looked for first where Stripe may have forgotten the key", async () => {
    const { ports, calls } = calling({ [LIST]: [listOf(own)] });
    const old = { ...plan, keysMayBeGone: true };
    expect((await ports.findOrCreate(old, "cus_OabcDEF", undefined)).id).toBe(own.id);
    expect(calls()).toEqual([LIST]);
  });

  it.each(["canceled", "incomplete_expired"])(
    "is the one that lives where another has ended as %s",
    async (status) => {
      const ended = { ...own, id: "sub_ended", status };
      for (const data of [[own, ended], [ended, own]]) {
        const { ports } = calling({ [LIST]: [listOf(...data)] });
        const old = { ...plan, keysMayBeGone: true };
        expect((await ports.findOrCreate(old, "cus_OabcDEF", undefined)).id).toBe(own.id);
      }
    },
  );

  it("is none of a customer who was deleted at Stripe, which has ended them all", async () => {
    const { ports } = calling({ [LIST]: [missing("customer")] });
    expect(await ports.listOf(plan, "cus_OabcDEF")).toEqual([]);
  });

  it("is not taken for none where Stripe refuses to list for another reason", async () => {
    const { ports } = calling({ [LIST]: [invalid()] });
    await expect(ports.listOf(plan, "cus_OabcDEF")).rejects.toMatchObject({
      name: "CheckoutError",
    });
  });
});

describe("a surplus subscription", () => {
  const ended = { ...own, status: "canceled" };

  it("is ended without a credit or a last invoice", async () => {
    const { ports, seen } = calling({ [CANCEL]: [answer(ended)] });
    expect((await ports.cancel(own.id, "acct_1")).status).toBe("canceled");
    expect(seen).toMatchObject([{
      key: "surplus:sub_1NabcDEF",
      account: "acct_1",
      parameters: { prorate: "false", invoice_now: "false" },
    }]);
  });

  it("may have been ended by another run", async () => {
    const refused = { [CANCEL]: [missing("id")] };
    expect(await calling({ ...refused, [READ]: [answer(ended)] }).ports.cancel(own.id, null))
      .toMatchObject({ status: "canceled" });
    await expect(calling({ ...refused, [READ]: [answer(own)] }).ports.cancel(own.id, null))
      .rejects.toMatchObject({ stripeCode: "resource_missing" });
  });
});

const item = (id: string) => ({ id, object: "subscription_item", price: { id: `price_${id}` } });

describe("a subscription that is read", () => {
  const READ_ONE = "GET /v1/subscriptions/sub_new";
  const read = async (items: object, listed: object[]) => {
    const { stripe, seen, calls } = recordedStripe({
      [READ_ONE]: [answer({ ...subscription, id: "sub_new", latest_invoice: null, items })],
      "GET /v1/subscription_items": [listOf(...listed)],
    });
    const { items: { data, has_more } } = await subscriptions(stripe).retrieve("sub_new", "acct_1");
    return { ids: data.map(({ id }) => id), has_more, seen, calls: calls() };
  };

  it("has all of its items, however many Stripe embeds", async () => {
    const first = { object: "list", data: [item("si_1")], has_more: true };
    const { ids, has_more, seen } = await read(first, [item("si_1"), item("si_2")]);
    expect([ids, has_more]).toEqual([["si_1", "si_2"], false]);
    expect(seen.map(({ account, parameters }) => [account, parameters])).toEqual([
      ["acct_1", { "expand[0]": "latest_invoice" }],
      ["acct_1", { subscription: "sub_new", limit: "100" }],
    ]);
  });

  it("is read once where Stripe has embedded them all", async () => {
    const all = { object: "list", data: [item("si_1")], has_more: false };
    const { ids, calls } = await read(all, []);
    expect([ids, calls]).toEqual([["si_1"], [READ_ONE]]);
  });
});
