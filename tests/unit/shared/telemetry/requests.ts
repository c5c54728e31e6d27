import type { AnsweredRequest } from "../../../../shared/telemetry/answered-request.ts";

export const TRACE = "0af7651916cd43dd8448eb211c80319c";
export const PARENT = "b7ad6b7169203331";

/** A confirm that asked the database once and Stripe once. */
export const answered: AnsweredRequest & { readonly session: undefined } = {
  requestId: "req_1",
  method: "POST",
  scheme: "https",
  route: "/checkout-confirm/:clientSecret",
  status: 200,
  errorCode: undefined,
  trace: { traceId: TRACE, parentSpanId: PARENT, sampled: true },
  session: undefined,
  cameAt: 1_795_000_000_000,
  begun: 500,
  ended: 520.25,
  calls: [
    {
      dependency: "database",
      method: "POST",
      url: "https://ref.supabase.co/rest/v1/rpc/locate_checkout",
      begun: 501,
      ended: 504.5,
      status: 200,
    },
    {
      dependency: "stripe",
      method: "GET",
      url: "http://127.0.0.1:12111/v1/payment_intents/pi_3NabcDEF?expand[0]=latest_charge",
      begun: 505,
      ended: 519,
      status: 402,
    },
  ],
};
