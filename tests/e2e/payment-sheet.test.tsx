// @vitest-environment happy-dom
// @vitest-environment-options { "settings": { "fetch": { "disableSameOriginPolicy": true } } }
import { randomUUID } from "node:crypto";
import { createCheckoutClient, type Snapshot } from "@billingos/checkout";
import {
  type CardStep,
  CheckoutProvider,
  FeatureGate,
  PaymentSheet,
} from "@billingos/checkout/react";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import {
  cleanup,
  configure,
  fireEvent,
  render,
  screen,
  waitFor,
  within,
} from "@testing-library/react";
import { useState } from "react";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

// What hangs is ended by the test's own timeout.
configure({ asyncUtilTimeout: 180_000 });

const shop = await openShop(stack());
const { apiUrl, functionsUrl, publishableKey } = stack();
const clients: Pick<SupabaseClient, "removeAllChannels">[] = [];
afterEach(async () => {
  cleanup();
  await Promise.all(clients.splice(0).map((client) => client.removeAllChannels()));
});
afterAll(() => shop.close());

/** The form of an app: one button for each of Stripe's test cards. */
const Cards = ({ pay }: CardStep) => (
  <>
    {["visa", "visa_chargeDeclinedInsufficientFunds", "threeDSecure2Required"].map((card) => (
      <button
        key={card}
        type="button"
        onClick={() =>
          void pay({
            paymentMethodId: `pm_card_${card}`,
            returnUrl: "https://shop.example.com/done",
          })}
      >
        {card}
      </button>
    ))}
  </>
);

/** A page that sells, to a new customer or to one it knows. */
async function openPage(
  priceId?: string,
  user: string = randomUUID(),
  gate = "locked",
) {
  const supabase = createClient(apiUrl, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });
  clients.push(supabase);
  const sessionToken = await shop.token(user);
  const client = createCheckoutClient({ functionsUrl, supabase, sessionToken });
  const successes: Snapshot[] = [];
  const intents = new Set<string>();
  const renderCard = (step: CardStep) => {
    intents.add(step.session.paymentIntentId ?? "");
    return <Cards {...step} />;
  };
  const input = priceId === undefined ? undefined : { priceId };
  const Page = () => {
    const [isOpen, setOpen] = useState(false);
    return (
      <CheckoutProvider client={client}>
        <button type="button" onClick={() => setOpen(true)}>Buy</button>
        <FeatureGate feature="pro-1" fallback="locked">unlocked</FeatureGate>
        <PaymentSheet
          open={isOpen}
          onClose={() => setOpen(false)}
          input={input}
          renderCard={renderCard}
          onSuccess={(snapshot) => successes.push(snapshot)}
        />
      </CheckoutProvider>
    );
  };
  render(<Page />);
  await screen.findByText(gate);
  click("Buy");
  return { successes, intents };
}

const click = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const clickOnce = async (name: string) =>
  fireEvent.click(await screen.findByRole("button", { name }));
const done = () => screen.findByText("Done. Your subscription is active.");

describe("a payment sheet", () => {
  it("sells a plan that the customer chooses in it, tells the app once, and opens what was bought", async () => {
    const { successes } = await openPage();
    expect((await screen.findByRole("dialog", { name: "Choose a plan" })).hasAttribute("open"))
      .toBe(true);
    const plan = await screen.findByRole("listitem", { name: "Pro" });
    fireEvent.click(within(plan).getByRole("button", { name: "Choose" }));
    await clickOnce("visa");
    expect(screen.getByRole("status")).toBe(await done());
    await screen.findByText("unlocked");
    // Told by an effect, which React runs after it has shown what is done.
    await waitFor(() => expect(successes.map(({ status }) => status)).toEqual(["succeeded"]));
    fireEvent.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("shows why a card was refused, and takes another one", async () => {
    await openPage(shop.pro.priceId);
    await clickOnce("visa_chargeDeclinedInsufficientFunds");
    expect((await screen.findByRole("alert")).textContent).toBe(
      "Your card has insufficient funds. Please try another card.",
    );
    await clickOnce("visa");
    await done();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("buys once, however often the button is clicked", async () => {
    const user = randomUUID();
    await openPage(shop.pro.priceId, user);
    const pay = await screen.findByRole("button", { name: "visa" });
    for (let clicks = 0; clicks < 5; clicks += 1) fireEvent.click(pay);
    await done();
    const rows = await shop.query(
      `select 1 from billing.subscriptions s join billing.customers c on c.id = s.customer_id
       where c.external_id = $1`,
      [user],
    );
    expect(rows).toHaveLength(1);
  });

  it.each([["agrees", "complete", "visa"], ["refuses", "fail", "visa"]])(
    "leads the customer to the bank, which %s",
    async (_, outcome, card) => {
      const { intents } = await openPage(shop.pro.priceId);
      await clickOnce("threeDSecure2Required");
      const link = await screen.findByRole("link", { name: "Continue with your bank" });
      expect(URL.canParse(link.getAttribute("href") ?? "")).toBe(true);
      expect(screen.getByRole("status").textContent).toContain("Your bank wants to confirm");
      const [intent] = intents;
      await shop.admin("POST", `/3ds/${intent}/${outcome}`);
      if (outcome === "fail") await clickOnce(card);
      await done();
    },
  );

  it("changes the plan of a customer who chooses another one, and sells no second", async () => {
    const user = randomUUID();
    await shop.pay(await shop.create({ user }));
    await shop.idle();
    const big = await shop.sell("Big", { amount: 9_900 });
    await openPage(undefined, user, "unlocked");
    const plan = await screen.findByRole("listitem", { name: "Big" });
    fireEvent.click(within(plan).getByRole("button", { name: "Choose" }));
    await clickOnce("visa");
    await screen.findByText("Done. Your plan has changed.");
    const rows = await shop.query(
      `select s.price_id from billing.subscriptions s join billing.customers c on c.id = s.customer_id
       where c.external_id = $1`,
      [user],
    );
    expect(rows).toEqual([{ price_id: big.priceId }]);
  });

  it("asks for no card where nothing is due", async () => {
    const free = await shop.sell("Gift", { amount: 0 });
    await openPage(free.priceId);
    await clickOnce("Start now");
    await done();
    expect(screen.queryByRole("button", { name: "visa" })).toBeNull();
  });

  it("says what cannot be bought, and leads to something else in the place of trying again", async () => {
    const user = randomUUID();
    await shop.pay(await shop.create({ user }));
    await shop.idle();
    await openPage(shop.pro.priceId, user, "unlocked");
    expect((await screen.findByRole("alert")).textContent)
      .toBe("The customer already has a live subscription to this product.");
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await clickOnce("Choose another plan");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("is closed by Escape and by its button, and goes on where it was when it is opened again", async () => {
    await openPage(shop.pro.priceId);
    await screen.findByRole("button", { name: "visa" });
    fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
    expect(screen.queryByRole("dialog")).toBeNull();
    click("Buy");
    click("Close");
    expect(screen.queryByRole("dialog")).toBeNull();
    click("Buy");
    await clickOnce("visa");
    await done();
  });
});
