import {
  createCheckoutClient,
  type CreateInput,
  type ErrorCode,
  type ProductsResponse,
} from "@billingos/checkout";
import {
  CheckoutProvider,
  PaymentSheet,
  PricingTable,
  type PricingTableProps,
} from "@billingos/checkout/react";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { errorTable } from "../../../shared/contract/error-table.ts";
import { json, serve } from "./local-server.ts";
import { held, refusal, service, sold, soldTo } from "./shown-session.ts";

const subscriber = sold(true);
const [starter, pro] = subscriber.products.map(({ prices: [price] }) => price?.id ?? "");
const mine = subscriber.currentSubscription?.id ?? "";
/** Starter by the year, which the customer does not have. */
const yearly = "5f1e8f9e-0000-4000-8000-000000000007";
/** Of a product that is shown nowhere, as one that is sold no more. */
const legacy = held(3, "Legacy");

async function table(
  products: unknown,
  props: Partial<Omit<PricingTableProps, "onSelect">> = {},
) {
  const { functionsUrl } = await serve(
    service({ "/products": (response) => json(response, 200, products) }),
  );
  const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
  const inputs: CreateInput[] = [];
  render(
    <CheckoutProvider client={client}>
      <PricingTable {...props} onSelect={(_price, _product, input) => inputs.push(input)} />
    </CheckoutProvider>,
  );
  await screen.findByText("Pro");
  return inputs;
}
const card = (name: string) => within(screen.getByRole("listitem", { name }));
const buttonOf = (name: string) => card(name).getByRole("button");

/** The same, with what create would say to each change to Pro. */
function saying(
  products: ProductsResponse,
  refusals: readonly (ReturnType<typeof refusal> | undefined)[],
): ProductsResponse {
  const [first, second] = products.products;
  if (first === undefined || second === undefined) throw new Error("two are sold");
  const changes = products.subscriptions.map(({ id: subscriptionId }, index) => ({
    subscriptionId,
    ...(refusals[index] === undefined ? {} : { refusal: refusals[index] }),
  }));
  const prices = second.prices.map((price) => ({ ...price, changes }));
  return { ...products, products: [first, { ...second, prices }] };
}

describe("another product that a customer chooses", () => {
  it.each([
    ["takes the place of what they have", true, undefined, mine, "Choose"],
    ["is sold beside it where the app says so", true, true, undefined, "Try it 14 days for free"],
    ["is sold to who has nothing yet", false, undefined, undefined, "Try it 14 days for free"],
  ])("%s", async (_, hasStarter, addsOn, existingSubscriptionId, says) => {
    const inputs = await table(sold(hasStarter), { addsOn });
    // A change of what is paid for begins no trial.
    expect(buttonOf("Pro").textContent).toBe(says);
    fireEvent.click(buttonOf("Pro"));
    expect(inputs).toEqual([
      existingSubscriptionId === undefined
        ? { priceId: pro }
        : { priceId: pro, existingSubscriptionId },
    ]);
  });

  it("takes the place of what they have and is sold no more, which no table shows", async () => {
    const inputs = await table(soldTo([legacy]));
    fireEvent.click(buttonOf("Pro"));
    expect(inputs).toEqual([{ priceId: pro, existingSubscriptionId: legacy.id }]);
  });

  it("takes the place of which of several the customer says, and never of one that they did not", async () => {
    const inputs = await table(soldTo([held(1, "Starter"), legacy]));
    expect(card("Pro").getAllByRole("button").map(({ textContent }) => textContent))
      .toEqual(["In place of Starter", "In place of Legacy"]);
    fireEvent.click(card("Pro").getByRole("button", { name: "In place of Legacy" }));
    expect(inputs).toEqual([{ priceId: pro, existingSubscriptionId: legacy.id }]);
  });

  it("takes the place of those alone that may change to it", async () => {
    const inputs = await table(
      saying(soldTo([held(1, "Starter"), legacy]), [refusal("currency_mismatch"), undefined]),
    );
    fireEvent.click(card("Pro").getByRole("button", { name: "In place of Legacy" }));
    expect(card("Pro").getAllByRole("button")).toHaveLength(1);
    expect(inputs).toEqual([{ priceId: pro, existingSubscriptionId: legacy.id }]);
  });

  it("is not sold where they have a subscription to it beside another", async () => {
    await table(soldTo([held(1, "Starter"), held(2, "Pro")]));
    expect(buttonOf("Starter")).toMatchObject({ disabled: true, textContent: "Current plan" });
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

describe("a plan in the place of a free one", () => {
  it.each([
    ["as many as it has", 4, { min: 1 }, 4],
    ["the fewest that are sold", 1, { min: 3 }, 3],
    ["the most that are sold", 9, { min: 1, max: 5 }, 5],
    ["one, of what is sold as one", 9, undefined, 1],
  ])("has its trial, and begins with seats: %s", async (_which, quantity, seats, begun) => {
    const had = soldTo([held(1, "Starter", { isFree: true, quantity })]);
    const [first, second] = had.products;
    const prices = second?.prices.map((price) => ({ ...price, seats }));
    const inputs = await table({ ...had, products: [first, { ...second, prices }] });
    expect(buttonOf("Pro").textContent).toBe("Try it 14 days for free");
    fireEvent.click(buttonOf("Pro"));
    expect(inputs).toEqual([{ priceId: pro, existingSubscriptionId: mine, quantity: begun }]);
  });
});

describe("a plan that is sure to be refused", () => {
  it.each<[what: string, code: ErrorCode, ends: boolean, says: string, leads: boolean]>([
    [
      "free, to who pays",
      "change_to_free",
      false,
      "To move to this plan, cancel Starter: you keep it until December 1, 2026.",
      true,
    ],
    [
      "free, to who has canceled already",
      "change_to_free",
      true,
      "Yours to choose once Starter has ended, on December 1, 2026.",
      false,
    ],
    [
      "any, while a payment is overdue",
      "payment_overdue",
      false,
      errorTable.payment_overdue.message,
      true,
    ],
  ])("is not offered, and says how it is to be had: %s", async (_, code, ends, says, leads) => {
    const products = saying(
      soldTo([held(1, "Starter", { cancelAtPeriodEnd: ends })]),
      [refusal(code)],
    );
    const managed: string[] = [];
    const inputs = await table(products, { onManage: (id) => managed.push(id) });
    expect(card("Pro").getByText(says)).toBeDefined();
    const buttons = card("Pro").queryAllByRole("button");
    expect(buttons.map(({ textContent }) => textContent))
      .toEqual(leads ? ["Manage subscription"] : []);
    buttons.forEach((button) => fireEvent.click(button));
    expect([inputs, managed]).toEqual([[], leads ? [mine] : []]);
    cleanup();
    await table(products);
    expect(card("Pro").getByText(says)).toBeDefined();
    expect(card("Pro").queryByRole("button")).toBeNull();
  });
});

describe("another price of what a customer has", () => {
  it.each([
    ["the one", false, [held(1, "Starter")]],
    ["the one, where others add on", true, [held(1, "Starter")]],
    ["that one of several", false, [legacy, held(1, "Starter")]],
    ["that one of several, where others add on", true, [legacy, held(1, "Starter")]],
  ])("is a change of %s", async (_, addsOn, subscriptions) => {
    const had = soldTo(subscriptions);
    const [first, second] = had.products;
    const month = first?.prices[0];
    const inputs = await table({
      ...had,
      products: [
        { ...first, prices: [month, { ...month, id: yearly, interval: "year" }] },
        second,
      ],
    }, { addsOn });
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
