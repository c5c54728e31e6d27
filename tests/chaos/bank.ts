import type { Action, BankAction } from "./actions.ts";
import { refundsIn } from "./given-back.ts";
import { outside, said, type Shown, type Stage } from "./stage.ts";

const acts: ReadonlySet<string> = new Set<BankAction["do"]>([
  "authenticate",
  "settle debit",
  "answer refund",
  "refund by hand",
  "dispute",
  "cancel intent",
]);

export const isBanks = (action: Action): action is BankAction => acts.has(action.do);

/** What becomes of a session's payment at Stripe and at its customer's bank, past us. */
export async function playBank(
  { shop }: Stage,
  action: BankAction,
  { created: { id, paymentIntentId } }: Shown,
): Promise<string> {
  const intent = paymentIntentId ?? "";
  const at = id.slice(0, 8);
  switch (action.do) {
    case "authenticate":
      await outside(shop.admin("POST", `/3ds/${intent}/${action.well ? "complete" : "fail"}`));
      return at;
    case "settle debit":
      await outside(shop.admin("POST", `/debits/${intent}/${action.well ? "settle" : "fail"}`));
      return at;
    case "answer refund": {
      const { data: [refund] } = await outside(
        shop.stripe.refunds.list({ payment_intent: intent, limit: 1 }),
      );
      if (refund === undefined) return `${at} has no refund`;
      const word = action.well ? "settle" : "fail";
      await outside(shop.admin("POST", `/refunds/${refund.id}/${word}`));
      return `${at} ${refund.id}`;
    }
    case "refund by hand":
      return said(await refundsIn(shop, intent, action.whole), at);
    case "dispute":
      await outside(shop.admin("POST", `/disputes/${intent}/open`, {}));
      await outside(shop.admin("POST", `/disputes/${intent}/${action.lost ? "lose" : "win"}`, {}));
      return at;
    case "cancel intent":
      await (intent.startsWith("seti_")
        ? outside(shop.stripe.setupIntents.cancel(intent))
        : outside(shop.stripe.paymentIntents.cancel(intent)));
      return at;
  }
}
