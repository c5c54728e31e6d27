import { describe, expect, it } from "vitest";
import type { CreatedSession } from "../../../../shared/domain/sessions.ts";
import { type Answer, answer, lost, missing } from "../stripe/recorded.ts";
import { checkout, PREVIEW, PRICE, returning, taxed } from "../support/priced-session.ts";
import { session, soldPrice } from "../support/sold-session.ts";

describe("a session of which Stripe need not be asked", () => {
  it.each<[string, Partial<CreatedSession>]>([
    ["previewed before", { ...returning, previewed: true }],
    ["whose intent is made", { ...returning, stripePaymentIntentId: "pi_3NabcDEF" }],
    ["whose intent is made, though it is over", {
      stripePaymentIntentId: "pi_3NabcDEF",
      status: "expired",
    }],
    ["free", { checkoutMode: "free", intentKind: "none" }],
    ["of a price that Stripe does not know", { stripePriceId: null }],
  ])("is as it was, and nothing is asked: %s", async (_what, differs) => {
    const { priced, calls, names } = checkout();
    expect(await priced(differs)).toEqual({ ...session, ...differs });
    expect([...calls(), ...names()]).toEqual([]);
  });

  it.each(
    [
      ["expired", "session_expired"],
      ["canceled", "session_closed"],
      ["failed", "session_closed"],
    ] as const,
  )("is refused where it is %s before it had an intent", async (status, code) => {
    const { priced, calls } = checkout();
    await expect(priced({ status })).rejects.toMatchObject({ code });
    expect(calls()).toEqual([]);
  });

  it("of a new customer, without discount and tax, is the price for each seat", async () => {
    const { priced, calls, names } = checkout();
    expect(await priced()).toEqual(session);
    expect([calls(), names()]).toEqual([[PRICE], []]);
  });
});

describe("a price that Stripe does not bill as the catalogue says", () => {
  it.each<[string, Answer, string]>([
    ["is not there", missing("price"), "price_unavailable"],
    ["is not for sale", answer({ ...soldPrice, active: false }), "price_unavailable"],
    [
      "has a product that is not for sale",
      answer({ ...soldPrice, product: { ...soldPrice.product, active: false } }),
      "price_unavailable",
    ],
    ["costs one cent more", answer({ ...soldPrice, unit_amount: 2_901 }), "price_mismatch"],
    [
      "costs for each what was sold for all",
      answer({ ...soldPrice, unit_amount: 5_800 }),
      "price_mismatch",
    ],
    ["is in another currency", answer({ ...soldPrice, currency: "eur" }), "price_mismatch"],
    [
      "is billed by the year",
      answer({ ...soldPrice, recurring: { ...soldPrice.recurring, interval: "year" } }),
      "price_mismatch",
    ],
    [
      "is billed by tiers",
      answer({ ...soldPrice, billing_scheme: "tiered", unit_amount: null }),
      "price_mismatch",
    ],
    ["cannot be read just now", lost, "stripe_unavailable"],
  ])("is not sold where it %s", async (_what, reply, code) => {
    const { priced, calls, names } = checkout({ [PRICE]: [reply] });
    await expect(priced({ ...returning, ...taxed })).rejects.toMatchObject({ code });
    expect(calls()).not.toContain(PREVIEW);
    expect(names()).toEqual([]);
  });

  it("is named to whoever has to mend it, with the fields that differ", async () => {
    const { priced, logged } = checkout({ [PRICE]: [answer({ ...soldPrice, unit_amount: 1 })] });
    await expect(priced()).rejects.toMatchObject({ code: "price_mismatch" });
    expect(logged.join()).toContain('"fields":"unitAmount"');
  });
});

describe("a price that was read for one session", () => {
  it("is not read for another within ten minutes", async () => {
    const { priced, clock, calls } = checkout();
    await priced();
    clock.now += 599;
    await priced();
    expect(calls()).toEqual([PRICE]);
    clock.now += 1;
    await priced();
    expect(calls()).toEqual([PRICE, PRICE]);
  });
});
