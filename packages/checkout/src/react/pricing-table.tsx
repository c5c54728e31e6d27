import { useId, useState } from "react";
import type { ProductPrice } from "../types.ts";
import { english } from "./labels.ts";
import { Plan } from "./plan.tsx";
import type { PricingTableProps } from "./props.ts";
import { useProducts } from "./queries.ts";

const periodOf = ({ interval, intervalCount }: ProductPrice) => `${intervalCount} ${interval}`;

/** What is on sale, to choose from: a billing period where there are several, and a card for each product. */
export function PricingTable(props: PricingTableProps) {
  const { planIds, locale = "en", onSelect, addsOn = false } = props;
  const labels = { ...english, ...props.labels };
  const name = useId();
  const [chosen, setChosen] = useState<string>();
  const { data, isPending, error, refetch } = useProducts(planIds);

  if (isPending) return <output className="bos-note">{labels.loading}</output>;
  if (data === undefined) {
    return (
      <div className="bos-note" role="alert">
        <p>{error?.message ?? labels.unavailable}</p>
        <button type="button" className="bos-button" onClick={() => void refetch()}>
          {labels.retry}
        </button>
      </div>
    );
  }

  const all = data.products.flatMap(({ prices }) => prices);
  const currency = props.currency ?? all[0]?.currency;
  const sold = all.filter((price) => price.currency === currency);
  // One of each, in the order in which they come.
  const periods = [...new Map(sold.map((price) => [periodOf(price), price])).entries()];
  const period = chosen ?? periods[0]?.[0];

  return (
    <div className="bos-pricing">
      {periods.length > 1 && (
        <fieldset className="bos-periods">
          <legend>{labels.intervals}</legend>
          {periods.map(([key, price]) => (
            <label key={key}>
              <input
                type="radio"
                name={name}
                checked={key === period}
                onChange={() => setChosen(key)}
              />
              {labels.interval(price)}
            </label>
          ))}
        </fieldset>
      )}
      <ul className="bos-plans">
        {data.products.map((product) => {
          const prices = product.prices.filter((price) => price.currency === currency);
          // A product without a price of this period is shown with what it has.
          const price = prices.find((each) => periodOf(each) === period) ?? prices[0];
          return price && (
            <Plan
              key={product.id}
              product={product}
              price={price}
              subscriptions={data.subscriptions}
              addsOn={addsOn}
              locale={locale}
              labels={labels}
              heading={props.heading}
              onSelect={onSelect}
              onManage={props.onManage}
            />
          );
        })}
      </ul>
    </div>
  );
}
