// On the server, where the client of the browser can be loaded too.
import { CheckoutError } from "@billingos/checkout";
import "@billingos/checkout/react.css";
import { Shop } from "./shop.tsx";

export default function Page() {
  return (
    <main>
      <h1>{CheckoutError.name === "" ? "" : "A shop"}</h1>
      <Shop />
    </main>
  );
}
