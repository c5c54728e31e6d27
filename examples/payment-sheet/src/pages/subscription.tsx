import type { SubscriptionsResponse } from "@billingos/checkout";
import { formatAmount, useEnding } from "@billingos/checkout/react";
import { useState } from "react";
import { dayOf } from "../day.ts";
import { priceOf } from "./price-of.ts";

type Own = SubscriptionsResponse["subscriptions"][number];

const words: Readonly<Record<string, string>> = {
  active: "Active",
  trialing: "Free trial",
  past_due: "Payment overdue",
  unpaid: "Not paid",
  paused: "Paused",
};

/** One subscription, with its end and its taking back. */
export function Subscription(
  { subscription, name }: { readonly subscription: Own; readonly name: string },
) {
  const { id, status, cancelAtPeriodEnd } = subscription;
  const ending = useEnding();
  const [isAsking, setAsking] = useState(false);
  const change = (which: "cancel" | "resume") =>
    ending.mutate({ subscriptionId: id, change: which }, { onSettled: () => setAsking(false) });
  return (
    <article className="card" aria-label={name}>
      <div className="line">
        <div>
          <h3>
            {name} <span className="status">{words[status] ?? status}</span>
          </h3>
          <p>{priceOf(subscription)}</p>
        </div>
        <a className="primary" href="#/">Change plan</a>
      </div>
      <p className="quiet">{nextOf(subscription)}</p>
      {cancelAtPeriodEnd
        ? (
          <button
            type="button"
            className="plain"
            disabled={ending.isPending}
            onClick={() => change("resume")}
          >
            Keep it after all
          </button>
        )
        : isAsking
        ? (
          <fieldset className="line ask">
            <legend>Cancel {name}</legend>
            <p>You keep it until {dayOf(subscription.currentPeriodEnd)}. Cancel it?</p>
            <div className="buttons">
              <button
                type="button"
                className="plain danger"
                disabled={ending.isPending}
                onClick={() => change("cancel")}
              >
                Cancel it
              </button>
              <button type="button" className="plain" onClick={() => setAsking(false)}>
                Keep it
              </button>
            </div>
          </fieldset>
        )
        : (
          <button type="button" className="plain" onClick={() => setAsking(true)}>
            Cancel subscription
          </button>
        )}
      {ending.error !== null && <p className="bad" role="alert">{ending.error.message}</p>}
    </article>
  );
}

function nextOf({ cancelAtPeriodEnd, currentPeriodEnd, trialEnd, nextInvoice }: Own): string {
  if (cancelAtPeriodEnd) return `Ends on ${dayOf(currentPeriodEnd)}.`;
  const trial = trialEnd === undefined ? "" : `Your trial ends on ${dayOf(trialEnd)}. `;
  return nextInvoice === undefined || nextInvoice === null
    ? trial
    : `${trial}Next payment: ${formatAmount(nextInvoice.amountDue, nextInvoice.currency)} on ${
      dayOf(nextInvoice.at)
    }.`;
}
