import type { CreateResponse } from "../types.ts";
import type { Labels } from "./labels.ts";
import { Price } from "./price.tsx";

interface OfferProps {
  readonly session: CreateResponse;
  readonly labels: Labels;
  readonly locale: string;
}

/** What is bought: the price of a period, and what it brings. */
export function Offer({ session, labels, locale }: OfferProps) {
  const { product, quantity, currency, trialDays } = session;
  const price = { ...product, amount: session.amount / quantity, currency };
  return (
    <section className="bos-offer" aria-label={labels.features}>
      <Price price={price} labels={labels} locale={locale} />
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
