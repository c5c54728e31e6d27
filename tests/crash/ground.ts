import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import * as z from "zod";
import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import { type Stack, startStack } from "../../stack/index.ts";
import { reconcileOf } from "../support/reconcile.ts";
import { setFulfillmentLease } from "../support/fulfillment-lease.ts";
import { shopStackOf } from "../support/shop-stack.ts";
import { openShop, type Shop } from "../support/shop.ts";
import { type SeamProxy, startSeamProxy } from "./seam-proxy.ts";

/** A stack whose functions reach the world through the seam proxy only, and of whose webhooks none arrives. */
export interface Ground {
  readonly stack: Stack;
  readonly proxy: SeamProxy;
  readonly shops: { readonly platform: Shop; readonly connected: Shop };
  /** One run, as the cron job asks for it. */
  readonly reconcile: () => Promise<ReconcileResponse>;
  close(): Promise<void>;
}

/** @param lease for how long a run that fulfills is waited for */
export async function openGround(lease?: string): Promise<Ground> {
  const proxy = await startSeamProxy();
  const stack = await startStack({
    functionsEnv: { SUPABASE_URL: proxy.url, STRIPE_API_URL: proxy.url },
  });
  proxy.route(stack.info);
  const at = shopStackOf(stack);
  await stripeAdmin(at.stripeAdminUrl, "POST", "/faults", { kind: "webhook_drop", count: null });
  const platform = await openShop(at);
  const connected = await openShop(at, { applicationFeeBps: 250 });
  await setFulfillmentLease((sql) => platform.query(sql), lease);
  const reconcile = () => reconcileOf(stack.info);
  // Its first run reads each account from the beginning.
  await reconcile();
  // What Stripe told of the catalogue is still on its way.
  await platform.idle();
  return {
    stack,
    proxy,
    shops: { platform, connected },
    reconcile,
    close: async () => {
      await Promise.all([platform.close(), connected.close()]);
      await stack.stop();
      await proxy.close();
    },
  };
}

/** Moves Stripe's clock on, and answers it: what is made from now on is told from what was. */
export async function passAtStripe({ admin }: Shop, seconds: number): Promise<number> {
  return z.object({ now: z.number() }).parse(await admin("POST", "/clock/advance", { seconds }))
    .now;
}
