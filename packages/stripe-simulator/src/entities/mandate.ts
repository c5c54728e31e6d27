import { newId } from "../core/ids.ts";
import type { Account } from "../store/account.ts";
import type { Mandate } from "../store/types.ts";

export interface MandateData {
  customer_acceptance: {
    type: "online" | "offline";
    online?: { ip_address?: string; user_agent?: string; infer_from_client?: boolean };
    offline?: Record<string, never>;
    accepted_at?: number;
  };
}

/** The customer's consent to a debit, kept by Stripe with the payment. */
export function addMandate(
  account: Account,
  now: number,
  paymentMethod: string,
  kind: "us_bank_account" | "sepa_debit" | "card",
  data: MandateData | null,
): Mandate {
  const acceptance = data?.customer_acceptance;
  const mandate: Mandate = {
    id: newId("mandate"),
    object: "mandate",
    customer_acceptance: acceptance?.type === "offline"
      ? { accepted_at: acceptance.accepted_at ?? now, type: "offline", offline: {} }
      : {
        accepted_at: acceptance?.accepted_at ?? now,
        type: "online",
        online: {
          ip_address: acceptance?.online?.ip_address ?? "127.0.0.1",
          user_agent: acceptance?.online?.user_agent ?? "stripe-simulator",
        },
      },
    livemode: false,
    multi_use: {},
    payment_method: paymentMethod,
    payment_method_details: kind === "card"
      ? { type: "card", card: {} }
      : kind === "us_bank_account"
      ? { type: "us_bank_account", us_bank_account: { collection_method: "paper" } }
      : { type: "sepa_debit", sepa_debit: { reference: "SIMULATOR", url: "" } },
    status: "active",
    type: "multi_use",
  };
  return account.mandates.add(mandate);
}
