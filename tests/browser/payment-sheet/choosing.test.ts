import { describe, expect, it } from "vitest";
import { PHONE } from "../support/chromium.ts";
import {
  ACTIVE,
  answerBank,
  button,
  dialog,
  openCounter,
  pay,
  refused,
  said,
} from "../support/sheet.ts";

const counter = await openCounter();

describe("the choice of a plan", () => {
  it("leads from a free plan to a trial as somebody new is led, and says how the free one is to be had again", async () => {
    const one = await counter.open("free");
    const { page } = one;
    await button(one, "Start now").click();
    await said(one, ACTIVE);
    await button(one, "Done").click();
    await page.getByRole("link", { name: "Change plan" }).click();
    const card = (name: string) => page.getByRole("listitem", { name });
    await card("Scale").getByRole("button", { name: "Try it 14 days for free" }).click();
    await said(one, "$99.00 per month after 14 days");
    await button(one, "Add a coupon").waitFor();
    await counter.looksRight(one, "trial-from-free");
    // A card of its own: one that has tried the plan elsewhere is not let try it again.
    await pay(one, "Asks the bank");
    await answerBank(one, "Complete");
    await said(one, "Done. Your free trial has begun.");
    expect(await counter.subscriptions(one)).toEqual([
      { key: "scale-monthly", status: "trialing", quantity: 1 },
    ]);
    await button(one, "Done").click();
    await page.getByRole("link", { name: "Change plan" }).click();
    await card("Starter").getByText("To move to this plan, cancel Scale:").waitFor();
    await counter.looksRight(one, "plans-of-subscriber");
    await card("Starter").getByRole("button", { name: "Manage subscription" }).click();
    await button(one, "Cancel subscription").click();
    await button(one, "Cancel it").click();
    await page.getByText(/^Ends on/).waitFor();
    await page.goBack();
    await card("Starter").getByText("Yours to choose once Scale has ended").waitFor();
    expect(await card("Starter").getByRole("button").count()).toBe(0);
    expect(one.complaints).toEqual([]);
  });

  it("is where a refusal leads that no repetition changes", async () => {
    const one = await counter.open("pro-monthly", { viewport: PHONE });
    await pay(one);
    await said(one, ACTIVE);
    const again = await counter.tab(one, "pro-yearly");
    await said(again, "The customer already has a live subscription to this product.");
    expect(await button(again, "Try again").count()).toBe(0);
    await counter.looksRight(again, "refused");
    await button(again, "Choose another plan").click();
    await button(again, "Current plan").waitFor();
    expect(await dialog(again).count()).toBe(0);
    expect(again.complaints.filter((each) => !refused(409).test(each))).toEqual([]);
  });
});
