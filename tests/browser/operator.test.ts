import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventually, type Shop } from "../support/shop.ts";
import { openChromium, type Opened } from "./support/chromium.ts";
import {
  apiUrl,
  busyShop,
  logFile,
  newPerson,
  pageUrl,
  type Person,
  quietShop,
  signIn,
} from "./support/desk.ts";

const chromium = await openChromium();
const opened: Opened[] = [];
let busy: Awaited<ReturnType<typeof busyShop>>;
let quiet: Shop;
let member: Person;
let other: Person;

beforeAll(async () => {
  busy = await busyShop();
  quiet = await quietShop();
  [member, other] = [
    await newPerson([busy.shop.organizationId]),
    await newPerson([quiet.organizationId]),
  ];
});
afterAll(async () => {
  await busy.shop.close();
  await quiet.close();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ context }) => context.close()));
});

const open = async (path = ""): Promise<Opened> => {
  const one = await chromium.open(pageUrl + path);
  opened.push(one);
  return one;
};

/** A page with somebody signed in, shown. */
async function openAs(person: Person, path = ""): Promise<Opened> {
  const one = await open(path);
  await signIn(one, person);
  await one.page.getByRole("navigation").waitFor();
  return one;
}

const heading = ({ page }: Opened, name: string) =>
  page.getByRole("heading", { level: 1, name }).waitFor();
const text = async ({ page }: Opened): Promise<string> =>
  z.string().parse(await page.locator("main").textContent());
/** What the page shows, with what its charts say, once it shows this. */
async function shown(one: Opened, what: string): Promise<string> {
  await one.page.locator("main").getByText(what).first().waitFor();
  return text(one);
}

