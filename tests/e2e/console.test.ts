import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import * as z from "zod";
import { operatorConsole } from "../../scripts/console.ts";
import { runCommand } from "../support/command.ts";
import { openShop, refusal } from "../support/shop.ts";
import { logLines, stack } from "../support/stack.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const folder = await mkdtemp(join(tmpdir(), "console-"));
afterAll(() => rm(folder, { recursive: true }));

const shown = z.object({
  session: z.object({ status: z.string() }),
  timeline: z.array(z.object({ at: z.iso.datetime(), source: z.string(), what: z.string() })),
});

async function look(...argv: string[]): Promise<string> {
  const { stdout } = await runCommand(
    operatorConsole,
    { DATABASE_URL: stack().databaseUrl },
    argv,
  );
  return stdout;
}

/** The lines of a timeline among which each part of the story is found, in the story's order. */
function expectStory(lines: readonly string[], story: readonly RegExp[]): void {
  let from = 0;
  for (const part of story) {
    const at = lines.findIndex((line, index) => index >= from && part.test(line));
    if (at < 0) throw new Error(`${part} is not in its place in\n${lines.join("\n")}`);
    from = at + 1;
  }
}

it("a checkout that was declined, paid and given back is told in its order, from rows, events and logs", async () => {
  const started = new Date().toISOString();
  const email = `${randomUUID()}@example.com`;
  const session = await shop.create({ email });
  expect(await refusal(shop.pay(session, "pm_card_visa_chargeDeclinedInsufficientFunds")))
    .toMatchObject({ status: 402 });
  await shop.pay(session);
  await shop.idle();
  await shop.stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "" });
  await shop.idle();
  const log = join(folder, "functions.log");
  await writeFile(
    log,
    (await logLines(undefined, started)).map(({ line }) => `${line}\n`).join(""),
  );

  const { session: told, timeline } = shown.parse(
    JSON.parse(await look("session", session.id, "--log", log, "--json")),
  );
  expect(told.status).toBe("succeeded");
  const lines = timeline.map(({ source, what }) => `${source} ${what}`);
  expectStory(lines, [
    /^session opened: standard, 29\.00 USD/,
    /^attempt attempt 1 begun/,
    /^attempt attempt 1 failed: .*insufficient_funds/,
    /^attempt attempt 2 begun/,
    /^intent pi_\w+ succeeded/,
    /^subscription sub_\w+ written/,
    /^session succeeded/,
    /^event charge\.refunded evt_\w+ received/,
  ]);
  for (const source of ["status", "grant", "invoice", "event", "log"]) {
    expect(lines.map((line) => line.split(" ")[0])).toContain(source);
  }
  expectStory(lines, [
    /^event payment_intent\.succeeded evt_\w+ received/,
    /^event charge\.refunded/,
  ]);
  const text = await look("session", session.paymentIntentId ?? "", "--log", log);
  for (const secret of [email, session.clientSecret, shop.organizationKey]) {
    expect(text).not.toContain(secret);
    expect(lines.join("\n")).not.toContain(secret);
  }
});

it("a payment that could not be honored is told until it went back", async () => {
  const user = randomUUID();
  const [first, second] = [await shop.create({ user }), await shop.create({ user })];
  await shop.pay(first);
  await shop.payInBrowser(second, "pm_card_visa");
  await shop.idle();
  const { session, timeline } = shown.parse(JSON.parse(await look("session", second.id, "--json")));
  expect(session.status).toBe("failed");
  expectStory(timeline.map(({ source, what }) => `${source} ${what}`), [
    /^session opened/,
    /^intent pi_\w+ succeeded/,
    /^refund pi_\w+ is not honored: already_subscribed/,
    /^refund re_\w+ succeeded/,
  ]);
});
