import { randomUUID } from "node:crypto";
import Stripe from "stripe";
import * as z from "zod";
import type { Recorded } from "./recorded.ts";
import { Recorder } from "./recorder.ts";
import { change, free, nothingDue, opened, standard, trial } from "./run-modes.ts";

/** What the run needs of a stack that sells the demo catalogue. */
export interface RecordedStack {
  readonly functionsUrl: string;
  readonly organizationKey: string;
  readonly secretKey: string;
  readonly webhookSecret: string;
}

/** Plays each call of the API, in each mode of a checkout, and answers what was said. */
export async function recordedRun(stack: RecordedStack): Promise<Recorded> {
  const named = { ada: randomUUID(), grace: randomUUID(), mary: randomUUID(), joan: randomUUID() };
  const known = Object.fromEntries(Object.entries(named).map(([name, id]) => [id, name]));
  const recorder = new Recorder(stack.functionsUrl, known);
  const ada = await tokenOf(recorder, stack, named.ada, "created");

  await recorder.call("createSessionToken", {
    name: "wrongKey",
    bearer: "none",
    body: { externalUserId: named.ada },
  });
  await recorder.call("listProducts", { name: "products", bearer: ada });
  const subscriptionId = await standard(recorder, ada);
  await account(recorder, ada, subscriptionId);
  await change(recorder, ada, subscriptionId);
  const grace = await tokenOf(recorder, stack, named.grace);
  await trial(recorder, grace);
  await nothingDue(recorder, grace);
  await free(recorder, await tokenOf(recorder, stack, named.mary));
  await olderPaths(recorder, await tokenOf(recorder, stack, named.joan));
  await operators(recorder, stack);
  const { tokenId } = z.object({ tokenId: z.string() }).parse(
    await recorder.call("createSessionToken", {
      name: "forCheckoutAlone",
      bearer: stack.organizationKey,
      body: { externalUserId: named.joan, expiresIn: 600, allowedOperations: ["checkout"] },
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

/** The same calls at the paths of the SDKs. */
async function olderPaths(recorder: Recorder, bearer: string): Promise<void> {
  const paymentMethodId = "pm_card_visa";
  const body = { priceId: "pro-monthly" };
  const given = opened.parse(
    await recorder.call("sdkCreateCheckout", { name: "standard", bearer, body }),
  );
  await recorder.call("sdkReadCheckout", { name: "pending", of: given.id });
  await recorder.call("sdkCancelCheckout", { name: "canceled", of: given.id, bearer });
  const paid = opened.parse(
    await recorder.call("sdkCreateCheckout", { name: UNKEPT, bearer, body }),
  );
  await recorder.call("sdkConfirmCheckout", {
    name: "paid",
    of: paid.clientSecret,
    body: { paymentMethodId },
  });
  const older = opened.parse(
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
  const costless = opened.parse(
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
