import { describe, expect, it } from "vitest";
import { eventually } from "../../support/shop.ts";
import { reconcileOf } from "../../support/reconcile.ts";
import {
  ACTIVE,
  button,
  dialog,
  fill,
  openCounter,
  pay,
  refused,
  said,
  sessionOf,
  stack,
} from "../support/sheet.ts";
import type { Opened } from "../support/chromium.ts";

const counter = await openCounter();
const { shop } = counter;
const PROCESSED = "Your payment is being processed.";
/** Milliseconds that a customer is out of reach. */
const AWAY = 10_000;

const intentOf = async (one: Opened): Promise<string> => {
  const { id } = await shop.one<{ id: string }>(
    "select stripe_payment_intent_id as id from billing.payment_intents where checkout_session_id = $1",
    [await sessionOf(one)],
  );
  return id;
};

/** A bank debit, which stays on its way until the bank says yes. */
async function openProcessing(): Promise<Opened> {
  const one = await counter.open("pro-monthly");
  await pay(one, "Bank debit");
  await said(one, PROCESSED);
  const session = await sessionOf(one);
  await eventually(() => shop.status({ id: session }), ({ status }) => status === "processing");
  return one;
}
const settle = async (one: Opened) => shop.admin("POST", `/debits/${await intentOf(one)}/settle`);

describe("a reload", () => {
  it("of a sheet that waits for a card goes on with its session, its seats and its coupon", async () => {
    const one = await counter.open("team-seats&seats=3&coupon=WELCOME");
    await button(one, "Pay $27.00").waitFor();
    const session = await sessionOf(one);
    await one.page.reload();
    await button(one, "Pay $27.00").waitFor();
    await said(one, "Discount (WELCOME)");
    expect(await sessionOf(one)).toBe(session);
    await button(one, "One seat more").click();
    await button(one, "Pay $36.00").waitFor();
    expect(await sessionOf(one)).not.toBe(session);
    await pay(one);
    await said(one, ACTIVE);
    expect(one.complaints).toEqual([]);
  });

  it("while a payment is on its way, and after it, shows how it stands", async () => {
    const one = await openProcessing();
    await counter.looksRight(one, "processing");
    await one.page.reload();
    await said(one, PROCESSED);
    await settle(one);
    await said(one, ACTIVE);
    await one.page.reload();
    await said(one, ACTIVE);
    expect(one.complaints).toEqual([]);
  });

  it("in the midst of a payment finds what came of it", async () => {
    const one = await counter.open("pro-monthly");
    await fill(one, "Succeeds");
    const sent = one.page.waitForRequest(/checkout-confirm/);
    await button(one, /^Pay/).click();
    await sent;
    await one.page.reload();
    await said(one, ACTIVE);
    expect(await counter.subscriptions(one)).toHaveLength(1);
  });
});

describe("the back button", () => {
  it("closes the sheet, and forward opens it where it was", async () => {
    const one = await counter.open();
    const { page } = one;
    await page.getByRole("listitem", { name: "Pro" }).getByRole("button").click();
    await button(one, "Pay $29.00").waitFor();
    const session = await sessionOf(one);
    await page.goBack();
    await dialog(one).waitFor({ state: "detached" });
    await page.goForward();
    await button(one, "Pay $29.00").waitFor();
    expect(await sessionOf(one)).toBe(session);
    await page.keyboard.press("Escape");
    await dialog(one).waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Choose");
    expect(one.complaints).toEqual([]);
  });
});

describe("a second tab", () => {
  it("with the same session is told of the payment in the first", async () => {
    const one = await counter.open("pro-monthly");
    const session = await sessionOf(one);
    const other = await counter.tab(one, `pro-monthly&session=${session}`);
    await button(other, "Pay $29.00").waitFor();
    await pay(one);
    await said(one, ACTIVE);
    await said(other, ACTIVE);
    expect([...one.complaints, ...other.complaints]).toEqual([]);
  });

  it("that pays for the same product at once buys nothing a second time", async () => {
    const one = await counter.open("pro-monthly");
    await sessionOf(one);
    const other = await counter.tab(one, "pro-monthly");
    expect(await sessionOf(other)).not.toBe(await sessionOf(one));
    await fill(one, "Succeeds");
    await fill(other, "Succeeds");
    await Promise.all([button(one, /^Pay/).click(), button(other, /^Pay/).click()]);
    const outcomes = await Promise.all([one, other].map(async (tab) => {
      await dialog(tab).locator(".bos-status:is([data-step=success], [data-step=failure])")
        .waitFor();
      return tab.page.locator(".bos-status").getAttribute("data-step");
    }));
    expect(new Set(outcomes)).toEqual(new Set(["failure", "success"]));
    const late = outcomes[0] === "failure" ? one : other;
    await dialog(late).getByRole("alert").waitFor();
    await counter.looksRight(late, "two-tabs");
    expect(await counter.subscriptions(one)).toHaveLength(1);
    const all = [...one.complaints, ...other.complaints];
    expect(all.filter((each) => !refused(409).test(each))).toEqual([]);
  });
});

describe("a customer out of reach for ten seconds", () => {
  it("learns what has happened meanwhile", async () => {
    const one = await openProcessing();
    await one.context.setOffline(true);
    const until = Date.now() + AWAY;
    await settle(one);
    await shop.idle();
    await one.page.waitForTimeout(until - Date.now());
    expect(await dialog(one).getByText(PROCESSED).isVisible()).toBe(true);
    await one.context.setOffline(false);
    await said(one, ACTIVE);
    const ofTheNetwork = /ERR_INTERNET_DISCONNECTED|WebSocket connection/;
    expect(one.complaints.filter((each) => !ofTheNetwork.test(each))).toEqual([]);
  });

  it("who pays just then is told that nothing answered, and pays once it does", async () => {
    const one = await counter.open("pro-monthly");
    await fill(one, "Succeeds");
    await one.context.setOffline(true);
    await button(one, /^Pay/).click();
    await dialog(one).getByRole("alert").waitFor();
    await counter.looksRight(one, "offline");
    await one.context.setOffline(false);
    await button(one, /^Pay/).click();
    await said(one, ACTIVE);
    expect(await counter.subscriptions(one)).toHaveLength(1);
  });
});

describe("a session that has expired", () => {
  it("is told so where it is open, and begins anew", async () => {
    const one = await counter.open("pro-monthly");
    await button(one, "Pay $29.00").waitFor();
    const session = await sessionOf(one);
    await shop.query(
      `update billing.checkout_sessions
       set created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where id = $1`,
      [session],
    );
    // A session that was just touched is left alone for some seconds.
    await eventually(async () => {
      await reconcileOf(stack);
      return shop.status({ id: session });
    }, ({ status }) => status === "expired");
    await said(one, "This checkout has expired. Nothing was charged.");
    await counter.looksRight(one, "expired");
    await button(one, "Try again").click();
    await pay(one);
    expect(await sessionOf(one)).not.toBe(session);
    await said(one, ACTIVE);
  });
});
