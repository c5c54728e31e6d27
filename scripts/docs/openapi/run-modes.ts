import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Recorder } from "./recorder.ts";

/** What a later call needs of a checkout. */
export const opened = z.object({ id: z.string(), clientSecret: z.string() });
const subscribed = z.object({ subscriptionId: z.string() });
const returnUrl = "https://app.example.com/billing";

/** Something is due now: a card is declined, another one wants its bank, a third one pays. */
export async function standard(recorder: Recorder, bearer: string): Promise<string> {
  const session = opened.parse(
    await recorder.call("createCheckout", {
      name: "standard",
      bearer,
      headers: { "idempotency-key": randomUUID() },
      body: {
        priceId: "pro-monthly",
        couponCode: "WELCOME",
        customer: { email: "ada@example.com", name: "Ada" },
        metadata: { campaign: "spring" },
      },
    }),
  );
  await recorder.call("createCheckout", {
    name: "unknownPrice",
    bearer,
    body: { priceId: "no-such-price" },
  });
  await recorder.call("createCheckout", { name: "invalid", bearer, body: { quantity: 0 } });
  await recorder.call("readCheckout", { name: "pending", of: session.id });
  await recorder.call("readCheckout", { name: "pendingToItsOwner", of: session.id, bearer });
  const { clientSecret } = session;
  const confirm = (name: string, paymentMethodId: string) =>
    recorder.call("confirmCheckout", {
      name,
      body: { clientSecret, paymentMethodId, ...(name === "bankAsks" ? { returnUrl } : {}) },
    });
  await confirm("declined", "pm_card_visa_chargeDeclinedInsufficientFunds");
  await confirm("bankAsks", "pm_card_threeDSecure2Required");
  const { subscriptionId } = subscribed.parse(await confirm("paid", "pm_card_visa"));
  await recorder.call("readCheckout", { name: "succeeded", of: session.id });
  const given = opened.parse(
    await recorder.call("createCheckout", {
      name: "seats",
      bearer,
      body: { priceId: "team-seats", quantity: 5 },
    }),
  );
  await recorder.call("cancelCheckout", { name: "canceled", of: given.id, bearer });
  await recorder.call("cancelCheckout", { name: "tooLate", of: session.id, bearer });
  return subscriptionId;
}

/** The subscription changes to a dearer price, and then to a cheaper one, for which nothing is due. */
export async function change(
  recorder: Recorder,
  bearer: string,
  existingSubscriptionId: string,
): Promise<void> {
  const { clientSecret } = opened.parse(
    await recorder.call("createCheckout", {
      name: "change",
      bearer,
      body: { priceId: "pro-yearly", existingSubscriptionId },
    }),
  );
  await recorder.call("confirmCheckoutByPath", {
    name: "changed",
    of: clientSecret,
    body: { paymentMethodId: "pm_card_visa" },
  });
  const { id: sessionId } = opened.parse(
    await recorder.call("createCheckout", {
      name: "downgrade",
      bearer,
      body: { priceId: "pro-monthly", existingSubscriptionId },
    }),
  );
  await recorder.call("confirmCheckout", { name: "downgraded", bearer, body: { sessionId } });
}

/** A discount takes all of the first period: a card is set up for those that cost something. */
export async function nothingDue(recorder: Recorder, bearer: string): Promise<void> {
  const { clientSecret } = opened.parse(
    await recorder.call("createCheckout", {
      name: "nothingDueNow",
      bearer,
      body: { priceId: "pro-monthly", couponCode: "LAUNCH" },
    }),
  );
  await recorder.call("confirmCheckout", {
    name: "nothingDueNow",
    body: { clientSecret, paymentMethodId: "pm_card_visa" },
  });
}

/** Nothing is due until the trial's end; the card is set up. */
export async function trial(recorder: Recorder, bearer: string): Promise<void> {
  const { clientSecret } = opened.parse(
    await recorder.call("createCheckout", {
      name: "trial",
      bearer,
      body: { priceId: "scale-monthly" },
    }),
  );
  await recorder.call("confirmCheckout", {
    name: "trialBegins",
    body: { clientSecret, paymentMethodId: "pm_card_visa" },
  });
}

/** Nothing is ever due: the session's id and its owner's token are enough. */
export async function free(recorder: Recorder, bearer: string): Promise<void> {
  const create = (name: string) =>
    recorder.call("createCheckout", { name, bearer, body: { priceId: "free" } });
  const { id } = opened.parse(await create("free"));
  await recorder.call("confirmCheckout", { name: "free", bearer, body: { sessionId: id } });
  await create("alreadySubscribed");
}
