import { createCheckoutClient, type Snapshot } from "@billingos/checkout";
import { createCheckoutServer } from "@billingos/checkout/server";
import { createClient } from "@supabase/supabase-js";
import { formatAmount } from "../../shared/domain/currencies.ts";
import { nodeTransport } from "../realtime/node-transport.ts";
import type { StackInfo } from "../types.ts";

/** Milliseconds. */
const PATIENCE = 20_000;

/**
 * Buys the monthly plan through the public API alone: the merchant's server makes a session token, the browser creates
 * the checkout, watches its channel, and confirms with Stripe's test card 4242.
 *
 * @param say is told each step as it happens
 * @throws when the subscription does not become active with its features
 */
export async function runCheckout(info: StackInfo, say: (step: string) => void): Promise<void> {
  const { functionsUrl, prices } = info;
  const server = createCheckoutServer({ functionsUrl, organizationKey: info.organizationKey });
  const { sessionToken } = await server.createSessionToken({ externalUserId: "demo-user" });
  say("session token made with the organization's key");

  const supabase = createClient(info.apiUrl, info.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });
  const client = createCheckoutClient({ functionsUrl, supabase, sessionToken });
  const session = await client.create({
    priceId: prices["monthly"] ?? "",
    customer: { email: "customer@example.com", name: "Demo Customer" },
  });
  const { product } = session;
  const price = formatAmount(session.totalAmount, session.currency);
  say(`checkout ${session.id} created: ${product.name}, ${price} a ${product.interval}`);

  const seen = new Seen(say);
  const watch = client.watch(session, { onSnapshot: (snapshot) => seen.take(snapshot) });
  try {
    await seen.until("pending");
    const confirmed = await client.confirm({
      clientSecret: session.clientSecret,
      paymentMethodId: "pm_card_visa",
    });
    say(`card confirmed: ${confirmed.status}, ${confirmed.message}`);
    const last = await seen.until("succeeded");
    if (last.subscription?.status !== "active") {
      throw new Error(`the subscription is ${last.subscription?.status ?? "missing"}`);
    }
    if (last.features.length === 0) throw new Error("the subscription grants no feature");
    say(`subscription ${last.subscription.id} is active until ${day(last.subscription)}`);
    say(`features granted: ${last.features.join(", ")}`);
  } finally {
    await watch.stop();
  }
}

/** Collects what the browser is told, and waits for it. */
class Seen {
  readonly #say: (step: string) => void;
  readonly #snapshots: Snapshot[] = [];
  #look: (() => void) | undefined;

  constructor(say: (step: string) => void) {
    this.#say = say;
  }

  take(snapshot: Snapshot): void {
    this.#snapshots.push(snapshot);
    this.#say(`browser sees version ${snapshot.version}: ${snapshot.status}`);
    this.#look?.();
  }

  until(status: Snapshot["status"]): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const last = this.#snapshots.at(-1)?.status ?? "nothing";
        reject(new Error(`the browser saw ${last} and no more within ${PATIENCE / 1000} s`));
      }, PATIENCE);
      this.#look = () => {
        const found = this.#snapshots.find((snapshot) => snapshot.status === status);
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      this.#look();
    });
  }
}

const day = (subscription: { readonly currentPeriodEnd: string }) =>
  subscription.currentPeriodEnd.slice(0, 10);
