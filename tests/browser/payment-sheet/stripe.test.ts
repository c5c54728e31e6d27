import { describe, expect, it } from "vitest";
import * as z from "zod";
import { PHONE } from "../support/chromium.ts";
import type { Look, Opened } from "../support/chromium.ts";
import {
  ACTIVE,
  button,
  config,
  dialog,
  openCounter,
  pageUrl,
  said,
  sessionOf,
  stack,
} from "../support/sheet.ts";
import { serveStripeJs } from "../support/stripe-js/serve.ts";

const counter = await openCounter();
const { shop } = counter;
const BROKEN = "The payment form could not be loaded.";
const SUCCEEDS = "4242 4242 4242 4242";
const ASKS_THE_BANK = "4000 0027 6000 3184";

/** The page as it is with a Stripe account, at a price. */
const open = (place: string, look: Look = {}): Promise<Opened> =>
  counter.openWith({ ...config, testCards: false }, `#/buy?price=${place}`, {
    ...look,
    prepare: async (context) => {
      await serveStripeJs(context, stack.stripeUrl);
      await look.prepare?.(context);
    },
  });

const offered = (one: Opened) => dialog(one).getByRole("radio");
/** What Stripe has for the session of the page. */
async function intentOf(one: Opened) {
  const { id } = await shop.one<{ id: string }>(
    "select stripe_payment_intent_id as id from billing.payment_intents where checkout_session_id = $1",
    [await sessionOf(one)],
  );
  return id.startsWith("seti_")
    ? shop.stripe.setupIntents.retrieve(id)
    : shop.stripe.paymentIntents.retrieve(id);
}
const methods = async (one: Opened) => {
  await offered(one).first().waitFor();
  const labels = await dialog(one).locator("label:has([type=radio])").allInnerTexts();
  return labels.map((label) => label.trim());
};
async function payByCard(one: Opened, number: string): Promise<void> {
  await one.page.getByLabel("Card number").fill(number);
  await button(one, /^(Pay|Save card)/).click();
}
/** The window that Stripe.js shows above the page. */
const stripeWindow = ({ page }: Opened) => page.frameLocator("iframe[name^=__privateStripe]");

