import { PricingTable, type PricingTableProps, useProducts } from "@billingos/checkout/react";
import { useId, useState } from "react";
import { openOrder } from "../route.ts";

const buy: PricingTableProps["onSelect"] = ({ id, key }, _product, wanted) =>
  openOrder({
    price: key ?? id,
    seats: wanted.quantity?.toString(),
    subscription: wanted.existingSubscriptionId ?? undefined,
  });

export function Plans() {
  const { data } = useProducts();
  const currencies = [
    ...new Set(data?.products.flatMap(({ prices }) => prices.map(({ currency }) => currency))),
  ];
  const [chosen, setChosen] = useState<string>();
  // Not the first that comes: most are sold in it.
  const currency = chosen ?? (currencies.includes("usd") ? "usd" : currencies[0]);
  return (
    <>
      <div className="title">
        <div>
          <h1>Plans</h1>
          <p className="lead">
            {(data?.currentSubscription ?? null) === null
              ? "Choose one; you can change or cancel it at any time."
              : "Choose another one, and your subscription changes to it."}
          </p>
        </div>
        {currencies.length > 1 && (
          <Currencies all={currencies} value={currency ?? ""} onChange={setChosen} />
        )}
      </div>
      <PricingTable
        heading="h2"
        currency={currency}
        onSelect={buy}
        onManage={() => location.assign("#/account")}
      />
    </>
  );
}

interface CurrenciesProps {
  readonly all: readonly string[];
  readonly value: string;
  readonly onChange: (currency: string) => void;
}

function Currencies({ all, value, onChange }: CurrenciesProps) {
  const id = useId();
  return (
    <div className="currency">
      <label htmlFor={id}>Currency</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {all.map((each) => <option key={each} value={each}>{each.toUpperCase()}</option>)}
      </select>
    </div>
  );
}
