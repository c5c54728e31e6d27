import { useCallback } from "react";
import { money } from "../../../../scripts/console/words.ts";
import { Answer, Rows, Time } from "../answer.tsx";
import { useAsk } from "../ask.ts";
import { readRefunds } from "../queries/owed.ts";
import { linkTo } from "../route.ts";

/** What a person has to know of a refund's status. */
const fate = (status: string | null) =>
  status === null
    ? "not made yet"
    : status === "given_up"
    ? "given up: pay it back by hand"
    : status;

export function Refunds({ organizationId }: { readonly organizationId: string }) {
  const asked = useAsk(useCallback(() => readRefunds(organizationId), [organizationId]));
  return (
    <>
      <h1>Refunds owed</h1>
      <p>Payments that could not be honored, and whose money has not gone back yet.</p>
      <Answer asked={asked}>
        {(refunds) => (
          <Rows
            label="Refunds owed"
            rows={refunds}
            none="No refund is owed."
            heads={["Session", "Intent", "Amount", "Why", "Refund", "Failures", "Since (UTC)"]}
            id={(refund) => refund.stripe_payment_intent_id ?? ""}
            cells={(refund) => [
              <a key="session" href={linkTo("sessions", refund.checkout_session_id ?? "")}>
                {refund.checkout_session_id}
              </a>,
              refund.stripe_payment_intent_id,
              money(refund.amount ?? 0, refund.currency ?? ""),
              refund.refund_reason,
              fate(refund.refund_status),
              refund.refund_failures,
              <Time key="since" at={refund.refunding_since ?? ""} />,
            ]}
          />
        )}
      </Answer>
    </>
  );
}
