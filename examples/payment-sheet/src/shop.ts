import { type CheckoutClient, createCheckoutClient } from "@billingos/checkout";
import { createClient } from "@supabase/supabase-js";
import type { Config } from "./config.ts";

const NAME = "payment-sheet.customer";

/** Who buys here: on a merchant's server whoever is signed in, in this example a number that the browser keeps. */
function customerOfThisBrowser(): string {
  const kept = localStorage.getItem(NAME) ?? crypto.randomUUID();
  localStorage.setItem(NAME, kept);
  return kept;
}

/** Begins as somebody who has bought nothing yet. */
export function newCustomer(): void {
  localStorage.removeItem(NAME);
  location.assign("#/");
  location.reload();
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

export const supabaseOf = (config: Config) =>
  createClient(config.supabaseUrl, config.supabasePublishableKey);
export type Supabase = ReturnType<typeof supabaseOf>;

export interface Project {
  readonly config: Config;
  readonly supabase: Supabase;
}

/** The calls of one customer. */
export function openShop({ config, supabase }: Project): CheckoutClient {
  const { functionsUrl, sessionTokenUrl } = config;
  return createCheckoutClient({
    functionsUrl,
    supabase,
    ...(sessionTokenUrl === undefined
      ? {}
      : { getSessionToken: () => askForToken(sessionTokenUrl) }),
  });
}
