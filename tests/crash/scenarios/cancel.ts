import type { Ground } from "../ground.ts";
import type { Scenario } from "../seams.ts";
import { TRIAL, withOffer } from "./modes.ts";
import { paidInBrowser, withSession } from "./parts.ts";

const cancel = (
  name: string,
  prepare: Scenario["prepare"],
  ends: Scenario["ends"],
  shop: keyof Ground["shops"] = "platform",
): Scenario => ({ name, slug: "checkout-cancel", shop, prepare, ends });

/** Where the function dies before Stripe has canceled, nobody asks again, and the hour ends the session. */
const canceledOrNot = ["canceled", "expired"] as const;

export const cancelScenarios: readonly Scenario[] = [
  cancel(
    "a cancellation that nobody asks for again",
    withSession(async ({ shop, user }, { id }) => {
      const token = await shop.token(user);
      return { act: () => shop.client.cancel(token, id) };
    }),
    [canceledOrNot],
  ),
  cancel(
    "a cancellation on the connected account that is asked for again",
    withSession(async ({ shop, user }, { id }) => {
      const token = await shop.token(user);
      const ask = () => shop.client.cancel(token, id);
      return { act: ask, afterwards: ask };
    }),
    [["canceled"]],
    "connected",
  ),
  cancel(
    "a cancellation of which Stripe cannot tell either",
    withSession(async ({ shop, user, passage }, { id }) => {
      const token = await shop.token(user);
      await passage.hideEvents();
      return { act: () => shop.client.cancel(token, id) };
    }),
    [canceledOrNot],
  ),
  cancel(
    "a cancellation while the bank asks the customer",
    withSession(async ({ shop, user }, session) => {
      const token = await shop.token(user);
      await shop.pay(session, "pm_card_threeDSecure2Required");
      return { act: () => shop.client.cancel(token, session.id) };
    }),
    [canceledOrNot],
  ),
  cancel("a cancellation that comes after the payment", async (scene) => {
    const { id } = await paidInBrowser(scene);
    const token = await scene.shop.token(scene.user);
    return { act: () => scene.shop.client.cancel(token, id) };
  }, [["succeeded"]]),
  cancel(
    "a cancellation after which the customer pays all the same",
    withSession(async ({ shop, user }, session) => {
      const token = await shop.token(user);
      return {
        act: () => shop.client.cancel(token, session.id),
        // Refused where Stripe canceled first.
        afterwards: () => Promise.allSettled([shop.pay(session)]),
      };
    }),
    [["canceled", "succeeded"]],
  ),
  cancel(
    "a cancellation of a trial that has not begun",
    withOffer(TRIAL, async ({ shop, user }, { id }) => {
      const token = await shop.token(user);
      return { act: () => shop.client.cancel(token, id) };
    }),
    [canceledOrNot],
  ),
  cancel(
    "a cancellation of a trial whose card was set up",
    withOffer(TRIAL, async ({ shop, user }, session) => {
      const token = await shop.token(user);
      await shop.payInBrowser(session);
      return { act: () => shop.client.cancel(token, session.id) };
    }),
    [["succeeded"]],
  ),
  cancel(
    "a cancellation of a free plan",
    withOffer({ amount: 0 }, async ({ shop, user }, { id }) => {
      const token = await shop.token(user);
      return { act: () => shop.client.cancel(token, id) };
    }),
    [canceledOrNot],
  ),
];
