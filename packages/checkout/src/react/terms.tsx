import { useCallback } from "react";
import { Coupon } from "./coupon.tsx";
import { fieldOf } from "./field-of.ts";
import type { Labels } from "./labels.ts";
import { usePrice } from "./queries.ts";
import { Seats } from "./seats.tsx";
import type { Checkout } from "./use-checkout.ts";

interface TermsProps {
  readonly checkout: Checkout;
  readonly session: NonNullable<Checkout["session"]>;
  readonly seats: number;
  readonly labels: Labels;
  readonly onSeats: (seats: number) => void;
}

/** What the customer can still say of an order: seats, where the price has them, and a coupon. */
export function Terms({ checkout, session, seats, labels, onSeats }: TermsProps) {
  const { revise, refusal, isRevising, input, step } = checkout;
  const bounds = usePrice(session.priceId)?.seats;
  const refused = (field: ReturnType<typeof fieldOf>) =>
    fieldOf(refusal) === field
      ? refusal?.code === "invalid_request" ? labels.invalid : refusal?.message
      : undefined;
  const settle = useCallback((quantity: number) => void revise({ quantity }), [revise]);
  // What is being paid stands. Of a resumed session the code is not known, and a discount stays as it is.
  const isPaying = step !== "card";
  const isKnown = input !== undefined || session.discountAmount === 0;
  return (
    <div className="bos-terms">
      {bounds !== undefined && (
        <Seats
          wanted={seats}
          quantity={session.quantity}
          bounds={bounds}
          isRevising={isRevising}
          isDisabled={isPaying}
          refusal={refused("seats")}
          labels={labels}
          onWant={onSeats}
          onSettle={settle}
        />
      )}
      {session.amount > 0 && isKnown && (
        <Coupon
          code={input?.couponCode ?? undefined}
          isDisabled={isPaying || isRevising}
          refusal={refused("coupon")}
          labels={labels}
          onTry={(couponCode) =>
            void revise({ couponCode, ...(Number.isInteger(seats) ? { quantity: seats } : {}) })}
        />
      )}
    </div>
  );
}
