import type { CreateResponse } from "../../../shared/contract/create.ts";
import type { Prepared, Scene } from "../seams.ts";

/** Where the function dies before Stripe has the card, the customer has not paid, and the hour ends the session. */
export const paidOrNot = ["succeeded", "expired"] as const;

/** Prepares a call about a session that is open. */
export const withSession =
  (prepare: (scene: Scene, session: CreateResponse) => Prepared | Promise<Prepared>) =>
  async (scene: Scene) => prepare(scene, await scene.shop.create({ user: scene.user }));

/** A session that was paid from the browser to Stripe, past our confirm. */
export async function paidInBrowser({ shop, user }: Scene): Promise<CreateResponse> {
  const session = await shop.create({ user });
  await shop.payInBrowser(session);
  return session;
}

/** A payment that could not be honored, and whose refund the bank sent back after it was recorded. */
export async function refundReturned({ shop, user }: Scene): Promise<void> {
  const [first, second] = [await shop.create({ user }), await shop.create({ user })];
  await shop.pay(first);
  await shop.payInBrowser(second);
  // Answers that the money goes back.
  await Promise.allSettled([shop.pay(second)]);
  const { refunds: [refund] } = await shop.atStripe(second);
  await shop.admin("POST", `/refunds/${refund?.id}/fail`);
}
