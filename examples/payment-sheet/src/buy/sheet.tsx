import type { CreateInput, CreateResponse } from "@billingos/checkout";
import { PaymentSheet } from "@billingos/checkout/react";
import { lazy, Suspense, useState } from "react";
import type { Config } from "../config.ts";
import { DeveloperPanel } from "../panel/index.ts";
import { closeOrder, goTo, type Order, rewriteOrder, takeReturn } from "../route.ts";
import { TestCard } from "./test-card.tsx";

// Stripe's part is loaded where there is a Stripe.
const StripeCard = lazy(async () => ({ default: (await import("./stripe-card.tsx")).StripeCard }));
const StripeAction = lazy(async () => ({
  default: (await import("./stripe-action.tsx")).StripeAction,
}));

interface SheetProps {
  readonly config: Config;
  readonly order: Order;
}

const inputOf = (order: Order): CreateInput => ({
  priceId: order.price,
  ...(order.seats === undefined ? {} : { quantity: Number(order.seats) }),
  ...(order.coupon === undefined ? {} : { couponCode: order.coupon }),
  ...(order.subscription === undefined ? {} : { existingSubscriptionId: order.subscription }),
});

/** The package's sheet, with what is the app's: the form for a card, and where a reload finds the session. */
export function Sheet({ config, order }: SheetProps) {
  const [isBack] = useState(takeReturn);
  const [isDone, setDone] = useState(false);
  const keep = (session: CreateResponse, input: CreateInput | undefined) =>
    rewriteOrder({
      ...order,
      seats: input?.quantity ? String(input.quantity) : order.seats,
      coupon: input === undefined ? order.coupon : input.couponCode ?? undefined,
      session: session.id,
    });
  return (
    <PaymentSheet
      open
      input={inputOf(order)}
      sessionId={order.session}
      isBack={isBack}
      onSession={keep}
      onClose={() => isDone ? goTo("#/account") : closeOrder()}
      onSuccess={() => setDone(true)}
      aside={config.developerUrl === undefined
        ? undefined
        : <DeveloperPanel url={config.developerUrl} sessionId={order.session} />}
      renderCard={(step) =>
        config.testCards
          ? <TestCard {...step} />
          : (
            <Suspense fallback={<output>One moment.</output>}>
              <StripeCard {...step} />
            </Suspense>
          )}
      {...(config.testCards ? {} : {
        renderAction: (step) => (
          <Suspense>
            <StripeAction {...step} />
          </Suspense>
        ),
      })}
    />
  );
}
