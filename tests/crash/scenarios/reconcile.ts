import { randomUUID } from "node:crypto";
import { withoutSecrets } from "../../../shared/stripe/webhook.ts";
import { eventAbout } from "../delivery.ts";
import type { Scenario, Scene } from "../seams.ts";
import { paidInBrowser, refundReturned } from "./parts.ts";

/** Seconds: beyond a lease; and beyond a session's hour and the time of a stray. */
const A_WHILE = 240;
const THE_HOUR = 4_300;
/** Seconds: beyond the day after which a refund that succeeded is looked at again. */
const A_DAY = 90_000;

/** A run that finds one thing to repair. `alone` hides what Stripe could tell of it, so that it is found by itself. */
const repair = (
  name: string,
  ends: Scenario["ends"],
  bringAbout: (scene: Scene) => Promise<unknown>,
  { alone = false, after = A_WHILE }: { readonly alone?: boolean; readonly after?: number } = {},
): Scenario => ({
  name: `the repair of ${name}`,
  slug: "checkout-reconcile",
  shop: "platform",
  ends,
  prepare: async (scene) => {
    await bringAbout(scene);
    await scene.passage.pass(after);
    if (alone) await scene.passage.hideEvents();
    return { act: scene.ground.reconcile };
  },
});

const TWO_MINUTES = 121;

/** As a confirm does that dies while Stripe takes the card. */
const leaveAttempt = ({ shop }: Scene, session: { readonly id: string }) =>
  shop.query("select billing.begin_attempt($1, 'pm_card_visa', 'requires_payment_method')", [
    session.id,
  ]);

export const reconcileScenarios: readonly Scenario[] = [
  repair("a payment of which the news was lost", [["succeeded"]], paidInBrowser),
  repair(
    "a session past its expiry",
    [["expired"]],
    ({ shop, user }) => shop.create({ user }),
    { after: THE_HOUR },
  ),
  repair("a payment that its confirm never came to record", [["succeeded"]], async (scene) => {
    const session = await scene.shop.create({ user: scene.user });
    await leaveAttempt(scene, session);
    await scene.shop.payInBrowser(session);
  }, { alone: true }),
  repair("a payment that nobody can honor", [["succeeded"], ["failed"]], async (scene) => {
    const { shop, user } = scene;
    const sessions = [await shop.create({ user }), await shop.create({ user })] as const;
    await leaveAttempt(scene, sessions[1]);
    // Until then the other session is told that this one is being paid.
    await scene.passage.pass(TWO_MINUTES);
    await shop.pay(sessions[0]);
    await shop.payInBrowser(sessions[1]);
  }, { alone: true }),
  repair("a payment that landed after expiry", [["succeeded"]], async ({ shop, user }) => {
    const session = await shop.create({ user });
    await shop.query("update billing.checkout_sessions set status = 'expired' where id = $1", [
      session.id,
    ]);
    await shop.payInBrowser(session);
  }),
  repair(
    "a payment that landed after expiry, recorded and left",
    [["succeeded"]],
    async (scene) => {
      const { shop } = scene;
      const session = await paidInBrowser(scene);
      const { intent } = await shop.atStripe(session);
      await shop.query("update billing.checkout_sessions set status = 'expired' where id = $1", [
        session.id,
      ]);
      await shop.query(
        `update billing.payment_intents set status = $2, stripe_payment_method_id = $3, succeeded_at = to_timestamp($4)
         where stripe_payment_intent_id = $1`,
        [intent.id, intent.status, intent.payment_method, intent.created],
      );
    },
    { alone: true },
  ),
  repair(
    "a refund that the bank sent back",
    [["succeeded"], ["failed"]],
    refundReturned,
    { alone: true, after: A_DAY },
  ),
  repair("an event that was stored and left", [["succeeded"]], async (scene) => {
    await paidInBrowser(scene);
    const event = await eventAbout(scene, "payment_intent.succeeded");
    await scene.shop.query("select billing.receive_event($1, $2, false, $3, 180)", [
      event.id,
      event.type,
      JSON.stringify(withoutSecrets(event)),
    ]);
  }, { alone: true }),
  repair("an intent that no session took", [], ({ shop }) =>
    shop.stripe.paymentIntents.create({
      amount: 2900,
      currency: "usd",
      metadata: { checkout_session_id: randomUUID(), organization_id: shop.organizationId },
    }), { after: THE_HOUR }),
];
