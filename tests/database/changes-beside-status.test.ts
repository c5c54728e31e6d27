import { beforeAll, describe, expect, it } from "vitest";
import { changesOf, type Customer, SCALE, synced } from "./changing.ts";
import { nowSeconds, openDatabase, openShop } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { openChange, subscribed } = changesOf(service, keyDigest);

/** An open change of which money is due, and then what Stripe tells of its subscription. */
async function toldAfterOpening(state: (customer: Customer) => object) {
  const customer = await subscribed();
  const change = await openChange(customer, SCALE);
  await synced(customer, 1, { ...state(customer) })(service);
  return service.call("begin_attempt", {
    p_session_id: change.sessionId,
    p_stripe_payment_method_id: "pm_1",
    p_intent_status: "requires_payment_method",
  });
}

const soon = () => nowSeconds() + 3600;

describe("a change that is open while its subscription comes to stand otherwise", () => {
  beforeAll(async () => {
    await owner.rows("update billing.rate_limits set max_count = 1000");
  });

  it.each<[string, (customer: Customer) => object]>([
    ["is no longer collected for", () => ({ collectionPaused: "void" })],
    ["is put on a schedule", () => ({ scheduled: true })],
    ["has its invoices sent from now on", () => ({ collectionMethod: "send_invoice" })],
    ["waits for an update's payment", () => ({ pendingUpdateExpiresAt: soon() })],
    ["is to end within its period", () => ({ cancelAt: soon() })],
  ])("takes no card any more where it %s", async (_how, state) => {
    expect(await toldAfterOpening(state)).toMatchObject({ outcome: "subscription_changed" });
  });

  it.each<[string, (customer: Customer) => object]>([
    ["stands as it was", () => ({})],
    ["waited for an update's payment that never came", () => ({
      pendingUpdateExpiresAt: nowSeconds() - 60,
    })],
    ["was not collected for until a while ago", () => ({
      collectionPaused: "void",
      collectionResumesAt: nowSeconds() - 60,
    })],
    ["is to end with its period, by its date", ({ facts }) => ({
      cancelAt: facts["currentPeriodEnd"],
    })],
    [
      "is to end with whatever period it has",
      () => ({ cancelAt: soon(), cancelAtPeriodEnd: true }),
    ],
  ])("is paid where it %s", async (_how, state) => {
    expect(await toldAfterOpening(state)).toMatchObject({ outcome: "confirm" });
  });
});