describe("the operator's page", () => {
  it("is of another origin than the project that it asks", () => {
    expect(new URL(pageUrl).origin).not.toBe(new URL(apiUrl).origin);
  });

  it("lets nobody in with a wrong password, and says so", async () => {
    const one = await open();
    await signIn(one, { ...member, password: "wrong password" });
    await one.page.getByRole("alert").getByText("Invalid login credentials").waitFor();
    expect(await one.page.getByRole("navigation").count()).toBe(0);
  });

  it("tells a user who is no member what is missing, and shows no row", async () => {
    const stranger = await newPerson();
    const one = await open(`#/sessions/${busy.open.id}`);
    await signIn(one, stranger);
    await heading(one, "You are no member of an organization");
    expect(await text(one)).toContain(`--user ${stranger.id}`);
    expect(await text(one)).not.toContain(busy.open.id);
    expect(await chromium.faults(one.page, "no-member")).toEqual([]);
    await one.page.getByRole("button", { name: "Sign out" }).click();
    await heading(one, "Sign in");
    expect(await chromium.faults(one.page, "sign-in")).toEqual([]);
    expect(one.complaints).toEqual([]);
  });

  it.each([
    ["sessions", () => busy.open.id, "No checkout is under way."],
    ["inbox", () => busy.deadEvent, "No event is dead."],
    ["refunds", () => busy.owed.id, "No refund is owed."],
    ["guards", () => "42", "The guard was never raised."],
    ["charts", () => "generic_decline", "No card was declined."],
  ])("shows on %s what is the organization's, and another's member nothing of it", async (
    name,
    own,
    none,
  ) => {
    const one = await openAs(member, `#/${name}`);
    expect(await shown(one, own())).toContain(own());
    expect(await chromium.faults(one.page, name)).toEqual([]);
    expect(one.complaints).toEqual([]);

    const beside = await openAs(other, `#/${name}`);
    expect(await shown(beside, none)).not.toContain(own());
    expect(await chromium.faults(beside.page, `${name}-empty`)).toEqual([]);
    expect(beside.complaints).toEqual([]);
  });

  it("finds a session by its id and by its intent's, and tells its whole timeline", async () => {
    const { paid } = busy;
    const one = await openAs(member);
    const search = async (name: string) => {
      await one.page.getByLabel("Id of a session, or of its intent at Stripe").fill(name);
      await one.page.getByRole("button", { name: "Find" }).click();
    };
    await search("pi_nobodys");
    await one.page.getByRole("alert").getByText("No session of the id pi_nobodys.").waitFor();
    await search(paid.paymentIntentId ?? "");
    await heading(one, "Session");
    const told = await shown(one, "attempt 2 succeeded");
    const steps = [
      "opened: standard",
      "attempt 1 begun",
      "attempt 1 failed: card_declined, generic_decline",
      "attempt 2 begun",
      "attempt 2 succeeded",
      "granted: pro-1, pro-2",
      "to succeeded",
      `payment_intent.succeeded ${busy.deadEvent} received, dead after 12 attempts: Stripe did not answer`,
    ];
    expect(steps.filter((step) => !told.includes(step))).toEqual([]);
    // The first five follow from each other, whatever the clocks say.
    const places = steps.slice(0, 5).map((step) => told.indexOf(step));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(await chromium.faults(one.page, "timeline")).toEqual([]);
    expect(one.complaints).toEqual([]);
  });

  it("merges the lines of a log into the timeline, and sends them nowhere", async () => {
    const line = z.object({ line: z.string() });
    const lines = (await readFile(logFile, "utf8")).split("\n").filter(Boolean)
      .map((one) => line.parse(JSON.parse(one)).line);
    const one = await openAs(member, `#/sessions/${busy.paid.id}`);
    await shown(one, "attempt 2 succeeded");
    const asked: string[] = [];
    one.page.on("request", (request) => asked.push(request.url()));
    await one.page.getByLabel(/Merge the lines of a log file/).setInputFiles({
      name: "functions.log",
      mimeType: "text/plain",
      buffer: Buffer.from(lines.join("\n")),
    });
    const told = await shown(one, "lines of the log are about this session");
    expect(told).toMatch(/log\s*info checkout-confirm/);
    expect(asked).toEqual([]);
  });

  it("shows another organization's member no session by its address", async () => {
    const one = await openAs(other, `#/sessions/${busy.paid.id}`);
    expect(await shown(one, "There is no such session.")).not.toContain(busy.paid.id);
  });

  it("replays a dead event, which the next run takes up", async () => {
    const one = await openAs(member, "#/inbox");
    await one.page.getByRole("button", { name: `Replay ${busy.deadEvent}` }).click();
    await one.page.getByRole("status").getByText(`${busy.deadEvent} is due again`).waitFor();
    await shown(one, "No event is dead.");
    await eventually(
      () =>
        busy.shop.one<{ status: string }>(
          "select status from billing.webhook_events where stripe_event_id = $1",
          [busy.deadEvent],
        ),
      ({ status }) => status === "received" || status === "processed",
    );
    expect(one.complaints).toEqual([]);
  });

  it("is used by keyboard alone", async () => {
    const one = await open();
    const { keyboard } = one.page;
    await one.page.getByLabel("E-mail address").waitFor();
    await keyboard.press("Tab");
    await keyboard.type(member.email);
    await keyboard.press("Tab");
    await keyboard.type(member.password);
    await keyboard.press("Enter");
    await one.page.getByRole("navigation").waitFor();
    const focused = () => one.page.evaluate("document.activeElement.textContent");
    for (let presses = 0; presses < 20 && await focused() !== "Charts"; presses += 1) {
      await keyboard.press("Tab");
    }
    await keyboard.press("Enter");
    await heading(one, "Charts");
    expect(
      await eventually(
        () => one.page.evaluate("document.activeElement.tagName"),
        (tag) => tag === "MAIN",
      ),
    ).toBe("MAIN");
  });

  it("says what could not be read, and reads it when told to", async () => {
    const one = await openAs(member, "#/refunds");
    await shown(one, busy.owed.id);
    await one.page.route("**/rest/v1/organization_guards*", (route) => route.abort());
    await one.page.getByRole("link", { name: "Guard" }).click();
    await one.page.getByRole("alert").getByText("That could not be read").waitFor();
    await one.page.unroute("**/rest/v1/organization_guards*");
    await one.page.getByRole("button", { name: "Try again" }).click();
    expect(await shown(one, "42")).toContain("raised");
    expect(await one.page.getByRole("alert").count()).toBe(0);
  });

  it("goes back to the sign-in where the sign-in has ended elsewhere", async () => {
    const gone = await newPerson([busy.shop.organizationId]);
    const one = await openAs(gone);
    await busy.shop.query("delete from auth.sessions where user_id = $1", [gone.id]);
    await one.page.getByRole("link", { name: "Charts" }).click();
    await heading(one, "Sign in");
    await one.page.reload();
    await heading(one, "Sign in");
    expect(await one.page.getByRole("navigation").count()).toBe(0);
  });

  it("goes back to the sign-in where the token is refused", async () => {
    const one = await openAs(member);
    await one.page.route("**/rest/v1/**", (route) =>
      route.fulfill({
        status: 401,
        headers: { "access-control-allow-origin": "*" },
        json: { code: "PGRST303", message: "JWT expired", details: null, hint: null },
      }));
    await one.page.getByRole("link", { name: "Charts" }).click();
    await heading(one, "Sign in");
    expect(await one.page.getByRole("navigation").count()).toBe(0);
  });

  it("lets a member of two organizations choose between them", async () => {
    const both = await newPerson([busy.shop.organizationId, quiet.organizationId]);
    const one = await openAs(both);
    await one.page.getByLabel("Organization").selectOption("The busy one");
    await shown(one, busy.open.id);
    await one.page.getByLabel("Organization").selectOption("A shop");
    expect(await shown(one, "No checkout is under way.")).not.toContain(busy.open.id);
  });
});
