import { randomUUID } from "node:crypto";
import Stripe from "stripe";
import * as z from "zod";
import type { Recorded } from "./recorded.ts";
import { Recorder } from "./recorder.ts";

/** What the run needs of a stack that sells the demo catalogue. */
export interface RecordedStack {
  readonly functionsUrl: string;
  readonly organizationKey: string;
  readonly secretKey: string;
  readonly webhookSecret: string;
}

const text = z.object({ id: z.string(), clientSecret: z.string() });
const subscribed = z.object({ subscriptionId: z.string() });
const returnUrl = "https://app.example.com/billing";

/** Plays each call of the API, in each mode of a checkout, and answers what was said. */
export async function recordedRun(stack: RecordedStack): Promise<Recorded> {
  const users = Object.fromEntries(
    ["ada", "grace", "mary", "joan"].map((name) => [`${name}-${randomUUID()}`, name]),
  );
  const recorder = new Recorder(stack.functionsUrl, users);
  const [ada = "", grace = "", mary = "", joan = ""] = Object.keys(users);
  const tokens = { ada: await tokenOf(recorder, stack, ada, "created") };

  await recorder.call("createSessionToken", {
    name: "wrongKey",
    bearer: "none",
    body: { externalUserId: ada },
  });
  await recorder.call("listProducts", { name: "products", bearer: tokens.ada });
  const subscriptionId = await standard(recorder, tokens.ada);
  await account(recorder, tokens.ada, subscriptionId);
  await change(recorder, tokens.ada, subscriptionId);
  await trial(recorder, await tokenOf(recorder, stack, grace));
  await free(recorder, await tokenOf(recorder, stack, mary));
  await olderPaths(recorder, await tokenOf(recorder, stack, joan));
  await operators(recorder, stack);
  const { tokenId } = z.object({ tokenId: z.string() }).parse(
    await recorder.call("createSessionToken", {
      name: "forCheckoutAlone",
      bearer: stack.organizationKey,
      body: { externalUserId: joan, expiresIn: 600, allowedOperations: ["checkout"] },
    }),
  );
  await recorder.call("revokeSessionToken", {
    name: "revoked",
    bearer: stack.organizationKey,
    of: tokenId,
  });
  return recorder.recorded.filter(({ name }) => name !== UNKEPT);
}

/** Of calls that a later one needs, and no example. */
const UNKEPT = "";

async function tokenOf(
  recorder: Recorder,
  { organizationKey: bearer }: RecordedStack,
  externalUserId: string,
  name = UNKEPT,
): Promise<string> {
  const body = { externalUserId };
  const answer = await recorder.call("createSessionToken", { name, bearer, body });
  return z.object({ sessionToken: z.string() }).parse(answer).sessionToken;
}

/** Something is due now: a card is declined, another one wants its bank, a third one pays. */
async function standard(recorder: Recorder, bearer: string): Promise<string> {
  const session = text.parse(
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
  const given = text.parse(
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

async function account(recorder: Recorder, bearer: string, subscriptionId: string): Promise<void> {
  await recorder.call("listEntitlements", { name: "granted", bearer });
  await recorder.call("listEntitlementsForSdk", { name: "granted", bearer });
  const check = (name: string, key: string) =>
    recorder.call("checkFeature", { name, bearer, query: `?feature_key=${key}` });
  await check("granted", "projects");
  await check("notGranted", "audit-log");
  await recorder.call("listSubscriptions", {
    name: "withNextInvoice",
    bearer,
    query: "?preview=next_invoice",
  });
  const body = { subscriptionId };
  await recorder.call("cancelSubscription", { name: "ends", bearer, body });
  await recorder.call("resumeSubscription", { name: "goesOn", bearer, body });
  await recorder.call("openPortal", { name: "opened", bearer, body: {} });
}

/** The subscription changes to a dearer price. */
async function change(
  recorder: Recorder,
  bearer: string,
  existingSubscriptionId: string,
): Promise<void> {
  const { clientSecret } = text.parse(
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
}

/** Nothing is due until the trial's end; the card is set up. */
async function trial(recorder: Recorder, bearer: string): Promise<void> {
  const { clientSecret } = text.parse(
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
async function free(recorder: Recorder, bearer: string): Promise<void> {
  const create = (name: string) =>
    recorder.call("createCheckout", { name, bearer, body: { priceId: "free" } });
  const { id } = text.parse(await create("free"));
  await recorder.call("confirmCheckout", { name: "free", bearer, body: { sessionId: id } });
  await create("alreadySubscribed");
}

/** The same calls at the paths of the SDKs. */
async function olderPaths(recorder: Recorder, bearer: string): Promise<void> {
  const paymentMethodId = "pm_card_visa";
  const body = { priceId: "pro-monthly" };
  const given = text.parse(
    await recorder.call("sdkCreateCheckout", { name: "standard", bearer, body }),
  );
  await recorder.call("sdkReadCheckout", { name: "pending", of: given.id });
  await recorder.call("sdkCancelCheckout", { name: "canceled", of: given.id, bearer });
  const paid = text.parse(
    await recorder.call("sdkCreateCheckout", { name: UNKEPT, bearer, body }),
  );
  await recorder.call("sdkConfirmCheckout", {
    name: "paid",
    of: paid.clientSecret,
    body: { paymentMethodId },
  });
  const older = text.parse(
    await recorder.call("olderSdkCreateCheckout", {
      name: "standard",
      bearer,
      body: { priceId: "team-seats" },
    }),
  );
  await recorder.call("olderSdkConfirmCheckout", {
    name: "paid",
    of: older.clientSecret,
    body: { paymentMethodId },
  });
  const costless = text.parse(
    await recorder.call("sdkCreateCheckout", { name: UNKEPT, bearer, body: { priceId: "free" } }),
  );
  await recorder.call("sdkConfirmFreeCheckout", { name: "free", of: costless.id, bearer });
}

async function operators(
  recorder: Recorder,
  { secretKey: bearer, webhookSecret: secret }: RecordedStack,
): Promise<void> {
  const event = {
    id: `evt_${randomUUID().replaceAll("-", "")}`,
    object: "event",
    api_version: Stripe.API_VERSION,
    type: "customer.created",
    livemode: false,
    created: 1_768_478_400,
    data: { object: { id: "cus_example1", object: "customer" } },
  };
  const payload = JSON.stringify(event);
  await recorder.call("receiveEvent", {
    name: "received",
    body: event,
    headers: { "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload, secret }) },
  });
  await recorder.call("receiveEvent", { name: "unsigned", body: event });
  await recorder.call("readHealth", { name: "runs" });
  await recorder.call("readHealth", { name: "deep", query: "?deep=1", bearer });
  await recorder.call("reconcile", { name: "nothingToDo", bearer });
}