describe("the Payment Element", () => {
  it("offers the methods of the session's intent, and none that the intent refuses", async () => {
    const one = await open("pro-monthly");
    expect(await methods(one)).toEqual((await intentOf(one)).payment_method_types);
    await counter.looksRight(one, "stripe");
    await payByCard(one, SUCCEEDS);
    await said(one, ACTIVE);
    expect(await counter.subscriptions(one)).toHaveLength(1);
    expect(one.complaints).toEqual([]);
  });

  it("sets up what a trial is paid by later, by a method that pays in its currency", async () => {
    const one = await open("scale-monthly");
    const { payment_method_types } = await intentOf(one);
    expect(payment_method_types).toEqual(["card", "us_bank_account", "sepa_debit"]);
    expect(await methods(one)).toEqual(["card", "us_bank_account"]);
    // Not by the card that another test tries this plan with: each tries it once.
    await one.page.getByLabel("us_bank_account").check();
    await button(one, "Save card").click();
    await stripeWindow(one).getByRole("button", { name: "Sign in" }).click();
    await said(one, "Done. Your free trial has begun.");
    expect(one.complaints).toEqual([]);
  });

  it("is made anew where a coupon makes another intent, and pays that one", async () => {
    const one = await open("pro-monthly");
    await methods(one);
    await button(one, "Add a coupon").click();
    await one.page.getByLabel("Coupon").fill("WELCOME");
    await button(one, "Apply").click();
    await button(one, "Pay $21.75").waitFor();
    await methods(one);
    await payByCard(one, SUCCEEDS);
    await said(one, ACTIVE);
    expect(await intentOf(one)).toMatchObject({ status: "succeeded", amount: 2175 });
    expect(one.complaints).toEqual([]);
  });

  it("that could not be loaded says so, and is tried again", async () => {
    let isDown = true;
    const one = await open("pro-monthly", {
      prepare: (context) =>
        context.route(
          `${stack.stripeUrl}/v1/payment_intents/**`,
          (route) => isDown ? route.abort() : route.continue(),
        ),
    });
    await dialog(one).getByRole("alert").getByText(BROKEN).waitFor();
    await counter.looksRight(one, "stripe-down");
    isDown = false;
    await button(one, "Load it again").click();
    await methods(one);
    await payByCard(one, SUCCEEDS);
    await said(one, ACTIVE);
    expect(one.complaints.filter((each) => !each.includes("ERR_FAILED"))).toEqual([]);
  });

  it("whose Stripe.js could not be loaded says so, and is tried again", async () => {
    let isDown = true;
    const one = await open("pro-monthly", {
      prepare: (context) =>
        context.route(
          "https://js.stripe.com/**",
          (route) => isDown ? route.abort() : route.fallback(),
        ),
    });
    await dialog(one).getByRole("alert").getByText(BROKEN).waitFor();
    isDown = false;
    await button(one, "Load it again").click();
    await methods(one);
    await payByCard(one, SUCCEEDS);
    await said(one, ACTIVE);
    // What react-stripe-js makes of it: it does not take the refusal of a promise that it is given.
    expect(one.complaints.filter((each) => !/ERR_FAILED|Failed to load Stripe.js/.test(each)))
      .toEqual([]);
  });

  it("does not load for an intent that is over, and gives way to what the sheet says of that", async () => {
    const one = await open("pro-monthly", {
      prepare: (context) =>
        context.route(`${stack.stripeUrl}/v1/payment_intents/**`, async (route) => {
          const intent = z.looseObject({}).parse(await (await route.fetch()).json());
          await route.fulfill({ json: { ...intent, status: "canceled" } });
        }),
    });
    await dialog(one).getByRole("alert").getByText(BROKEN).waitFor();
    await shop.stripe.paymentIntents.cancel((await intentOf(one)).id);
    await said(one, "This did not work.");
    expect(await dialog(one).getByText(BROKEN).count()).toBe(0);
    expect(one.complaints).toEqual([]);
  });
});

describe("a window that Stripe.js shows above the page", () => {
  it.each([["at a desk", {}], ["on a phone", { viewport: PHONE }]])(
    "has the customer sign in with a bank, while the sheet waits for a payment method: %s",
    async (_, look) => {
      const one = await open("pro-monthly", look);
      await one.page.getByLabel("us_bank_account").check();
      await button(one, /^Pay/).click();
      await stripeWindow(one).getByRole("button", { name: "Sign in" }).click();
      await said(one, "Your payment is being processed.");
      expect(one.complaints).toEqual([]);
    },
  );

  it("is used by keyboard", async () => {
    const one = await open("pro-monthly");
    await one.page.getByLabel("us_bank_account").check();
    await button(one, /^Pay/).click();
    await stripeWindow(one).getByRole("button", { name: "Sign in" }).waitFor();
    await one.page.keyboard.press("Tab");
    await one.page.keyboard.press("Enter");
    await said(one, "Your payment is being processed.");
    expect(one.complaints).toEqual([]);
  });

  it("asks for the bank, without leaving the page", async () => {
    const one = await open("pro-monthly");
    await payByCard(one, ASKS_THE_BANK);
    const left: string[] = [];
    one.page.on("framenavigated", (frame) => {
      if (frame === one.page.mainFrame() && !frame.url().startsWith(pageUrl)) {
        left.push(frame.url());
      }
    });
    await stripeWindow(one).getByRole("button", { name: "Complete" }).click();
    await said(one, ACTIVE);
    expect(left).toEqual([]);
    expect(one.complaints).toEqual([]);
  });

  it("that ends with a no of the bank's leads to another card", async () => {
    const one = await open("pro-monthly");
    await payByCard(one, ASKS_THE_BANK);
    await stripeWindow(one).getByRole("button", { name: "Fail" }).click();
    await dialog(one).getByRole("alert").first().waitFor();
    await payByCard(one, SUCCEEDS);
    await said(one, ACTIVE);
    expect(one.complaints).toEqual([]);
  });
});
