import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";
import { expectStripesContract } from "../support/stripe-contract.ts";

const shops = [await openShop(stack()), await openShop(stack(), { applicationFeeBps: 250 })];
afterAll(() => Promise.all(shops.map((shop) => shop.close())));

describe("what the functions and Stripe say to each other", () => {
  it.each([["the platform's account", shops[0]], ["a connected account", shops[1]]])(
    "on %s is as Stripe's published description has it",
    async (_name, shop) => {
      if (shop === undefined) throw new Error("no shop");
      const user = randomUUID();
      const session = await shop.create({ user, email: "buyer@example.com" });
      await refusal(shop.pay(session, "pm_card_chargeDeclinedInsufficientFunds"));
      await shop.pay(session, "pm_card_threeDSecure2Required");
      await shop.admin("POST", `/3ds/${session.paymentIntentId}/complete`);
      await shop.idle();
      const debit = await shop.create({ user, priceId: shop.team.priceId });
      await shop.pay(debit, "pm_usBankAccount_success");
      await shop.admin("POST", `/debits/${debit.paymentIntentId}/settle`);
      await shop.idle();
      const { subscriptions: [subscription] } = await shop.atStripe(session);
      await shop.stripe.subscriptions.cancel(subscription?.id ?? "", {}, shop.onAccount);
      await shop.idle();
      // Far more than a handful: a check that finds little to check has checked nothing.
      expect(await expectStripesContract(stack().stripeAdminUrl)).toBeGreaterThan(40);
    },
  );
});
