import { formatAmount } from "../../../../shared/domain/currencies.ts";
import type { CreateResponse } from "../types.ts";
import type { Labels } from "./labels.ts";

interface SummaryProps {
  readonly session: CreateResponse;
  readonly labels: Labels;
  readonly locale: string;
}

/** What is bought, and what is due now. */
export function Summary({ session, labels, locale }: SummaryProps) {
  const { product, proration, amount, discountAmount, taxAmount, totalAmount, trialDays } = session;
  const money = (minor: number) => formatAmount(minor, session.currency, locale);
  return (
    <dl className="bos-summary">
      <dt>{product.name}</dt>
      <dd>{amount === 0 ? labels.free : `${money(amount)} ${labels.interval(product)}`}</dd>
      {discountAmount > 0 && <Row name={labels.discount} value={money(-discountAmount)} />}
      {taxAmount > 0 && <Row name={labels.tax} value={money(taxAmount)} />}
      {proration !== undefined && (
        <Row name={proration.explanation} value={money(proration.total)} />
      )}
      {trialDays > 0 && <dd className="bos-note">{labels.trial(trialDays)}</dd>}
      <dt>
        <strong>{labels.dueNow}</strong>
      </dt>
      <dd>
        <strong>{money(totalAmount)}</strong>
      </dd>
    </dl>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
