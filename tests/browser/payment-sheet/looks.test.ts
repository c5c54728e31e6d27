import { afterAll, describe, expect, it } from "vitest";
import { type Look, type Opened, PHONE } from "../support/chromium.ts";
import {
  ACTIVE,
  button,
  config,
  dialog,
  openCounter,
  pay,
  refused,
  said,
} from "../support/sheet.ts";
import { startTokenServer } from "../support/token-server.ts";

const counter = await openCounter();
const { shop } = counter;
// Of a shop of the tests' own, which is served on the same page.
const tokens = await startTokenServer((externalUserId) => shop.token(externalUserId));
afterAll(() => tokens.close());
const own = { ...config, sessionTokenUrl: tokens.url };

const focused = ({ page }: Opened) =>
  page.evaluate(
    "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent",
  );

/** What moves as the sheet comes. */
async function animation(look: Look): Promise<unknown> {
  const one = await counter.open("pro-monthly", look);
  await dialog(one).waitFor();
  return one.page.evaluate("getComputedStyle(document.querySelector('dialog')).animationName");
}

/** Presses Tab until this has focus. */
async function tabTo(one: Opened, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if (name.test(String(await focused(one)))) return;
    await one.page.keyboard.press("Tab");
  }
  throw new Error(`no ${name} is reached by Tab`);
}

describe("the payment sheet", () => {
  it("is used by keyboard alone, keeps focus within, and says each step", async () => {
    const one = await counter.open();
    const { keyboard } = one.page;
    await one.page.getByRole("listitem", { name: "Pro" }).waitFor();
    await tabTo(one, /^Choose$/);
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await one.page.getByLabel("Card number").waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
      await keyboard.press("Tab");
      // The browser's own buttons come between; of the page, nothing but the sheet.
      expect(
        await one.page.evaluate(
          "document.activeElement === document.body || document.activeElement.closest('dialog') !== null",
        ),
      ).toBe(true);
    }
    await tabTo(one, /^Card number$/);
    await keyboard.type("4242424242424242");
    await keyboard.press("Tab");
    await keyboard.type("1240");
    await keyboard.press("Tab");
    await keyboard.type("123");
    await keyboard.press("Enter");
    await said(one, ACTIVE);
    expect(await one.page.getByRole("status").textContent()).toBe(ACTIVE);
    await tabTo(one, /^Done$/);
    await keyboard.press("Enter");
    await one.page.getByRole("heading", { level: 1, name: "Account" }).waitFor();
    expect(one.complaints).toEqual([]);
  });

  it("keeps the page around it out of reach, but not the windows of Stripe.js", async () => {
    const one = await counter.open();
    const { page } = one;
    // One that waits to be shown, and a part of the page that is out of reach anyway.
    await page.evaluate(`document.body.insertAdjacentHTML("beforeend",
      "<iframe name='__privateStripeFrame1' title='one'></iframe><aside inert></aside>")`);
    await page.getByRole("listitem", { name: "Pro" }).getByRole("button").click();
    await one.page.getByLabel("Card number").waitFor();
    await page.evaluate(`document.body.insertAdjacentHTML("beforeend",
      "<iframe name='__privateStripeFrame2' title='two'></iframe>")`);
    const reach = () =>
      page.evaluate(`["main", "dialog", "aside", "[title=one]", "[title=two]"].filter((each) =>
        document.querySelector(each)?.closest("[inert]") === null)`);
    expect(await reach()).toEqual(["dialog", "[title=one]", "[title=two]"]);
    await page.keyboard.press("Escape");
    await dialog(one).waitFor({ state: "detached" });
    expect(await reach()).toEqual(["main", "[title=one]", "[title=two]"]);
    expect(await focused(one)).toBe("Choose");
  });

  it("does not move where less motion is asked for", async () => {
    expect(await animation({})).toBe("bos-in");
    expect(await animation({ reducedMotion: "reduce" })).toBe("none");
  });

  it("holds long names and large amounts on a phone", async () => {
    const { productId, priceId } = await shop.sell("Long", {
      currency: "jpy",
      amount: 98_765_432,
    });
    const name = "Unternehmensweiteinfrastrukturverwaltungsabonnement for everybody";
    await shop.query("update billing.products set name = $2, description = $2 where id = $1", [
      productId,
      name,
    ]);
    await shop.query(
      "update billing.features set name = $2 where key = 'long-1' and organization_id = $1",
      [
        shop.organizationId,
        name,
      ],
    );
    const one = await counter.openWith(own, `#/buy?price=${priceId}`, { viewport: PHONE });
    await button(one, "Pay ¥98,765,432").waitFor();
    expect(await dialog(one).getByText("¥98,765,432 per month").first().isVisible()).toBe(true);
    await counter.looksRight(one, "long-phone");
  });

  it("asks for the address where taxes follow from it, and shows the tax", async () => {
    await shop.query("update billing.organizations set tax_enabled = true where id = $1", [
      shop.organizationId,
    ]);
    const one = await counter.openWith(own, `#/buy?price=${shop.pro.priceId}`, { viewport: PHONE });
    await one.page.getByLabel("Country").selectOption("US");
    await counter.looksRight(one, "address-phone");
    await button(one, "Continue").click();
    expect(await one.page.evaluate("document.activeElement.validity.valueMissing")).toBe(true);
    await one.page.getByLabel("Country").selectOption("DE");
    await one.page.getByLabel("Postal code").fill("10115");
    await button(one, "Continue").click();
    await button(one, "Pay $34.51").waitFor();
    await said(one, "$5.51");
    await counter.looksRight(one, "tax-phone");
    await button(one, "Change the address").click();
    await one.page.getByLabel(/^Tax ID/).fill("no such id");
    await button(one, "Continue").click();
    await said(one, "This tax id is not valid.");
    await one.page.getByLabel(/^Tax ID/).fill("");
    await button(one, "Continue").click();
    await pay(one);
    await said(one, ACTIVE);
    expect(one.complaints.filter((each) => !refused(400).test(each))).toEqual([]);
  });
});
