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
  sessionOf,
} from "../support/sheet.ts";

const counter = await openCounter();
const ASKED = "Your bank wants to confirm this with you.";

describe("a payment that the bank asks about", () => {
  it("goes to the bank's page and back, and succeeds", async () => {
    const one = await counter.open("pro-monthly", { viewport: PHONE });
    await pay(one, "Asks the bank");
    await said(one, ASKED);
    await counter.looksRight(one, "bank-phone");
    const session = await sessionOf(one);
    await answerBank(one, "Complete");
    await said(one, ACTIVE);
    expect(await sessionOf(one)).toBe(session);
    // Stripe puts the client secret into the address; it stays there no longer than it takes to read it.
    expect(one.page.url()).not.toMatch(/secret|redirect_status/);
    expect(await counter.subscriptions(one)).toHaveLength(1);
    expect(one.complaints).toEqual([]);
  });

  it("that the bank refuses is told so, and takes another card", async () => {
    const one = await counter.open("pro-monthly");
    await pay(one, "Asks the bank");
    await said(one, ASKED);
    await answerBank(one, "Fail");
    await dialog(one).getByRole("alert").getByText(
      "We could not confirm this payment with your bank.",
    ).waitFor();
    await counter.looksRight(one, "bank-refused");
    await pay(one);
    await said(one, ACTIVE);
    expect(await counter.subscriptions(one)).toHaveLength(1);
    expect(one.complaints).toEqual([]);
  });

  it("still asks after a reload, and may be made another way", async () => {
    const one = await counter.open("pro-monthly");
    await pay(one, "Asks the bank");
    await said(one, ASKED);
    await one.page.reload();
    await said(one, ASKED);
    await one.page.getByRole("link", { name: "Continue with your bank" }).waitFor();
    await button(one, "Pay another way").click();
    await pay(one);
    await said(one, ACTIVE);
    expect(one.complaints).toEqual([]);
  });

  it("and that is declined after it says why", async () => {
    const one = await counter.open("pro-monthly");
    await pay(one, "Bank, then declined");
    await said(one, ASKED);
    await answerBank(one, "Complete");
    await dialog(one).getByRole("alert").waitFor();
    await pay(one);
    await said(one, ACTIVE);
    expect(one.complaints.filter((each) => !refused(402).test(each))).toEqual([]);
  });
});
