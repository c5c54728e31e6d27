import { expect, it } from "vitest";
import { confirmCheckout } from "../../../../shared/checkout/confirm.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { paymentIntent } from "../stripe/answers.ts";
import { answer, recordedStripe } from "../stripe/recorded.ts";
import { located } from "../support/located.ts";
import { recordedCheckouts, recordedLog } from "../support/recorded-database.ts";
import { snapshot } from "../support/snapshots.ts";

const BANK = "pm_1NbankDEF";
const open = { ...paymentIntent, status: "requires_payment_method", payment_method: null };
const waiting = (type: string) => ({
  ...paymentIntent,
  status: "requires_action",
  payment_method: BANK,
  latest_charge: null,
  next_action: { type, [type]: {} },
});

function confirm(type: string, before: object = open) {
  const INTENT = `/v1/payment_intents/${paymentIntent.id}`;
  const { stripe } = recordedStripe({
    [`GET ${INTENT}`]: [answer(before)],
    [`POST ${INTENT}/confirm`]: [answer(waiting(type))],
  });
  const { checkouts } = recordedCheckouts({
    record_intent: () => ({
      outcome: "recorded",
      exhausted: false,
      snapshot: { ...snapshot, status: "requires_action" },
    }),
  });
  const ports = { checkouts, stripe: stripeGateway(stripe), log: recordedLog().log };
  const attempt = before === open ? { outcome: "confirm", number: 1, revision: 2 } as const : null;
  return confirmCheckout(ports, { located, attempt }, { paymentMethodId: BANK });
}

it.each([
  ["by our confirm", undefined],
  ["in the browser", waiting("verify_with_microdeposits")],
])(
  "a bank account that small deposits are to verify is refused plainly, confirmed %s",
  async (_where, before) => {
    await expect(confirm("verify_with_microdeposits", before)).rejects.toMatchObject({
      code: "bank_account_unverified",
      status: 400,
    });
  },
);

it("what the customer's bank asks at once is no such thing", async () => {
  expect(await confirm("use_stripe_sdk")).toMatchObject({
    requiresAction: true,
    nextAction: { type: "use_stripe_sdk" },
  });
});
