import { useId, useState } from "react";
import { formatAmount } from "../../../../shared/domain/currencies.ts";
import type { CreateInput, PricedProduct, ProductPrice, ProductsResponse } from "../types.ts";
import { english, type Labels } from "./labels.ts";
import { useProducts } from "./queries.ts";

export interface PricingTableProps {
  /** Called with the price that the customer chose, and with what create takes for it: of a subscriber, a change of what they have. */
  readonly onSelect: (price: ProductPrice, product: PricedProduct, input: CreateInput) => void;
  /** Sells another product beside what the customer has, and not in its place. Another price of the same product is a change all the same. */
  readonly addsOn?: boolean | undefined;
  /** Shows these products alone, by id or key. */
  readonly planIds?: readonly string[] | undefined;
  /** ISO 4217 in small letters; the first that something is sold in unless told. */
  readonly currency?: string | undefined;
  /** Of the products' names: one below the heading that the table stands under; `h3` unless told. */
  readonly heading?: "h2" | "h3" | "h4" | undefined;
  /** BCP 47. */
  readonly locale?: string | undefined;
  readonly labels?: Partial<Labels> | undefined;
}

type Current = ProductsResponse["currentSubscription"];

/** The subscription that a purchase of the product changes: a customer has one to a product. */
const changedBy = ({ id }: PricedProduct, current: Current, addsOn: boolean) =>
  current === null || (addsOn && id !== current.productId) ? undefined : current.id;

/** A change keeps its seats; a first purchase has the fewest that are sold. */
const inputOf = ({ id, seats }: ProductPrice, changed: string | undefined): CreateInput =>
  changed === undefined
    ? { priceId: id, ...(seats === undefined ? {} : { quantity: seats.min }) }
    : { priceId: id, existingSubscriptionId: changed };

/** What they have, or have a subscription to beside the current one: it is not sold twice. */
const isHad = (price: ProductPrice, { id, isCurrentPlan }: PricedProduct, current: Current) =>
  price.id === current?.priceId || (isCurrentPlan && id !== current?.productId);

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
  const current = data.currentSubscription;

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
              isCurrent={isHad(price, product, current)}
              changed={changedBy(product, current, addsOn)}
              locale={locale}
              labels={labels}
              heading={props.heading}
              onSelect={onSelect}
            />
          );
        })}
      </ul>
    </div>
  );
}

interface PlanProps extends Pick<PricingTableProps, "onSelect" | "heading"> {
  readonly product: PricedProduct;
  readonly price: ProductPrice;
  readonly isCurrent: boolean;
  /** The subscription that it would be bought in the place of. */
  readonly changed: string | undefined;
  readonly locale: string;
  readonly labels: Labels;
}

function Plan(props: PlanProps) {
  const { product, price, isCurrent, changed, locale, labels, heading: Heading = "h3" } = props;
  const title = useId();
  // A change begins no trial.
  const trial = changed === undefined && price.amount > 0 && product.trialDays > 0;
  const offer = trial ? labels.trial(product.trialDays) : labels.choose;
  return (
    <li
      className="bos-plan"
      data-highlighted={product.highlighted === true}
      aria-labelledby={title}
    >
      <Heading id={title}>{product.name}</Heading>
      {product.description !== "" && <p>{product.description}</p>}
      <p className="bos-price">
        <strong>
          {price.amount === 0 ? labels.free : formatAmount(price.amount, price.currency, locale)}
        </strong>{" "}
        {price.amount > 0 && labels.interval(price)}
      </p>
      <ul className="bos-features">
        {product.features.map(({ id, title: feature, properties: { limit } }) => (
          <li key={id}>
            {feature}
            {limit !== undefined && `: ${limit.toLocaleString(locale)}`}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="bos-button"
        disabled={isCurrent}
        aria-describedby={title}
        onClick={() => props.onSelect(price, product, inputOf(price, changed))}
      >
        {isCurrent ? labels.currentPlan : offer}
      </button>
    </li>
  );
}
