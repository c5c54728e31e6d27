import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { openShop, refusal, type Shop } from "../support/shop.ts";
import { openChromium, type Opened } from "./support/chromium.ts";
import { buildPanel } from "./support/panel.ts";

const { stack } = inject("operator");
const exampleUrl = stack.exampleUrl ?? "";
const chromium = await openChromium();
const panel = await buildPanel();
const opened: Opened[] = [];
let shop: Shop;
beforeAll(async () => {
  shop = await openShop(stack);
});
afterAll(async () => {
  await shop.close();
  await panel.remove();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ context }) => context.close()));
});

async function open(sessionId = ""): Promise<Opened> {
  const one = await chromium.open("about:blank");
  opened.push(one);
  // A busy machine takes several times as long.
  one.page.setDefaultTimeout(120_000);
  await panel.serve(one.page, exampleUrl);
  await one.page.goto(`${exampleUrl}/panel/panel.html#${sessionId}`);
  return one;
}

const entries = ({ page }: Opened) => page.getByRole("list", { name: "Timeline, newest first" });
const entry = (one: Opened, text: string | RegExp) =>
  entries(one).getByRole("listitem").filter({ hasText: text }).first();

describe("the developer's panel", () => {
  it("stands beside the sheet of the page that the stack serves, and tells what its customer does", async () => {
    const one = await chromium.open("about:blank");
    opened.push(one);
    const { page } = one;
    page.setDefaultTimeout(120_000);
    await page.goto(exampleUrl);
    const plan = page.getByRole("listitem", { name: "Pro" });
    await plan.getByRole("button", { name: "Choose" }).click();
    await page.getByLabel("Card number").fill("4242 4242 4242 4242");
    await page.getByLabel("Expiry").fill("12/40");
    await page.getByLabel(/code/i).fill("123");
    await page.getByRole("button", { name: /^Pay/ }).click();
    await entry(one, /HTTP.*POST \/checkout-confirm 200/).waitFor();
    await entry(one, /Row.*granted: api-access, projects/).waitFor();
    await page.getByRole("checkbox", { name: "Webhook" }).uncheck();
    await expect.poll(() => entry(one, /Webhook/).count()).toBe(0);
    expect(await chromium.faults(page, "sheet-with-panel")).toEqual([]);
    expect(one.complaints).toEqual([]);
  });

  it("shows a checkout as it happens, newest first: HTTP, intent, webhooks, Realtime, rows", async () => {
    const session = await shop.create();
    const one = await open(session.id);
    await entry(one, /Stripe.*requires_payment_method/).waitFor();
    await refusal(shop.pay(session, "pm_card_chargeDeclined"));
    await entry(one, /HTTP.*POST \/checkout-confirm 402/).waitFor();
    await entry(one, /Stripe.*last card refused/).waitFor();
    await shop.pay(session);
    await entry(one, /HTTP.*POST \/checkout-confirm 200/).waitFor();
    await entry(one, /Webhook.*payment_intent\.succeeded evt_\w+ answered 200/).waitFor();
    await entry(one, /Realtime.*version \d+: succeeded/).waitFor();
    await entry(one, /Row.*granted: pro-1, pro-2/).waitFor();
    await one.page.getByRole("definition").filter({ hasText: /^succeeded$/ }).waitFor();
    const all = await entries(one).getByRole("listitem").allTextContents();
    expect(all.at(-1)).toMatch(/^\+0 ms/);
    expect(all[0]).not.toMatch(/^\+0 ms/);
    expect(await chromium.faults(one.page, "developer-panel")).toEqual([]);
    await one.page.setViewportSize({ width: 390, height: 844 });
    expect(await chromium.faults(one.page, "developer-panel-phone")).toEqual([]);
    const width = await one.page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBe(390);
    expect(one.complaints).toEqual([]);
  });

  it("has each entry readable from its first moment", async () => {
    const session = await shop.create();
    const one = await open(session.id);
    await entry(one, /Stripe.*requires_payment_method/).waitFor();
    // Taken out and put back, an entry begins anew.
    const begun = await one.page.evaluate(`
      document.querySelectorAll("li").forEach((entry) => entry.replaceWith(entry));
      document.getAnimations().map((animation) => (animation.pause(), animation.currentTime = 0)).length`);
    expect(begun).toBeGreaterThan(0);
    expect(await chromium.faults(one.page, "developer-panel-new")).toEqual([]);
  });

  it("is used by keyboard: it folds, and each kind of entry can be left out", async () => {
    const session = await shop.create();
    await shop.pay(session);
    const one = await open(session.id);
    await entry(one, /Webhook/).waitFor();
    await one.page.keyboard.press("Tab");
    await one.page.keyboard.press("Enter");
    await expect.poll(() => entries(one).isVisible()).toBe(false);
    await one.page.keyboard.press("Enter");
    await entries(one).waitFor();
    const webhooks = one.page.getByRole("checkbox", { name: "Webhook" });
    for (let presses = 0; presses < 3; presses++) await one.page.keyboard.press("Tab");
    await expect.poll(() => webhooks.evaluate((node) => node.matches(":focus"))).toBe(true);
    await one.page.keyboard.press("Space");
    await expect.poll(() => entry(one, /Webhook/).count()).toBe(0);
    expect(await entry(one, /Row/).count()).toBe(1);
  });

  it("says what it is for before there is a session, and keeps the last one", async () => {
    const one = await open();
    await one.page.getByText("once there is one").waitFor();
    expect(await chromium.faults(one.page, "developer-panel-empty")).toEqual([]);
    const [first, second] = [await shop.create(), await shop.create()];
    const show = (id: string) => one.page.evaluate(`location.hash = ${JSON.stringify(`#${id}`)}`);
    await show(first.id);
    await entry(one, String(first.paymentIntentId)).waitFor();
    await show(second.id);
    await entry(one, String(second.paymentIntentId)).waitFor();
    expect(await entry(one, String(first.paymentIntentId)).count()).toBe(0);
    await show("");
    await entry(one, String(second.paymentIntentId)).waitFor();
    expect(one.complaints).toEqual([]);
  });
});
