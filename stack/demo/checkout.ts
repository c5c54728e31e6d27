import { setTimeout as sleep } from "node:timers/promises";
import { confirmResponse } from "../../shared/contract/confirm.ts";
import { createResponse } from "../../shared/contract/create.ts";
import { createSessionTokenResponse } from "../../shared/contract/session-token.ts";
import { snapshot } from "../../shared/contract/snapshot.ts";
import type { StackInfo } from "../types.ts";
import { call, CallError } from "./http.ts";
import { watchCheckout } from "./watch.ts";

const REALTIME_MS = 15_000;
/** A join is acknowledged a little before the channel delivers; a real page asks for status instead. */
const JOINED_MS = 100;

/**
 * Buys the monthly plan through the public API alone: the merchant's server makes a session token, the
 * browser creates the checkout, joins its channel, and confirms with Stripe's test card 4242.
 *
 * @param say is told each step as it happens
 * @throws when the subscription does not become active with its features
 */
export async function runCheckout(info: StackInfo, say: (step: string) => void): Promise<void> {
  const { functionsUrl, prices } = info;
  const { sessionToken } = await call(
    `${functionsUrl}/session-tokens`,
    createSessionTokenResponse,
    {
      method: "POST",
      bearer: info.organizationKey,
      body: { externalUserId: "demo-user" },
    },
  );
  say("session token made with the organization's key");

  const session = await call(`${functionsUrl}/checkout-create`, createResponse, {
    method: "POST",
    bearer: sessionToken,
    body: {
      priceId: prices["monthly"],
      customer: { email: "ada@example.com", name: "Ada Lovelace" },
    },
  });
  const { product } = session;
  say(`checkout ${session.id} created: ${product.name}, ${money(session)} a ${product.interval}`);

  const watch = await watchCheckout({
    apiUrl: info.apiUrl,
    publishableKey: info.publishableKey,
    ...session.realtime,
    onSnapshot: ({ version, status }) => say(`Realtime: version ${version}, ${status}`),
  });
  try {
    await sleep(JOINED_MS);
    say(`Realtime: joined ${session.realtime.topic}`);
    const confirmed = await call(`${functionsUrl}/checkout-confirm`, confirmResponse, {
      method: "POST",
      body: { clientSecret: session.clientSecret, paymentMethodId: "pm_card_visa" },
    });
    say(`card confirmed: ${confirmed.status}, ${confirmed.message}`);
    const last = await watch.until(({ status }) => status === "succeeded", REALTIME_MS);
    const shown = await call(`${functionsUrl}/checkout-status/${session.id}`, snapshot, {
      method: "GET",
    });
    if (shown.status !== "succeeded" || shown.version < last.version) {
      throw new CallError(`status says ${shown.status} after Realtime said succeeded`);
    }
    if (shown.subscription?.status !== "active") {
      throw new CallError(`the subscription is ${shown.subscription?.status ?? "missing"}`);
    }
    if (shown.features.length === 0) throw new CallError("the subscription grants no feature");
    say(`subscription ${shown.subscription.id} is active until ${day(shown.subscription)}`);
    say(`features granted: ${shown.features.join(", ")}`);
  } finally {
    await watch.close();
  }
}

function money(session: { readonly totalAmount: number; readonly currency: string }): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: session.currency });
  // Minor units are hundredths for most currencies and whole ones for some (yen).
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(session.totalAmount / 10 ** digits);
}

const day = (subscription: { readonly currentPeriodEnd: string }) =>
  subscription.currentPeriodEnd.slice(0, 10);
