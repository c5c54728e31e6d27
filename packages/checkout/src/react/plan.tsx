import { useId } from "react";
import type { PricedProduct, ProductPrice } from "../types.ts";
import { type Choice, choiceOf, type Way } from "./choices.ts";
import type { Labels } from "./labels.ts";
import { Price } from "./price.tsx";
import type { PricingTableProps } from "./props.ts";

interface PlanProps extends Pick<PricingTableProps, "onSelect" | "onManage" | "heading"> {
  readonly product: PricedProduct;
  readonly price: ProductPrice;
  readonly subscriptions: Parameters<typeof choiceOf>[0]["subscriptions"];
  readonly addsOn: boolean;
  readonly locale: string;
  readonly labels: Labels;
}

/** The card of a product, with what the customer can do about its price. */
export function Plan(props: PlanProps) {
  const { product, price, subscriptions, locale, labels, heading: Heading = "h3" } = props;
  const title = useId();
  const choice = choiceOf(props);
  return (
    <li
      className="bos-plan"
      data-highlighted={product.highlighted === true}
      aria-labelledby={title}
    >
      <Heading id={title}>{product.name}</Heading>
      {product.description !== "" && <p>{product.description}</p>}
      <Price price={price} labels={labels} locale={locale} />
      <ul className="bos-features">
        {product.features.map(({ id, title: feature, properties: { limit } }) => (
          <li key={id}>
            {feature}
            {limit !== undefined && `: ${limit.toLocaleString(locale)}`}
          </li>
        ))}
      </ul>
      {choice.kind === "current" && (
        <button type="button" className="bos-button" disabled aria-describedby={title}>
          {labels.currentPlan}
        </button>
      )}
      {choice.kind === "refused" && <Refused {...props} choice={choice} title={title} />}
      {choice.kind === "open" && choice.ways.map((way) => (
        <button
          key={way.replaced?.id ?? ""}
          type="button"
          className="bos-button"
          aria-describedby={title}
          onClick={() => props.onSelect(price, product, way.input)}
        >
          {offerOf(way, subscriptions.length > 1 ? product : undefined, labels)}
        </button>
      ))}
    </li>
  );
}

/** Where the customer has several, what it takes the place of is said. */
function offerOf(
  { replaced, trialDays }: Way,
  product: PricedProduct | undefined,
  labels: Labels,
): string {
  if (product !== undefined && replaced !== undefined && replaced.productId !== product.id) {
    return labels.inPlaceOf(replaced.productName);
  }
  return trialDays > 0 ? labels.trial(trialDays) : labels.choose;
}

interface RefusedProps extends Pick<PricingTableProps, "onManage"> {
  readonly choice: Extract<Choice, { readonly kind: "refused" }>;
  readonly title: string;
  readonly locale: string;
  readonly labels: Labels;
}

/** Why it cannot be chosen, and the way to where that can be changed. */
function Refused({ choice, title, locale, labels, onManage }: RefusedProps) {
  const { replaced, refusal } = choice;
  const { productName: name, currentPeriodEnd, cancelAt, cancelAtPeriodEnd } = replaced;
  const end = new Date(cancelAt ?? currentPeriodEnd)
    .toLocaleDateString(locale, { dateStyle: "long" });
  const isToFree = refusal.code === "change_to_free";
  const why = !isToFree
    ? refusal.message
    : cancelAtPeriodEnd
    ? labels.freeAfter(name, end)
    : labels.freeByCanceling(name, end);
  return (
    <>
      <p className="bos-note">{why}</p>
      {onManage !== undefined && !(isToFree && cancelAtPeriodEnd) && (
        <button
          type="button"
          className="bos-quiet"
          aria-describedby={title}
          onClick={() => onManage(replaced.id)}
        >
          {labels.manage}
        </button>
      )}
    </>
  );
}
