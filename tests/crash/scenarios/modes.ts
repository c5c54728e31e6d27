import { randomUUID } from "node:crypto";
import type { CreateResponse } from "../../../shared/contract/create.ts";
import type { Offer } from "../../support/shop.ts";
import { deliver, eventAbout } from "../delivery.ts";
import type { Prepared, Scenario, Scene } from "../seams.ts";
import { paidOrNot } from "./parts.ts";

/** A product of its own, since a card tries a product once. */
export const withOffer = (
  offer: Offer,
  prepare: (scene: Scene, session: CreateResponse) => Prepared | Promise<Prepared>,
) =>
async (scene: Scene) => {
  const { shop, user } = scene;
  const { priceId } = await shop.sell(`Offer-${randomUUID()}`, offer);
  return prepare(scene, await shop.create({ user, priceId }));
};
export const TRIAL: Offer = { amount: 9900, trialDays: 14 };
const AUTHENTICATED = "pm_card_threeDSecure2Required";

/** What a session asks for besides money: a card for later, or nothing. */
export const modeScenarios: readonly Scenario[] = [
  {
    name: "a trial that nobody asks after",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withOffer(TRIAL, ({ shop }, session) => ({ act: () => shop.pay(session) })),
    ends: [paidOrNot],
  },
  {
    name: "a trial on the connected account that is tried again",
    slug: "checkout-confirm",
    shop: "connected",
    prepare: withOffer(TRIAL, ({ shop }, session) => {
      const pay = () => shop.pay(session);
      return { act: pay, afterwards: pay };
    }),
    ends: [["succeeded"]],
  },
  {
    name: "a trial that the bank asks the customer about",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withOffer(TRIAL, ({ shop }, session) => ({
      act: () => shop.pay(session, AUTHENTICATED),
      afterwards: () =>
        Promise.allSettled([shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`)]),
    })),
    ends: [paidOrNot],
  },
  {
    name: "a card that was set up when the customer had the product already",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: withOffer(TRIAL, async ({ shop, user }, first) => {
      const second = await shop.create({ user, priceId: first.priceId });
      await shop.pay(second, AUTHENTICATED);
      await shop.pay(first, "pm_card_amex");
      await shop.admin("POST", `/3ds/${second.paymentIntentId}/complete`);
      return { act: () => shop.pay(second, AUTHENTICATED) };
    }),
    ends: [["succeeded"], ["failed"]],
  },
  {
    name: "the news of a card that was set up in the browser",
    slug: "stripe-webhook",
    shop: "platform",
    prepare: withOffer(TRIAL, async (scene, session) => {
      await scene.shop.payInBrowser(session);
      const event = await eventAbout(scene, "setup_intent.succeeded");
      return { act: () => deliver(scene, event) };
    }),
    ends: [["succeeded"]],
  },
  {
    name: "a free plan that nobody asks after",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: async ({ shop, user }) => {
      const { priceId } = await shop.sell(`Offer-${randomUUID()}`, { amount: 0 });
      const token = await shop.token(user);
      const session = await shop.client.create(token, { priceId });
      return { act: () => shop.client.confirmFree(token, session.id) };
    },
    ends: [paidOrNot],
  },
];
