import type { CreateResponse } from "../../shared/contract/create.ts";
import { deliver, eventAbout } from "./delivery.ts";
import type { Ground } from "./ground.ts";
import type { Scenario, Scene } from "./seams.ts";

const HOUR = 3_600;
const DECLINED = "pm_card_chargeDeclined";
/** Where the function dies before Stripe has the card, the customer has not paid, and the hour ends the session. */
const paidOrNot = ["succeeded", "expired"];

/** A session whose customer does something in the browser. */
const withSession = (
  act: (scene: Scene, session: CreateResponse) => Promise<{
    readonly act: () => Promise<unknown>;
    readonly afterwards?: () => Promise<unknown>;
  }>,
) =>
async (scene: Scene) => act(scene, await scene.shop.create({ user: scene.user }));

const creating = (comesAgain: boolean): Scenario["prepare"] => async ({ shop, user }) => {
  const token = await shop.token(user);
  const create = () => shop.client.create(token, { priceId: shop.pro.priceId });
  return {
    act: create,
    ...(comesAgain ? { afterwards: async () => shop.pay(await create()) } : {}),
  };
};

const paying = (comesAgain: boolean): Scenario["prepare"] =>
  withSession(({ shop }, session) => {
    const act = () => shop.pay(session);
    return Promise.resolve({ act, ...(comesAgain ? { afterwards: act } : {}) });
  });

export const goodCard = (shop: keyof Ground["shops"]): Scenario => ({
  name: `a payment on the ${shop} account that nobody asks after`,
  slug: "checkout-confirm",
  shop,
  prepare: paying(false),
  ends: [paidOrNot],
});

/** What callers do. */
export const calls: readonly Scenario[] = [
  {
    name: "a create that is tried again and paid",
    slug: "checkout-create",
    shop: "platform",
    prepare: creating(true),
    ends: [["succeeded"]],
  },
  {
    name: "a create that is tried again and paid, on the connected account",
    slug: "checkout-create",
    shop: "connected",
    prepare: creating(true),
    ends: [["succeeded"]],
  },
  {
    name: "a payment that is tried again with the same card",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: paying(true),
    ends: [["succeeded"]],
  },
  {
    name: "a payment by a card that is declined",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withSession(({ shop }, session) =>
      Promise.resolve({ act: () => shop.pay(session, DECLINED) })
    ),
    ends: [["expired"]],
  },
  {
    name: "a decline that is followed by another card",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withSession(({ shop }, session) =>
      Promise.resolve({
        act: () => shop.pay(session, DECLINED),
        afterwards: () => shop.pay(session),
      })
    ),
    ends: [["succeeded"]],
  },
  {
    name: "a payment that comes too late",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withSession(async ({ shop, passage }, session) => {
      await passage.pass(HOUR);
      return { act: () => shop.pay(session) };
    }),
    ends: [["expired"]],
  },
  {
    name: "a second payment for what the customer has",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withSession(async ({ shop, user }, first) => {
      const second = await shop.create({ user });
      await shop.pay(first);
      return { act: () => shop.pay(second) };
    }),
    ends: [["succeeded"], ["failed", "expired"]],
  },
  {
    name: "a look at a session that was paid in the browser",
    slug: "checkout-status",
    shop: "platform",
    prepare: withSession(async ({ shop, passage }, session) => {
      await shop.payInBrowser(session);
      await passage.pass(60);
      return { act: () => shop.status(session) };
    }),
    ends: [["succeeded"]],
  },
];

/** What Stripe tells. */
export const webhooks: readonly Scenario[] = [
  ...(["platform", "connected"] as const).map((shop): Scenario => ({
    name: `the news of a payment in the browser, on the ${shop} account`,
    slug: "stripe-webhook",
    shop,
    prepare: withSession(async (scene, session) => {
      await scene.shop.payInBrowser(session);
      const event = await eventAbout(scene, "payment_intent.succeeded");
      return { act: () => deliver(scene, event) };
    }),
    ends: [["succeeded"]],
  })),
  {
    name: "the news of a subscription that will not be renewed",
    slug: "stripe-webhook",
    shop: "platform",
    prepare: withSession(async (scene, session) => {
      const { shop } = scene;
      await shop.pay(session);
      const { subscriptions: [made] } = await shop.atStripe(session);
      await shop.stripe.subscriptions.update(made?.id ?? "", { cancel_at_period_end: true });
      const event = await eventAbout(scene, "customer.subscription.updated");
      return { act: () => deliver(scene, event) };
    }),
    ends: [["succeeded"]],
  },
];
