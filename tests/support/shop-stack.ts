import type { Stack, StackInfo } from "../../stack/index.ts";

/** The part of a running stack that a shop needs, which can be told to another process. */
export interface ShopStack extends StackInfo {
  readonly superuserUrl: string;
  /** The Stripe simulator's admin server. */
  readonly stripeAdminUrl: string;
  readonly connectWebhookSecret: string;
  /** base64url; see CHECKOUT_DIGEST_KEY. */
  readonly digestKey: string;
}

export function shopStackOf(stack: Stack): ShopStack {
  return {
    ...stack.info,
    superuserUrl: stack.superuserUrl,
    stripeAdminUrl: stack.stripeAdminUrl ?? "",
    connectWebhookSecret: stack.connectWebhookSecret,
    digestKey: Buffer.from(stack.digestKey).toString("base64url"),
  };
}
