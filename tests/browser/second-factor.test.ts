import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { totpAt } from "../../stack/auth/totp.ts";
import type { Shop } from "../support/shop.ts";
import { openChromium, type Opened } from "./support/chromium.ts";
import { newPerson, pageUrl, type Person, quietShop, signIn } from "./support/desk.ts";

const chromium = await openChromium();
const opened: Opened[] = [];
let shop: Shop;
let member: Person;

beforeAll(async () => {
  shop = await quietShop();
  member = await newPerson([shop.organizationId]);
});
afterAll(() => shop.close());
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ context }) => context.close()));
});

async function signedIn(path = "#/factors"): Promise<Opened> {
  const one = await chromium.open(pageUrl + path);
  opened.push(one);
  await signIn(one, member);
  return one;
}
const button = ({ page }: Opened, name: string) => page.getByRole("button", { name });
async function type(one: Opened, code: string, action: string): Promise<void> {
  await one.page.getByLabel("Code").fill(code);
  await button(one, action).click();
}
const codeOf = (secret: string) => totpAt(secret, Date.now() / 1000);

it("a member sets up an authenticator app on the operator's page, is asked for its code at the next sign-in, and takes it away again", async () => {
  const first = await signedIn();
  await button(first, "Set up an authenticator app").click();
  const secret = await first.page.getByLabel("Key").textContent() ?? "";
  expect(await chromium.faults(first.page, "second-factor-key")).toEqual([]);
  await type(first, codeOf(secret), "Set up");
  await button(first, "Remove it").waitFor();

  const second = await signedIn("#/sessions");
  await second.page.getByRole("heading", { level: 1, name: "Second factor" }).waitFor();
  expect(await second.page.getByRole("navigation").count()).toBe(0);
  expect(await chromium.faults(second.page, "second-factor")).toEqual([]);
  await type(second, "000000", "Continue");
  await second.page.getByRole("alert").getByText("Invalid TOTP code entered").waitFor();
  expect(await second.page.getByRole("navigation").count()).toBe(0);
  await type(second, codeOf(secret), "Continue");
  await second.page.getByText("No checkout is under way.").waitFor();
  // Stored with the sign-in, and not asked for again.
  await second.page.reload();
  await second.page.getByText("No checkout is under way.").waitFor();

  await second.page.getByRole("link", { name: "Second factor" }).click();
  await button(second, "Remove it").click();
  await button(second, "Set up an authenticator app").waitFor();
  expect(await chromium.faults(second.page, "second-factor-none")).toEqual([]);
  const third = await signedIn("#/sessions");
  await third.page.getByText("No checkout is under way.").waitFor();
  for (const { complaints } of [first, third]) expect(complaints).toEqual([]);
});
