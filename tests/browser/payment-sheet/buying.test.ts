import { describe, expect, it } from "vitest";
import { PHONE } from "../support/chromium.ts";
import {
  ACTIVE,
  button,
  config,
  dialog,
  fill,
  openCounter,
  pageUrl,
  pay,
  refused,
  said,
} from "../support/sheet.ts";

const counter = await openCounter();

describe("the payment sheet", () => {
  it("is of another origin than the functions, and these of another than Realtime", () => {
    const origins = [pageUrl, config["functionsUrl"], config["supabaseUrl"]]
      .map((url) => new URL(String(url)).origin);
    expect(new Set(origins).size).toBe(3);
  });

  it("sells a plan from the page of plans, and the account shows what was bought", async () => {
    const one = await counter.open();
    const { page } = one;
    await page.getByRole("listitem", { name: "Pro" }).waitFor();
    await counter.looksRight(one, "plans");
    await page.getByRole("listitem", { name: "Pro" }).getByRole("button", { name: "Choose" })
      .click();
    await page.getByLabel("Card number").waitFor();
    await counter.looksRight(one, "card");
    await pay(one);
    await said(one, ACTIVE);
    await counter.looksRight(one, "success");
    expect(await counter.subscriptions(one)).toEqual([
      { key: "pro-monthly", status: "active", quantity: 1 },
    ]);
    await button(one, "Done").click();
    await page.getByText("Next payment: $29.00").waitFor();
    await page.getByText("API access").waitFor();
    await counter.looksRight(one, "account");
    expect(one.complaints).toEqual([]);
  });

  it("shows why a card was refused, and takes another one", async () => {
    const one = await counter.open("pro-monthly", { viewport: PHONE });
    await pay(one, "Insufficient funds");
    const alert = dialog(one).getByRole("alert");
    await alert.getByText("Your card has insufficient funds. Please try another card.").waitFor();
    expect(await one.page.evaluate("document.activeElement.role")).toBe("alert");
    await counter.looksRight(one, "declined-phone");
    await pay(one);
    await said(one, ACTIVE);
    expect(await alert.count()).toBe(0);
    expect(one.complaints.filter((each) => !refused(402).test(each))).toEqual([]);
  });

  it("says beside the field what is wrong with it, and pays nothing", async () => {
    const one = await counter.open("pro-monthly", { viewport: PHONE });
    await button(one, /^Pay/).click();
    for (const label of ["Card number", "Expiry", "Security code"]) {
      expect(await one.page.getByLabel(label).getAttribute("aria-invalid")).toBe("true");
    }
    expect(await one.page.evaluate("document.activeElement.name")).toBe("number");
    await counter.looksRight(one, "invalid-phone");
    expect(await counter.subscriptions(one)).toEqual([]);
  });

  it("buys once, however often the button is clicked", async () => {
    const one = await counter.open("pro-monthly");
    const confirms: string[] = [];
    one.page.on("request", (request) => {
      if (request.method() === "POST" && request.url().includes("/checkout-confirm")) {
        confirms.push(request.url());
      }
    });
    await fill(one, "Succeeds");
    await button(one, /^Pay/).click({ clickCount: 5 });
    await said(one, ACTIVE);
    expect(confirms).toHaveLength(1);
    expect(await counter.subscriptions(one)).toHaveLength(1);
  });

  it("begins a trial, for which nothing is due before it ends", async () => {
    const one = await counter.open("scale-monthly");
    await said(one, "$99.00 per month after 14 days");
    await counter.looksRight(one, "trial");
    await pay(one);
    await said(one, "Done. Your free trial has begun.");
    expect(await counter.subscriptions(one)).toMatchObject([{ status: "trialing" }]);
    expect(one.complaints).toEqual([]);
  });

  it("asks for no card where nothing is due", async () => {
    const one = await counter.open("free");
    await button(one, "Start now").waitFor();
    expect(await one.page.getByLabel("Card number").count()).toBe(0);
    await counter.looksRight(one, "free");
    await button(one, "Start now").click();
    await said(one, ACTIVE);
    expect(one.complaints).toEqual([]);
  });

  it("takes a coupon, says what is wrong with another one, and counts both anew", async () => {
    const one = await counter.open("pro-monthly");
    await button(one, "Add a coupon").click();
    await one.page.getByLabel("Coupon").fill("NO-SUCH");
    await button(one, "Apply").click();
    await said(one, "There is no such coupon.");
    expect(await one.page.getByLabel("Coupon").getAttribute("aria-invalid")).toBe("true");
    await counter.looksRight(one, "coupon-refused");
    await one.page.getByLabel("Coupon").fill("welcome");
    await button(one, "Apply").click();
    await button(one, "Pay $21.75").waitFor();
    await button(one, "Remove welcome").click();
    await button(one, "Pay $29.00").waitFor();
    await one.page.getByLabel("Coupon").fill("WELCOME");
    await one.page.keyboard.press("Enter");
    await said(one, "Discount (WELCOME)");
    await counter.looksRight(one, "coupon");
    await pay(one);
    await said(one, ACTIVE);
    expect(one.complaints.filter((each) => !refused(400).test(each))).toEqual([]);
  });

  it("sells seats, and takes no payment before they are counted", async () => {
    const one = await counter.open("team-seats", { viewport: PHONE });
    await fill(one, "Succeeds");
    await button(one, "One seat more").click();
    await button(one, "One seat more").click();
    expect(await button(one, /^Pay/).isEnabled()).toBe(false);
    await button(one, "Pay $36.00").waitFor();
    await one.page.getByLabel("Seats").fill("1000");
    await said(one, "Between 1 and 100 seats.");
    expect(await button(one, /^Pay/).isEnabled()).toBe(false);
    await counter.looksRight(one, "seats-phone");
    await one.page.getByLabel("Seats").fill("4");
    await button(one, "Pay $48.00").click();
    await said(one, ACTIVE);
    expect(await counter.subscriptions(one)).toEqual([
      { key: "team-seats", status: "active", quantity: 4 },
    ]);
    expect(one.complaints).toEqual([]);
  });

  it("changes a plan for what the change costs now", async () => {
    const one = await counter.open("pro-monthly");
    const { page } = one;
    await pay(one);
    await said(one, ACTIVE);
    await button(one, "Done").click();
    await page.getByRole("link", { name: "Change plan" }).click();
    await page.getByText("Choose another one").waitFor();
    await page.getByRole("radio", { name: "per year" }).check({ force: true });
    await page.getByRole("listitem", { name: "Pro" }).getByRole("button").click();
    await button(one, /^Pay \$/).waitFor();
    await counter.looksRight(one, "change");
    await pay(one);
    await said(one, "Done. Your plan has changed.");
    expect(await counter.subscriptions(one)).toMatchObject([{ key: "pro-yearly" }]);
    expect(one.complaints).toEqual([]);
  });

  it("ends a subscription with its period, and takes that back", async () => {
    const one = await counter.open("pro-monthly");
    await pay(one);
    await said(one, ACTIVE);
    await button(one, "Done").click();
    await button(one, "Cancel subscription").click();
    await counter.looksRight(one, "cancel");
    await button(one, "Cancel it").click();
    await one.page.getByText(/^Ends on/).waitFor();
    await button(one, "Keep it after all").click();
    await one.page.getByText("Next payment: $29.00").waitFor();
    expect(one.complaints).toEqual([]);
  });
});
