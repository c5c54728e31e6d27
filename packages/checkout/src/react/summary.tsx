import type { ReactNode } from "react";
import { formatAmount } from "../../../../shared/domain/currencies.ts";
import type { CreateResponse } from "../types.ts";
import type { Labels } from "./labels.ts";

interface SummaryProps {
  readonly session: CreateResponse;
  readonly labels: Labels;
  readonly locale: string;
  readonly couponCode: string | undefined;
  /** Other terms were asked for and are not known yet. */
  readonly isRevising: boolean;
}

/** What is due now, and why. */
export function Summary({ session, labels, locale, couponCode, isRevising }: SummaryProps) {
  const { product, amount, discountAmount, taxAmount, adjustmentAmount, totalAmount } = session;
  const proration = session.proration?.fromFree === true ? undefined : session.proration;
  const money = (minor: number) => formatAmount(minor, session.currency, locale);
  const coupon = couponCode === undefined ? "" : ` (${couponCode})`;
  const { quantity, trialDays } = session;
  const price = `${money(amount)} ${labels.interval(product)}`;
  return (
    <div className="bos-summary" aria-busy={isRevising}>
      <dl>
        {proration === undefined && (
          <Row name={quantity === 1 ? product.name : labels.seatsOf(quantity)}>
            {amount === 0 ? labels.free : price}
          </Row>
        )}
        {proration !== undefined && <Row name={proration.explanation}>{money(proration.total)}
        </Row>}
        {discountAmount > 0 && <Row name={labels.discount + coupon}>{money(-discountAmount)}</Row>}
        {taxAmount > 0 && <Row name={labels.tax}>{money(taxAmount)}</Row>}
        {adjustmentAmount !== 0 && (
          <Row name={adjustmentAmount < 0 ? labels.credit : labels.owed}>
            {money(adjustmentAmount)}
          </Row>
        )}
        <Row name={labels.dueNow} isTotal>{money(totalAmount)}</Row>
      </dl>
      {proration !== undefined && quantity > 1 && (
        <p className="bos-note">{`${labels.seatsOf(quantity)}: ${price}`}</p>
      )}
      {trialDays > 0 && <p className="bos-note">{labels.afterTrial(price, trialDays)}</p>}
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly isTotal?: boolean;
  readonly children: ReactNode;
}

function Row({ name, isTotal = false, children }: RowProps) {
  return (
    <div className={isTotal ? "bos-total" : "bos-line"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
