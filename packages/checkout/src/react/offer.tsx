import { formatAmount } from "../../../../shared/domain/currencies.ts";
import type { CreateResponse } from "../types.ts";
import type { Labels } from "./labels.ts";

interface OfferProps {
  readonly session: CreateResponse;
  readonly labels: Labels;
  readonly locale: string;
}

/** What is bought: the price of a period, and what it brings. */
export function Offer({ session, labels, locale }: OfferProps) {
  const { product, quantity, currency, trialDays } = session;
  const amount = session.amount / quantity;
  return (
    <section className="bos-offer" aria-label={labels.features}>
      <p className="bos-price">
        <strong>{amount === 0 ? labels.free : formatAmount(amount, currency, locale)}</strong>{" "}
        {amount > 0 && labels.interval(product)}
      </p>
      {trialDays > 0 && <p className="bos-badge">{labels.trial(trialDays)}</p>}
      {product.description !== undefined && <p className="bos-note">{product.description}</p>}
      {product.features.length > 0 && (
        <ul className="bos-features">
          {product.features.map((feature) => <li key={feature}>{feature}</li>)}
        </ul>
      )}
    </section>
  );
}
