import * as z from "zod";
import type { CreateResponse } from "../../../shared/contract/create.ts";
import { idOf } from "../../chaos/ids.ts";
import { deliver, eventAbout } from "../delivery.ts";
import type { Prepared, Scenario, Scene } from "../seams.ts";

const armed = z.object({ id: z.string() });
const A_WHILE = 240;
const HALF_A_DAY = 13 * 3_600;

/** A returning customer with an open session for another product. */
async function returned({ shop, user }: Scene) {
  const first = await shop.create({ user });
  await shop.pay(first);
  const { subscriptions: [subscription] } = await shop.atStripe(first);
  if (subscription === undefined) throw new Error("no subscription to come back with");
  const session = await shop.create({ user, priceId: shop.team.priceId });
  return { session, customer: idOf(subscription.customer) };
}

/** Stripe's invoice will be over less than the customer was shown: somebody has credited them since. */
async function credited(scene: Scene): Promise<CreateResponse> {
  const { session, customer } = await returned(scene);
  await scene.shop.stripe.customers.createBalanceTransaction(customer, {
    amount: -500,
    currency: "usd",
  });
  return session;
}

const mismatch = (
  name: string,
  slug: string,
  prepare: (scene: Scene, session: CreateResponse) => Prepared | Promise<Prepared>,
): Scenario => ({
  name: `${name} that the invoice is not over`,
  slug,
  shop: "platform",
  prepare: async (scene) => prepare(scene, await credited(scene)),
  // Where the function dies before Stripe has the card, the customer has not paid.
  ends: [["succeeded"], slug === "checkout-confirm" ? ["failed", "expired"] : ["failed"]],
});

/** A payment that Stripe's answers keep from being honored until its deadline is over. */
const overdue: Scenario = {
  name: "a payment that was not honored by its deadline",
  slug: "checkout-confirm",
  shop: "platform",
  prepare: async ({ shop, user }) => {
    const session = await shop.create({ user });
    const fault = armed.parse(
      await shop.admin("POST", "/faults", {
        kind: "error_before",
        method: "POST",
        path: "/v1/subscriptions",
        count: null,
      }),
    );
    await shop.payInBrowser(session);
    await Promise.allSettled([shop.pay(session)]);
    await shop.query(
      `update billing.checkout_sessions
       set fulfilling_since = fulfilling_since - make_interval(secs => $2) where id = $1`,
      [session.id, HALF_A_DAY],
    );
    return {
      act: () => shop.pay(session),
      afterwards: () => shop.admin("DELETE", `/faults/${fault.id}`),
    };
  },
  // Stripe answers again by the time of the repair, which then may still honor it.
  ends: [["failed", "succeeded"]],
};

/** Given back by hand before anybody could honor it. */
const returnedMoney: Scenario = {
  name: "a payment that was given back by hand",
  slug: "checkout-confirm",
  shop: "platform",
  prepare: async ({ shop, user }) => {
    const session = await shop.create({ user });
    await shop.payInBrowser(session);
    await shop.stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "" });
    return { act: () => shop.pay(session) };
  },
  ends: [["failed"]],
};

/** A run that had lost its session to a refund made it all the same. */
const surplus: Scenario = {
  name: "the news of a subscription that is surplus",
  slug: "stripe-webhook",
  shop: "platform",
  prepare: async (scene) => {
    const { shop } = scene;
    const { session, customer } = await returned(scene);
    await shop.pay(session);
    const { subscriptions: [own] } = await shop.atStripe(session);
    const made = await shop.stripe.subscriptions.create({
      customer,
      items: [{ price: own?.items.data[0]?.price.id ?? "" }],
      payment_behavior: "default_incomplete",
      metadata: { checkout_session_id: session.id, by_hand: "yes" },
    });
    const event = await eventAbout(scene, "customer.subscription.created");
    if (!("id" in event.data.object && event.data.object.id === made.id)) {
      throw new Error("the event is about another subscription");
    }
    return { act: () => deliver(scene, event) };
  },
  ends: [["succeeded"], ["succeeded"]],
};

export const mismatchScenarios: readonly Scenario[] = [
  mismatch("a payment", "checkout-confirm", ({ shop }, session) => ({
    act: () => shop.pay(session),
  })),
  mismatch("the news of a payment", "stripe-webhook", async (scene, session) => {
    await scene.shop.payInBrowser(session);
    const event = await eventAbout(scene, "payment_intent.succeeded");
    return { act: () => deliver(scene, event) };
  }),
  mismatch("the repair of a payment", "checkout-reconcile", async (scene, session) => {
    await scene.shop.payInBrowser(session);
    await scene.passage.pass(A_WHILE);
    return { act: scene.ground.reconcile };
  }),
  returnedMoney,
  overdue,
];

export const surplusScenarios: readonly Scenario[] = [surplus];
