import { deliver, eventAbout } from "../delivery.ts";
import type { Ground } from "../ground.ts";
import type { Scenario } from "../seams.ts";
import { paidInBrowser, refundReturned, withSession } from "./parts.ts";

const paymentNews = (shop: keyof Ground["shops"]): Scenario => ({
  name: `the news of a payment in the browser on the ${shop} account`,
  slug: "stripe-webhook",
  shop,
  prepare: async (scene) => {
    await paidInBrowser(scene);
    const event = await eventAbout(scene, "payment_intent.succeeded");
    return { act: () => deliver(scene, event) };
  },
  ends: [["succeeded"]],
});

export const webhookScenarios: readonly Scenario[] = [
  paymentNews("platform"),
  paymentNews("connected"),
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
  {
    name: "the news of a refund that the bank sent back",
    slug: "stripe-webhook",
    shop: "platform",
    prepare: async (scene) => {
      await refundReturned(scene);
      const event = await eventAbout(scene, "refund.failed");
      return { act: () => deliver(scene, event) };
    },
    ends: [["succeeded"], ["failed"]],
  },
];
