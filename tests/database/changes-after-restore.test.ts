import { describe, expect, it } from "vitest";
import { attach, changesOf, done, FREE, paid, SCALE, subscriptionRow, synced } from "./changing.ts";
import { complete, MONTHLY, openDatabase, openShop, statusOf, YEARLY } from "./support.ts";

// A restored database may hear of a subscription's new price before it hears that the change to it was paid. Whether a paid change
// was made, Stripe alone knows.

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { begin, onFreePlan, openChange, subscribed } = changesOf(service, keyDigest);

const atStripe = (priceId: string) => `price_${priceId.replaceAll("-", "")}`;
const priceOf = async (customer: { user: string; subscriptionId: string }) =>
  (await subscriptionRow(owner, customer)).price_id;

/** An open change to SCALE of a subscription whose row has come to YEARLY meanwhile. */
async function overtaken() {
  const customer = await subscribed();
  const change = await openChange(customer, SCALE);
  const { revision } = await subscriptionRow(owner, customer);
  await synced(customer, revision, { stripePriceId: atStripe(YEARLY) })(service);
  expect(await priceOf(customer)).toBe(YEARLY);
  return { customer, change };
}

describe("a change of a subscription that has another price by now", () => {
  it("is not paid for", async () => {
    const { change } = await overtaken();
    expect(
      await service.call("begin_attempt", {
        p_session_id: change.sessionId,
        p_stripe_payment_method_id: "pm_1",
        p_intent_status: "requires_payment_method",
      }),
    ).toEqual({ outcome: "subscription_changed" });
  });

  it("and is paid is decided by Stripe, and leaves the price that it has there", async () => {
    const { customer, change } = await overtaken();
    const { outcome, plan } = await paid(change)(service);
    expect(outcome).toBe("fulfill");
    const end = done(change.sessionId, customer, plan.change.revision, {
      stripePriceId: atStripe(YEARLY),
    });
    expect(await end(service)).toMatchObject({ outcome: "succeeded" });
    expect(await statusOf(service, change)).toBe("succeeded");
    expect(await priceOf(customer)).toBe(YEARLY);
  });

  it("and is paid while another is being made gives the money back", async () => {
    const { customer, change } = await overtaken();
    const other = await openChange(customer, MONTHLY);
    expect(await paid(other)(service)).toMatchObject({ outcome: "fulfill" });
    expect(await paid(change)(service)).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "subscription_changed" },
    });
  });

  it("and is paid gives the money back where it was free, also if another payment has taken its place since", async () => {
    const customer = await onFreePlan();
    const kept = await attach(service, (await begin(customer, MONTHLY)).session.id);
    const late = await attach(service, (await begin(customer, YEARLY)).session.id);
    expect(await paid(kept)(service)).toMatchObject({ outcome: "fulfill" });
    expect(await complete(service, kept)).toMatchObject({ outcome: "succeeded" });
    expect(await paid(late)(service)).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "subscription_changed" },
    });
  });

  it("and is paid gives the money back where the subscription is free: Stripe knows nothing of it", async () => {
    const customer = await onFreePlan();
    const { session: { id } } = await begin(customer, MONTHLY);
    const change = await attach(service, id);
    await owner.rows(
      `update billing.subscription_changes set from_price_id = $2
       where checkout_session_id = $1 and from_price_id = $3`,
      [id, YEARLY, FREE],
    );
    expect(await paid(change)(service)).toMatchObject({
      outcome: "refund",
      plan: { refundReason: "subscription_changed" },
    });
  });
});
