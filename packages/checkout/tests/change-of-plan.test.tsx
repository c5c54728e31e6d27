// @vitest-environment happy-dom
import { createCheckoutClient, type CreateInput } from "@billingos/checkout";
import { CheckoutProvider, PaymentSheet, PricingTable } from "@billingos/checkout/react";
import { cleanup, configure, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { json, serve } from "./local-server.ts";
import { service, sold } from "./shown-session.ts";

// What hangs is ended by the test's own timeout.
configure({ asyncUtilTimeout: 180_000 });

afterEach(cleanup);

const subscriber = sold(true);
const [starter, pro] = subscriber.products.map(({ prices: [price] }) => price?.id ?? "");
const mine = subscriber.currentSubscription?.id ?? "";
/** Starter by the year, which the customer does not have. */
const yearly = "5f1e8f9e-0000-4000-8000-000000000007";

async function table(products: unknown, addsOn?: boolean) {
  const { functionsUrl } = await serve(
    service({ "/products": (response) => json(response, 200, products) }),
  );
  const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
  const inputs: CreateInput[] = [];
  render(
    <CheckoutProvider client={client}>
      <PricingTable addsOn={addsOn} onSelect={(_price, _product, input) => inputs.push(input)} />
    </CheckoutProvider>,
  );
  await screen.findByText("Pro");
  return inputs;
}
const buttonOf = (name: string) =>
  within(screen.getByRole("listitem", { name })).getByRole("button");

describe("another product that a customer chooses", () => {
  it.each([
    ["takes the place of what they have", true, undefined, mine, "Choose"],
    ["is sold beside it where the app says so", true, true, undefined, "Try it 14 days for free"],
    ["is sold to who has nothing yet", false, undefined, undefined, "Try it 14 days for free"],
  ])("%s", async (_, hasStarter, addsOn, existingSubscriptionId, says) => {
    const inputs = await table(sold(hasStarter), addsOn);
    // A change begins no trial.
    expect(buttonOf("Pro").textContent).toBe(says);
    fireEvent.click(buttonOf("Pro"));
    expect(inputs).toEqual([
      existingSubscriptionId === undefined
        ? { priceId: pro }
        : { priceId: pro, existingSubscriptionId },
    ]);
  });

  it("is not sold where they have a subscription to it beside the current one", async () => {
    const [first, second] = subscriber.products;
    await table({ ...subscriber, products: [first, { ...second, isCurrentPlan: true }] });
    expect(buttonOf("Pro")).toMatchObject({ disabled: true, textContent: "Current plan" });
  });

  it("begins with the fewest seats that are sold, and with those that they have where it is a change", async () => {
    const seats = { min: 3 };
    const withSeats = (all: ReturnType<typeof sold>) => ({
      ...all,
      products: all.products.map((each) => ({
        ...each,
        prices: each.prices.map((price) => ({ ...price, seats })),
      })),
    });
    const inputs = await table(withSeats(sold(false)));
    fireEvent.click(buttonOf("Pro"));
    cleanup();
    const changes = await table(withSeats(subscriber));
    fireEvent.click(buttonOf("Pro"));
    expect(inputs).toEqual([{ priceId: pro, quantity: 3 }]);
    expect(changes).toEqual([{ priceId: pro, existingSubscriptionId: mine }]);
  });
});

describe("another price of what a customer has", () => {
  it.each([[false], [true]])("is a change, whether or not others add on: %s", async (addsOn) => {
    const [first, second] = subscriber.products;
    const month = first?.prices[0];
    const inputs = await table({
      ...subscriber,
      products: [
        { ...first, prices: [month, { ...month, id: yearly, interval: "year" }] },
        second,
      ],
    }, addsOn);
    expect(buttonOf("Starter")).toMatchObject({ disabled: true });
    fireEvent.click(screen.getByRole("radio", { name: "per year" }));
    fireEvent.click(buttonOf("Starter"));
    expect(inputs).toEqual([{ priceId: yearly, existingSubscriptionId: mine }]);
    expect(starter).not.toBe(yearly);
  });
});

describe("a sheet in which a customer chooses", () => {
  it.each([[undefined, { priceId: pro, existingSubscriptionId: mine }], [true, { priceId: pro }]])(
    "opens a session for what the table says; with addsOn %s",
    async (addsOn, input) => {
      const { functionsUrl, received } = await serve(
        service({ "/products": (response) => json(response, 200, subscriber) }),
      );
      const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
      render(
        <CheckoutProvider client={client}>
          <PaymentSheet open addsOn={addsOn} onClose={() => undefined} renderCard={() => "CARD"} />
        </CheckoutProvider>,
      );
      await screen.findByText("Pro");
      fireEvent.click(buttonOf("Pro"));
      await screen.findByText("CARD");
      const bodies = received.filter(({ url }) => url === "/checkout-create")
        .map(({ body }): unknown => JSON.parse(body));
      expect(bodies).toEqual([input]);
    },
  );
});
