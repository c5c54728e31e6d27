import { type CheckoutClient, createCheckoutClient } from "@billingos/checkout";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Config } from "./config.ts";

/** Who buys here: on the merchant's own server somebody signed in, here a number that this browser keeps. */
function customerOfThisBrowser(): string {
  const name = "payment-sheet.customer";
  const kept = localStorage.getItem(name) ?? crypto.randomUUID();
  localStorage.setItem(name, kept);
  return kept;
}

async function askForToken(url: string): Promise<string> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ externalUserId: customerOfThisBrowser() }),
  });
  const told: unknown = answer.ok ? await answer.json() : undefined;
  if (
    typeof told === "object" && told !== null && "sessionToken" in told &&
    typeof told.sessionToken === "string"
  ) return told.sessionToken;
  throw new Error(`the shop's server answered ${answer.status} without a session token`);
}

export interface Shop {
  readonly supabase: SupabaseClient;
  readonly client: CheckoutClient;
}

export function openShop(config: Config): Shop {
  const { functionsUrl, sessionTokenUrl } = config;
  const supabase = createClient(config.supabaseUrl, config.supabasePublishableKey);
  const client = createCheckoutClient({
    functionsUrl,
    supabase,
    ...(sessionTokenUrl === undefined
      ? {}
      : { getSessionToken: () => askForToken(sessionTokenUrl) }),
  });
  return { supabase, client };
}
