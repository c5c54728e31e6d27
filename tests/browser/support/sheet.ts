import { afterAll, afterEach, expect, inject } from "vitest";
import * as z from "zod";
import { openShop } from "../../support/shop.ts";
import { type Look, openChromium, type Opened } from "./chromium.ts";

const { stack } = inject("operator");
const { pageUrl, config } = inject("paymentSheet");
export { config, pageUrl, stack };

/** What the browser itself says of an answer that the page takes care of. */
export const refused = (...statuses: readonly number[]) =>
  new RegExp(
    `^Failed to load resource: the server responded with a status of (${statuses.join("|")})`,
  );

/** Customers of the example's page, each in a browser of their own. */
export async function openCounter() {
  const chromium = await openChromium();
  const shop = await openShop(stack);
  const opened: Opened[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ context }) => context.close()));
  });
  afterAll(() => shop.close());

  const open = async (place = "", look: Look = {}): Promise<Opened> => {
    const one = await chromium.open(`${pageUrl}${hashOf(place)}`, look);
    opened.push(one);
    return one;
  };

  return {
    /** For its queries and the simulator's admin server: what is sold is the demo catalogue. */
    shop,

    /** The page of a new customer, at a price's key, or at another place. */
    open,

    /** The page where it is served with another configuration. */
    openWith: (
      other: Readonly<Record<string, string | boolean>>,
      place = "",
      look: Look = {},
    ): Promise<Opened> =>
      open(place, {
        ...look,
        prepare: async (context) => {
          await look.prepare?.(context);
          await context.route("**/config.json", (route) => route.fulfill({ json: other }));
        },
      }),

    /** One more tab of the same customer. */
    tab: (one: Opened, place: string): Promise<Opened> =>
      chromium.openTab(one.context, `${pageUrl}${hashOf(place)}`),

    /** That nothing is wrong with how it is shown now. */
    async looksRight({ page }: Opened, name: string): Promise<void> {
      expect(await chromium.faults(page, `sheet-${name}`)).toEqual([]);
      const wider = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth",
      );
      expect(wider, `${name} is wider than the screen`).toBe(false);
    },

    /** The live subscriptions of the page's customer: what each is of, and its seats. */
    async subscriptions({ page }: Opened) {
      return shop.query<{ key: string; status: string; quantity: number }>(
        `select pr.key, s.status, s.quantity::int from billing.subscriptions s
         join billing.customers c on c.id = s.customer_id
         join billing.product_prices pr on pr.id = s.price_id
         where c.external_id = $1 and billing_private.is_live(s.status) order by s.created_at`,
        [await customerOf(page)],
      );
    },
  };
}

const hashOf = (place: string) =>
  place === "" || place.startsWith("#") ? place : `#/buy?price=${place}`;

const customerOf = async (page: Opened["page"]): Promise<string> =>
  z.string().parse(await page.evaluate("localStorage.getItem('payment-sheet.customer')"));

/** The session that the page's address names. */
export async function sessionOf({ page }: Opened): Promise<string> {
  await page.waitForURL(/session=/);
  return new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("session") ?? "";
}

export const dialog = ({ page }: Opened) => page.getByRole("dialog");
export const button = ({ page }: Opened, name: string | RegExp) =>
  page.getByRole("button", { name });

/** Until the sheet says this. */
export const said = (one: Opened, what: string | RegExp) =>
  dialog(one).getByText(what).first().waitFor();

/** Fills in one of the test methods that the form has at hand. */
export async function fill(one: Opened, method: string): Promise<void> {
  await one.page.getByLabel("Card number").waitFor();
  const list = one.page.getByText("Test numbers");
  if (!await button(one, new RegExp(`^${method}`)).isVisible()) await list.click();
  await button(one, new RegExp(`^${method}`)).click();
  await list.click();
}

export async function pay(one: Opened, method = "Succeeds"): Promise<void> {
  await fill(one, method);
  await button(one, /^(Pay|Save card)/).click();
}

/** The bank's page, and back. */
export async function answerBank(one: Opened, answer: "Complete" | "Fail"): Promise<void> {
  await one.page.getByRole("link", { name: "Continue with your bank" }).click();
  await button(one, answer).click();
}

export const ACTIVE = "Done. Your subscription is active.";
