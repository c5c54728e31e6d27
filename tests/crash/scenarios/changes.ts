import { randomUUID } from "node:crypto";
import type { CreateResponse } from "../../../shared/contract/create.ts";
import { idOf } from "../../chaos/ids.ts";
import type { Ground } from "../ground.ts";
import { deliver, eventAbout } from "../delivery.ts";
import type { Offer } from "../../support/shop.ts";
import type { Prepared, Scenario, Scene } from "../seams.ts";
import { paidOrNot } from "./parts.ts";

const MINUTE = 60;
const AUTHENTICATED = "pm_card_threeDSecure2Required";
const DEARER: Offer = { amount: 9_900 };
const YEARLY: Offer = { amount: 99_000, interval: "year" };
const CHEAPER: Offer = { amount: 900 };
const FREE: Offer = { amount: 0 };

const offer = async ({ shop }: Scene, what: Offer) =>
  (await shop.sell(`Offer-${randomUUID()}`, what)).priceId;

/** A customer a minute into a subscription: were it days, others' subscriptions would be renewed meanwhile. */
async function subscribed({ shop, user, passage }: Scene): Promise<string> {
  const { subscriptionId = "" } = await shop.pay(await shop.create({ user }));
  await passage.pass(MINUTE);
  return subscriptionId;
}

interface Change {
  readonly session: CreateResponse;
  readonly token: string;
}

async function change(
  { shop, user }: Scene,
  existingSubscriptionId: string,
  priceId: string,
): Promise<Change> {
  const token = await shop.token(user);
  return { token, session: await shop.client.create(token, { priceId, existingSubscriptionId }) };
}

const changing = (
  name: string,
  to: Offer,
  prepare: (scene: Scene, change: Change) => Prepared | Promise<Prepared>,
  last: readonly string[],
  { slug = "checkout-confirm", shop = "platform" }: {
    slug?: string;
    shop?: keyof Ground["shops"];
  } = {},
): Scenario => ({
  name,
  slug,
  shop,
  prepare: async (scene) => {
    const target = await offer(scene, to);
    return prepare(scene, await change(scene, await subscribed(scene), target));
  },
  ends: [["succeeded"], last],
});

const pays = ({ shop }: Scene, { session }: Change) => ({ act: () => shop.pay(session) });

/** What the customer had at Stripe is another amount by the time of the payment, so that the change would be too. */
async function credit({ shop }: Scene, { session }: Change): Promise<void> {
  const { customer } = (await shop.atStripe(session)).intent;
  await shop.stripe.customers.createBalanceTransaction(idOf(customer), {
    amount: -500,
    currency: "usd",
  });
}

/** As a run does that dies with its change made; then somebody voids the change's bill. */
async function madeAndVoided({ shop, user }: Scene, { session }: Change): Promise<void> {
  const [row] = await shop.query<{ id: string; item: string; price: string; at: number }>(
    `select sub.stripe_subscription_id as id, ch.stripe_item_id as item, s.stripe_price_id as price,
       floor(extract(epoch from ch.prorated_at))::bigint::float8 as at
     from billing.subscription_changes ch
     join billing.subscriptions sub on sub.id = ch.subscription_id
     join billing.checkout_sessions s on s.id = ch.checkout_session_id
     where s.id = $1 and s.external_user_id = $2`,
    [session.id, user],
  );
  if (row === undefined) throw new Error("no change to be made");
  const { latest_invoice: invoice } = await shop.stripe.subscriptions.update(row.id, {
    items: [{ id: row.item, price: row.price }],
    metadata: { price_change_session_id: session.id },
    proration_date: row.at,
    proration_behavior: "always_invoice",
    payment_behavior: "default_incomplete",
  });
  await shop.stripe.invoices.voidInvoice(idOf(invoice));
}

/** A subscription that exists moves to another price. */
export const changeScenarios: readonly Scenario[] = [
  {
    name: "a change that is asked for again, and paid",
    slug: "checkout-create",
    shop: "platform",
    prepare: async (scene) => {
      const { shop, user } = scene;
      const priceId = await offer(scene, DEARER);
      const existingSubscriptionId = await subscribed(scene);
      const token = await shop.token(user);
      const ask = () => shop.client.create(token, { priceId, existingSubscriptionId });
      return { act: ask, afterwards: async () => shop.pay(await ask()) };
    },
    ends: [["succeeded"], ["succeeded"]],
  },
  changing("an upgrade that nobody asks after", DEARER, pays, paidOrNot),
  changing("a change to another rhythm that nobody asks after", YEARLY, pays, paidOrNot, {
    shop: "connected",
  }),
  changing(
    "a downgrade that nobody asks after",
    CHEAPER,
    ({ shop }, { token, session }) => ({ act: () => shop.client.confirmFree(token, session.id) }),
    paidOrNot,
  ),
  changing(
    "the news of a change to another rhythm that was paid in the browser",
    YEARLY,
    async (scene, { session }) => {
      await scene.shop.payInBrowser(session);
      const event = await eventAbout(scene, "payment_intent.succeeded");
      return { act: () => deliver(scene, event) };
    },
    ["succeeded"],
    { slug: "stripe-webhook" },
  ),
  changing(
    "an upgrade that would cost another amount by now",
    DEARER,
    async (scene, made) => {
      await credit(scene, made);
      return pays(scene, made);
    },
    ["failed", "expired"],
  ),
  changing(
    "the news of an upgrade that would cost another amount by now",
    DEARER,
    async (scene, made) => {
      await scene.shop.payInBrowser(made.session);
      await credit(scene, made);
      const event = await eventAbout(scene, "payment_intent.succeeded");
      return { act: () => deliver(scene, event) };
    },
    ["failed"],
    { slug: "stripe-webhook" },
  ),
  changing(
    "an upgrade whose bill somebody voided",
    DEARER,
    async (scene, made) => {
      await scene.shop.payInBrowser(made.session);
      await madeAndVoided(scene, made);
      return pays(scene, made);
    },
    ["failed"],
  ),
  {
    name: "a change that was paid when another had been made already",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: async (scene) => {
      const { shop } = scene;
      const [dearer, yearly] = [await offer(scene, DEARER), await offer(scene, YEARLY)];
      const subscription = await subscribed(scene);
      const late = await change(scene, subscription, dearer);
      await shop.pay(late.session, AUTHENTICATED);
      await shop.pay((await change(scene, subscription, yearly)).session);
      await shop.admin("POST", `/3ds/${late.session.paymentIntentId}/complete`);
      return { act: () => shop.pay(late.session, AUTHENTICATED) };
    },
    ends: [["succeeded"], ["failed"], ["succeeded"]],
  },
  {
    name: "a free plan that becomes a paid one",
    slug: "checkout-confirm",
    shop: "platform",
    prepare: async (scene) => {
      const { shop, user } = scene;
      const token = await shop.token(user);
      const first = await shop.client.create(token, { priceId: await offer(scene, FREE) });
      const { subscriptionId = "" } = await shop.client.confirmFree(token, first.id);
      const { session } = await change(scene, subscriptionId, await offer(scene, DEARER));
      return { act: () => shop.pay(session) };
    },
    ends: [["succeeded"], paidOrNot],
  },
];
