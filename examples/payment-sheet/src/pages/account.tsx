import { CheckoutError } from "@billingos/checkout";
import {
  useCheckoutClient,
  useEntitlements,
  useProducts,
  useSubscriptions,
} from "@billingos/checkout/react";
import { useState } from "react";
import { Subscription } from "./subscription.tsx";

/** What the customer has: it is read again after each purchase. */
export function Account() {
  const subscriptions = useSubscriptions({ preview: "next_invoice" });
  const { data: products } = useProducts();
  const nameOf = (productId: string) =>
    products?.products.find(({ id }) => id === productId)?.name ?? "Subscription";
  const mine = subscriptions.data?.subscriptions;
  return (
    <>
      <div className="title">
        <div>
          <h1>Account</h1>
          <p className="lead">Your plan, and what it lets you use.</p>
        </div>
      </div>
      <section aria-labelledby="subscriptions">
        <h2 id="subscriptions">Subscription</h2>
        {subscriptions.isPending && <output className="card quiet">One moment.</output>}
        {subscriptions.error !== null && mine === undefined && (
          <p className="card bad" role="alert">{subscriptions.error.message}</p>
        )}
        {mine?.length === 0 && (
          <p className="card quiet">
            You have no plan yet. <a href="#/">See the plans</a>
          </p>
        )}
        {mine?.map((one) => (
          <Subscription key={one.id} subscription={one} name={nameOf(one.productId)} />
        ))}
      </section>
      <Entitlements />
      <Portal />
    </>
  );
}

function Entitlements() {
  const { data } = useEntitlements();
  return (
    <section aria-labelledby="entitlements">
      <h2 id="entitlements">What you may use</h2>
      {data?.entitlements.length === 0 && <p className="card quiet">Nothing yet.</p>}
      {data !== undefined && data.entitlements.length > 0 && (
        <ul className="card rows">
          {data.entitlements.map(({ featureKey, name, limit, productName }) => (
            <li key={featureKey}>
              <span>{name}</span>
              <span className="quiet">
                {limit === null ? "" : `up to ${limit.toLocaleString("en")} · `}
                {productName}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Cards and invoices are Stripe's pages; whoever has their address is let in, so that it is opened at once. */
function Portal() {
  const client = useCheckoutClient();
  const [error, setError] = useState<string>();
  const open = async () => {
    setError(undefined);
    try {
      location.assign((await client.portal()).url);
    } catch (thrown) {
      setError(thrown instanceof CheckoutError ? thrown.message : String(thrown));
    }
  };
  return (
    <section aria-labelledby="billing">
      <h2 id="billing">Cards and invoices</h2>
      <div className="card line">
        <p className="quiet">They are kept by Stripe.</p>
        <button type="button" className="plain" onClick={() => void open()}>Open</button>
      </div>
      {error !== undefined && <p className="bad" role="alert">{error}</p>}
    </section>
  );
}
