import { formatAmount } from "../../../../shared/domain/currencies.ts";
import type { ProductPrice } from "../types.ts";
import type { Labels } from "./labels.ts";

interface PriceProps {
  /** For one seat. */
  readonly price: Pick<ProductPrice, "amount" | "currency" | "interval" | "intervalCount">;
  readonly labels: Labels;
  readonly locale: string;
}

/** What a period costs. */
export function Price({ price, labels, locale }: PriceProps) {
  const { amount, currency } = price;
  return (
    <p className="bos-price">
      <strong>{amount === 0 ? labels.free : formatAmount(amount, currency, locale)}</strong>{" "}
      {amount > 0 && labels.interval(price)}
    </p>
  );
}
