import type { ConnectedAccount } from "../store/types.ts";

/** A merchant's account; `charges_enabled` is what the platform looks at. */
export function newAccount(id: string, created: number): ConnectedAccount {
  return {
    id,
    object: "account",
    business_type: "company",
    capabilities: { card_payments: "active", transfers: "active" },
    charges_enabled: true,
    country: "US",
    created,
    default_currency: "usd",
    details_submitted: true,
    email: "merchant@example.com",
    metadata: {},
    payouts_enabled: true,
    tos_acceptance: { date: created },
    type: "standard",
  };
}
