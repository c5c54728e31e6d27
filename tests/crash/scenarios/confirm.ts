import { randomUUID } from "node:crypto";
import type { CreateResponse } from "../../../shared/contract/create.ts";
import { idOf } from "../../chaos/ids.ts";
import type { Ground } from "../ground.ts";
import type { Scenario, Scene } from "../seams.ts";
import { paidOrNot, withSession } from "./parts.ts";

const HOUR = 3_600;
const DECLINED = "pm_card_chargeDeclined";
const AUTHENTICATED = "pm_card_threeDSecure2Required";

const confirm = (
  name: string,
  prepare: Scenario["prepare"],
  ends: Scenario["ends"],
  shop: keyof Ground["shops"] = "platform",
): Scenario => ({ name, slug: "checkout-confirm", shop, prepare, ends });

/** A payment that Stripe ends later, where it was ever begun. */
const endedLater = (
  paymentMethodId: string,
  end: (session: CreateResponse) => string,
) =>
  withSession(({ shop }: Scene, session) => ({
    act: () => shop.pay(session, paymentMethodId),
    afterwards: () => Promise.allSettled([shop.admin("POST", end(session))]),
  }));

/** The main road, with a customer who closes the page. */
export const goodCard = (shop: keyof Ground["shops"]): Scenario =>
  confirm(
    `a payment on the ${shop} account that nobody asks after`,
    withSession((scene, session) => ({ act: () => scene.shop.pay(session) })),
    [paidOrNot],
    shop,
  );

export const confirmScenarios: readonly Scenario[] = [
  goodCard("platform"),
  goodCard("connected"),
  confirm(
    "a payment of which Stripe cannot tell either",
    withSession(async ({ shop, passage }, session) => {
      await passage.hideEvents();
      return { act: () => shop.pay(session) };
    }),
    [paidOrNot],
  ),
  confirm(
    "a payment that is tried again with the same card",
    withSession(({ shop }, session) => {
      const pay = () => shop.pay(session);
      return { act: pay, afterwards: pay };
    }),
    [["succeeded"]],
  ),
  confirm(
    "a payment by a card that is declined",
    withSession(({ shop }, session) => ({ act: () => shop.pay(session, DECLINED) })),
    [["expired"]],
  ),
  confirm(
    "a decline that is followed by another card",
    withSession(({ shop }, session) => ({
      act: () => shop.pay(session, DECLINED),
      afterwards: () => shop.pay(session),
    })),
    [["succeeded"]],
  ),
  confirm(
    "a payment that the bank asks the customer about",
    endedLater(
      AUTHENTICATED,
      ({ paymentIntentId }) => `/3ds/${paymentIntentId}/complete`,
    ),
    [paidOrNot],
  ),
  confirm(
    "a bank debit that arrives later",
    endedLater(
      "pm_usBankAccount_success",
      ({ paymentIntentId }) => `/debits/${paymentIntentId}/settle`,
    ),
    [paidOrNot],
  ),
  confirm(
    "a payment that comes too late",
    withSession(async ({ shop, passage }, session) => {
      await passage.pass(HOUR);
      return { act: () => shop.pay(session) };
    }),
    [["expired"]],
  ),
  confirm(
    "a returning customer's payment for another product",
    withSession(async ({ shop, user }, first) => {
      await shop.pay(first);
      const second = await shop.create({ user, priceId: shop.team.priceId });
      return { act: () => shop.pay(second) };
    }),
    [["succeeded"], paidOrNot],
  ),
  confirm(
    "a discounted payment whose coupon was deleted meanwhile",
    async ({ shop, user }) => {
      const code = randomUUID();
      const discount = await shop.offer({ code, percent_off: 50, duration: "forever" });
      const session = await shop.create({ user, couponCode: code });
      const { data } = await shop.stripe.coupons.list({ limit: 100 });
      const coupon = data.find(({ metadata }) => metadata?.["discount_id"] === discount);
      await shop.stripe.coupons.del(coupon?.id ?? "");
      return { act: () => shop.pay(session) };
    },
    [paidOrNot],
  ),
  confirm(
    "a payment with tax",
    async ({ shop, user }) => {
      const tax = (on: boolean) =>
        shop.query("update billing.organizations set tax_enabled = $2 where id = $1", [
          shop.organizationId,
          on,
        ]);
      await tax(true);
      const session = await shop.client.create(await shop.token(user), {
        priceId: shop.pro.priceId,
        customer: { address: { country: "DE" }, taxId: "DE123456789" },
      });
      await tax(false);
      return { act: () => shop.pay(session) };
    },
    [paidOrNot],
  ),
  confirm(
    "a returning customer's payment whose customer was deleted at Stripe",
    withSession(async ({ shop, user }, first) => {
      await shop.pay(first);
      const { subscriptions: [made] } = await shop.atStripe(first);
      await shop.stripe.customers.del(idOf(made?.customer));
      const session = await shop.create({ user, priceId: shop.team.priceId });
      return { act: () => shop.pay(session) };
    }),
    [["succeeded"], paidOrNot],
  ),
  confirm(
    "a second payment for what the customer has",
    withSession(async ({ shop, user }, first) => {
      const second = await shop.create({ user });
      await shop.pay(first);
      return { act: () => shop.pay(second) };
    }),
    // Where the function dies before it has seen that, the session expires.
    [["succeeded"], ["failed", "expired"]],
  ),
  confirm(
    "a payment that went through when the customer had the product already",
    withSession(async ({ shop, user }, first) => {
      const second = await shop.create({ user });
      await shop.pay(second, AUTHENTICATED);
      await shop.pay(first);
      await shop.admin("POST", `/3ds/${second.paymentIntentId}/complete`);
      return { act: () => shop.pay(second, AUTHENTICATED) };
    }),
    [["succeeded"], ["failed"]],
  ),
];
