import type { Arena } from "./arena.ts";

/** Lets a minute pass for everything that waits its turn, without waiting. */
export async function minutePasses({ tamper }: Pick<Arena, "tamper">): Promise<void> {
  await tamper(
    "update billing.stripe_cursors set checked_at = checked_at - interval '1 minute'",
  );
  await tamper(
    "update billing.webhook_events set next_attempt_at = clock_timestamp() where status = 'received'",
  );
  await tamper(
    "update billing.checkout_attempts set created_at = created_at - interval '1 minute'",
  );
  await tamper(
    `update billing.checkout_sessions set created_at = created_at - interval '1 minute',
       updated_at = updated_at - interval '1 minute', checked_at = checked_at - interval '1 minute',
       repair_at = repair_at - interval '1 minute'`,
  );
}

/** Ends the leases of workers that died; only where none is at work. */
export const leasesEnd = ({ tamper }: Pick<Arena, "tamper">): Promise<void> =>
  tamper("update billing.webhook_events set leased_until = 'epoch' where status = 'processing'");

/** Ends the growing waits between two looks at what takes long: a debit, a refund. */
export async function waitsEnd({ tamper }: Pick<Arena, "tamper">): Promise<void> {
  await tamper(
    "update billing.payment_intents set refund_look_at = clock_timestamp()" +
      " where refund_look_at is not null",
  );
  // A session without an attempt waits for its expiry, and for nothing else.
  await tamper(
    `update billing.checkout_sessions set checked_at = checked_at - interval '1 day', repair_at = repair_at - interval '1 day'
     where status <> 'open' or expires_at <= clock_timestamp()`,
  );
}

/** Ends the hours for which a payment is tried to be honored. */
export async function deadlinePasses({ tamper }: Pick<Arena, "tamper">): Promise<void> {
  await tamper(
    "update billing.checkout_sessions set fulfilling_since = fulfilling_since - interval '13 hours'",
  );
  await tamper(
    "update billing.subscription_changes set claimed_at = claimed_at - interval '13 hours'" +
      " where finished_at is null",
  );
}

/** Moves a session, or all of them, an hour on: the customer let it lie. */
export const hourPasses = (
  { tamper }: Pick<Arena, "tamper">,
  sessionId: string | null = null,
): Promise<void> =>
  tamper(
    `update billing.checkout_sessions set created_at = created_at - interval '1 hour',
       expires_at = expires_at - interval '1 hour', updated_at = updated_at - interval '1 hour',
       checked_at = checked_at - interval '1 hour', repair_at = repair_at - interval '1 hour'
     where $1::uuid is null or id = $1`,
    [sessionId],
  );

/**
 * Long enough for Stripe to forget its idempotency keys. The database's rows go back and Stripe's clock stands still: were
 * it ahead of ours, what is paid after one such day would seem to be paid in the future. When a session was decided stays as
 * well, since it is held against Stripe's clock. Nobody may be at work meanwhile, for a day does not pass inside a request.
 */
export async function dayPasses({ admin, tamper }: Arena): Promise<void> {
  const back = (table: string, ...columns: string[]) =>
    tamper(
      `update billing.${table} set ${
        columns.map((column) => `${column} = ${column} - interval '25 hours'`).join(", ")
      }`,
    );
  await admin("POST", "/keys/forget");
  await back("session_tokens", "created_at", "expires_at");
  await back("customers", "created_at", "updated_at");
  await back(
    "payment_intents",
    "created_at",
    "updated_at",
    "succeeded_at",
    "refunded_at",
    "refund_look_at",
  );
  // Before the sessions, whose repair follows from them.
  await back("checkout_attempts", "created_at");
  await back(
    "checkout_sessions",
    "created_at",
    "updated_at",
    "expires_at",
    "checked_at",
    "repair_at",
    "fulfilling_since",
  );
  await back("subscriptions", "checked_at", "reread_at");
  await tamper(
    "update billing.subscription_changes set claimed_at = claimed_at - interval '25 hours'",
  );
  await back("webhook_events", "next_attempt_at", "received_at", "leased_until", "processed_at");
  await back("stripe_cursors", "checked_at");
}
