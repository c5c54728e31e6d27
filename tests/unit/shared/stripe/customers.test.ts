import { describe, expect, it } from "vitest";
import { customers } from "../../../../shared/stripe/customers.ts";
import { CUSTOMER, ORGANIZATION, PAID, plan, SESSION } from "./plans.ts";
import { type Answer, answer, invalid, listOf, lost, recordedStripe } from "./recorded.ts";

function calling(answers: Readonly<Record<string, readonly Answer[]>>) {
  const { stripe, seen, calls } = recordedStripe(answers);
  return { ports: customers(stripe), seen, calls };
}

describe("the customer", () => {
  const CREATE = "POST /v1/customers";
  const LIST = "GET /v1/customers";
  const made = { id: "cus_new", object: "customer", metadata: {} };
  const left = { ...made, id: "cus_left", metadata: { customer_id: CUSTOMER } };

  it("is made with what our row says, under its key", async () => {
    const { ports, seen } = calling({ [CREATE]: [answer(made)] });
    expect((await ports.create(plan)).id).toBe("cus_new");
    expect(seen).toHaveLength(1);
    expect(seen[0]?.key).toMatch(new RegExp(`^customer:${CUSTOMER}:1:`));
    expect(seen[0]?.parameters).toEqual({
      "metadata[customer_id]": CUSTOMER,
      "metadata[organization_id]": ORGANIZATION,
      "metadata[external_id]": "user_42",
      email: "jenny@example.com",
    });
  });

  it("made anew after it was deleted has a key of its own", async () => {
    const again = { ...plan, customer: { ...plan.customer, stripeGeneration: 2 } };
    const { ports, seen } = calling({ [CREATE]: [answer(made)] });
    await ports.create(plan);
    await ports.create(again);
    expect(seen[1]?.key).not.toBe(seen[0]?.key);
  });

  it.each([
    ["Stripe may have forgotten the key", true, [LIST]],
    ["the answer was lost", false, [CREATE, LIST]],
  ])("is taken as made where %s", async (_when, keysMayBeGone, expected) => {
    const { ports, seen, calls } = calling({ [CREATE]: [lost], [LIST]: [listOf(made, left)] });
    const customer = { ...plan.customer, keysMayBeGone };
    expect((await ports.create({ ...plan, customer })).id).toBe("cus_left");
    expect([...new Set(calls())]).toEqual(expected);
    expect(seen.at(-1)?.parameters).toMatchObject({ "created[gte]": String(PAID - 600) });
  });

  it.each([
    ["of an address since the row was made", "jenny@example.com", null, {
      "created[gte]": String(PAID - 8_000_600),
      email: "jenny@example.com",
    }],
    ["without one since a payment was to be honored", null, null, {
      "created[gte]": String(PAID - 600),
    }],
    ["for a payment that goes back, until that was decided", null, PAID + 60, {
      "created[gte]": String(PAID - 600),
      "created[lte]": String(PAID + 1_260),
    }],
  ])("is looked for among those %s", async (_which, email, decidedAt, expected) => {
    const { ports, seen } = calling({ [LIST]: [listOf(made)] });
    const customer = { ...plan.customer, email, createdAt: PAID - 8_000_000 };
    expect(await ports.find({ ...plan, decidedAt, customer })).toBeUndefined();
    expect(seen.map(({ parameters }) => parameters)).toEqual([{ limit: "100", ...expected }]);
  });

  it("is made without an address that Stripe does not take: the customer has paid", async () => {
    const { ports, seen } = calling({
      [CREATE]: [invalid({ code: "email_invalid", param: "email" }), answer(made)],
      [LIST]: [listOf()],
    });
    expect((await ports.create(plan)).id).toBe("cus_new");
    const sent = seen.filter(({ call }) => call === CREATE);
    expect(sent.map(({ parameters }) => parameters["email"])).toEqual([
      "jenny@example.com",
      undefined,
    ]);
    expect(sent[1]?.key).not.toBe(sent[0]?.key);
  });

  it("is not made otherwise where Stripe refuses something else", async () => {
    const { ports, calls } = calling({
      [CREATE]: [invalid({ param: "name" })],
      [LIST]: [listOf()],
    });
    await expect(ports.create(plan)).rejects.toMatchObject({ param: "name" });
    expect(calls()).toEqual([CREATE, LIST]);
  });
});

describe("the paid card", () => {
  const READ = "GET /v1/payment_methods/pm_1NabcDEF";
  const ATTACH = "POST /v1/payment_methods/pm_1NabcDEF/attach";
  const card = { id: "pm_1NabcDEF", object: "payment_method", customer: null };

  it("is attached to the customer", async () => {
    const { ports, seen, calls } = calling({ [ATTACH]: [answer(card)] });
    await ports.attachCard(plan, "cus_OabcDEF");
    expect(calls()).toEqual([ATTACH]);
    expect(seen[0]?.parameters).toEqual({ customer: "cus_OabcDEF" });
    expect(seen[0]?.key).toMatch(new RegExp(`^attach:${SESSION}:`));
  });

  it("is attached to a customer who was made anew under another key", async () => {
    const { ports, seen } = calling({ [ATTACH]: [answer(card)] });
    await ports.attachCard(plan, "cus_OabcDEF");
    await ports.attachCard(plan, "cus_anew");
    expect(seen[1]?.key).not.toBe(seen[0]?.key);
  });

  it("may have been attached by another run meanwhile, to this customer and no other", async () => {
    const refused = invalid({ code: "payment_method_unexpected_state" });
    const attachedTo = (customer: string) =>
      calling({ [ATTACH]: [refused], [READ]: [answer({ ...card, customer })] }).ports;
    await expect(attachedTo("cus_OabcDEF").attachCard(plan, "cus_OabcDEF")).resolves.toBe(
      undefined,
    );
    await expect(attachedTo("cus_other").attachCard(plan, "cus_OabcDEF")).rejects
      .toMatchObject({ stripeCode: "payment_method_unexpected_state" });
  });

  it.each([
    ["its id", "cus_OabcDEF", "cus_OabcDEF"],
    ["itself", { id: "cus_OabcDEF", object: "customer" }, "cus_OabcDEF"],
    ["nobody", null, undefined],
  ])("names its owner: %s", async (_what, customer, owner) => {
    const { ports } = calling({ [READ]: [answer({ ...card, customer })] });
    expect(await ports.cardOwner(plan)).toBe(owner);
  });
});
