import type { Arena } from "./arena.ts";

/** Lets a minute pass for everything that waits its turn, without waiting. */
export async function minutePasses({ tamper }: Pick<Arena, "tamper">): Promise<void> {
  await tamper(
    "update public.stripe_cursors set checked_at = checked_at - interval '1 minute'",
  );
  await tamper(
    "update public.webhook_events set next_attempt_at = clock_timestamp() where status = 'received'",
  );
  await tamper(
    `update public.checkout_sessions set created_at = created_at - interval '1 minute',
       updated_at = updated_at - interval '1 minute', checked_at = checked_at - interval '1 minute'`,
  );
}

/** Ends the leases of workers that died; only where none is at work. */
export const leasesEnd = ({ tamper }: Pick<Arena, "tamper">): Promise<void> =>
  tamper("update public.webhook_events set leased_until = 'epoch' where status = 'processing'");

/** Ends the growing waits between two looks at what takes long: a debit, a refund. */
export async function waitsEnd({ tamper }: Pick<Arena, "tamper">): Promise<void> {
  await tamper(
    "update public.payment_intents set refund_look_at = clock_timestamp()" +
      " where refund_look_at is not null",
  );
  await tamper("update public.checkout_sessions set checked_at = checked_at - interval '1 day'");
}

/** Moves a session, or all of them, an hour on: the customer let it lie. */
export const hourPasses = (
  { tamper }: Pick<Arena, "tamper">,
  sessionId: string | null = null,
): Promise<void> =>
  tamper(
    `update public.checkout_sessions set created_at = created_at - interval '1 hour',
       expires_at = expires_at - interval '1 hour', updated_at = updated_at - interval '1 hour',
       checked_at = checked_at - interval '1 hour'
     where $1::uuid is null or id = $1`,
    [sessionId],
  );

/**
 * Long enough for Stripe to forget its idempotency keys. Its clock goes on, the database's rows go back; nobody may be
 * at work meanwhile, for a day does not pass inside a request.
 */
export async function dayPasses({ admin, tamper }: Arena): Promise<void> {
  const back = (table: string, ...columns: string[]) =>
    tamper(
      `update public.${table} set ${
        columns.map((column) => `${column} = ${column} - interval '25 hours'`).join(", ")
      }`,
    );
  await admin("POST", "/clock/advance", { seconds: 25 * 3600 });
  // Stripe's clock is ahead of ours since the last such day: what it dates is no younger than this instant.
  await tamper(
    "update public.payment_intents set succeeded_at = least(succeeded_at, clock_timestamp())",
  );
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
  await back(
    "checkout_sessions",
    "created_at",
    "updated_at",
    "expires_at",
    "checked_at",
    "completed_at",
  );
  await back("webhook_events", "next_attempt_at", "received_at", "leased_until", "processed_at");
  await back("stripe_cursors", "checked_at");
}
