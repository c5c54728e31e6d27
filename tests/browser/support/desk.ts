import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { inject } from "vitest";
import { nodeTransport } from "../../../stack/realtime/node-transport.ts";
import { members } from "../../../scripts/members.ts";
import { runCommand } from "../../support/command.ts";
import { eventually, openShop, refusal, type Shop } from "../../support/shop.ts";
import type { Opened } from "./chromium.ts";

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

const { stack, pageUrl, logFile } = inject("operator");
const { apiUrl } = stack;
export { apiUrl, logFile, pageUrl };

/** A user of the project's Supabase Auth, made a member as an operator does it. */
export async function newPerson(memberOf: readonly string[] = []): Promise<Person> {
  const [email, password] = [`${randomUUID()}@example.com`, randomUUID()];
  const supabase = createClient(stack.apiUrl, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });
  const { data, error } = await supabase.auth.signUp({ email, password });
  if (error !== null || data.user === null) throw error ?? new Error("there is no user");
  for (const organization of memberOf) {
    await runCommand(members, { DATABASE_URL: stack.databaseUrl }, [
      "add",
      "--organization",
      organization,
      "--user",
      data.user.id,
    ]);
  }
  return { id: data.user.id, email, password };
}

export async function signIn({ page }: Opened, { email, password }: Person): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A shop with something on every page: the sessions by what became of them, and the dead event. */
export async function busyShop() {
  const shop = await openShop(stack);
  await shop.query("update billing.organizations set name = 'The busy one' where id = $1", [
    shop.organizationId,
  ]);
  const paid = await shop.create();
  await refusal(shop.pay(paid, "pm_card_chargeDeclined"));
  await shop.pay(paid);
  const open = await shop.create();
  const owed = await shop.create();
  await shop.payInBrowser(owed);
  await shop.idle();
  const deadEvent = await killEventOf(shop, paid.paymentIntentId ?? "");
  await shop.query(
    `update billing.payment_intents set refund_reason = 'session_closed', refunding_since = now(), refund_status = 'given_up',
       refund_failures = 3, stripe_refund_id = 're_given_up', refunded_at = now()
     where checkout_session_id = $1`,
    [owed.id],
  );
  await shop.query(
    `insert into billing.organization_guards (organization_id, declines, raised_at, until)
     values ($1, 42, now(), now() + interval '1 hour')`,
    [shop.organizationId],
  );
  return { shop, paid, open, owed, deadEvent };
}

/** Has an event about the intent be one that was given up on; answers its id. */
async function killEventOf(shop: Shop, intentId: string): Promise<string> {
  const about = () =>
    shop.query<{ id: string }>(
      `select e.stripe_event_id as id from billing.webhook_events e
       where e.status = 'processed' and billing_private.event_about(e.payload) && array[$1]
         and e.type = 'payment_intent.succeeded'`,
      [intentId],
    );
  const [event] = await eventually(about, (rows) => rows.length > 0);
  await shop.query(
    `update billing.webhook_events
     set status = 'dead', processed_at = null, outcome = null, attempts = 12, last_error = 'Stripe did not answer'
     where stripe_event_id = $1`,
    [event?.id],
  );
  return event?.id ?? "";
}

export const quietShop = () => openShop(stack);
