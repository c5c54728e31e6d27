import { randomUUID } from "node:crypto";
import { withoutSecrets } from "../../shared/stripe/webhook.ts";
import { eventAbout } from "./delivery.ts";
import type { Scenario, Scene } from "./seams.ts";

/** What reconcile finds to repair; `hidden` keeps what Stripe could tell from it, so that one thing is repaired at a time. */
const repair = (
  name: string,
  ends: Scenario["ends"],
  bringAbout: (scene: Scene) => Promise<unknown>,
  { hidden = false, after = 240 }: { readonly hidden?: boolean; readonly after?: number } = {},
): Scenario => ({
  name: `the repair of ${name}`,
  slug: "checkout-reconcile",
  shop: "platform",
  ends,
  prepare: async (scene) => {
    await bringAbout(scene);
    await scene.passage.pass(after);
    if (hidden) await scene.passage.hideEvents();
    return { act: scene.ground.reconcile };
  },
});

async function paidInBrowser({ shop, user }: Scene) {
  const session = await shop.create({ user });
  await shop.payInBrowser(session);
  return session;
}

export const repairs: readonly Scenario[] = [
  repair("a payment of which the news was lost", [["succeeded"]], paidInBrowser),
  repair(
    "a session whose hour is over",
    [["expired"]],
    ({ shop, user }) => shop.create({ user }),
    { after: 4_000 },
  ),
  repair("a payment that its confirm never came to record", [["succeeded"]], async (scene) => {
    const { shop, user } = scene;
    const session = await shop.create({ user });
    // As a confirm does that dies while Stripe takes the card.
    await shop.query("select public.begin_attempt($1, 'pm_card_visa', 'requires_payment_method')", [
      session.id,
    ]);
    await shop.payInBrowser(session);
  }, { hidden: true }),
  repair("an event that was stored and left", [["succeeded"]], async (scene) => {
    await paidInBrowser(scene);
    const event = await eventAbout(scene, "payment_intent.succeeded");
    await scene.shop.query("select public.receive_event($1, $2, false, $3, 180)", [
      event.id,
      event.type,
      JSON.stringify(withoutSecrets(event)),
    ]);
  }, { hidden: true }),
  repair("an intent that no session took", [], ({ shop }) =>
    shop.stripe.paymentIntents.create({
      amount: 2900,
      currency: "usd",
      metadata: { checkout_session_id: randomUUID() },
    }), { after: 4_000 }),
];
