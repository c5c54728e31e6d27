import type { Shop } from "../support/shop.ts";
import { type Ground, passAtStripe } from "./ground.ts";

/**
 * The time of one customer of one shop. It passes without waiting: Stripe's clock moves on, our rows move into the past,
 * and the proxy translates between the two.
 */
export interface Passage {
  /** Stripe's clock at the beginning: all that is newer is this customer's. */
  readonly since: number;
  readonly pass: (seconds: number) => Promise<void>;
  /** Hides from reconcile what Stripe could not deliver, so that it has to find out in another way. */
  hideEvents(): Promise<void>;
  showEvents(): Promise<void>;
  readonly hidesEvents: boolean;
}

const OF_SESSION =
  "in (select s.id from billing.checkout_sessions s where s.external_user_id = $1)";
/** The tables with times that anything is decided by, and which rows `t` of them are the customer's. */
const OWN_TABLES = [
  ["payment_intents", `t.checkout_session_id ${OF_SESSION}`],
  ["checkout_attempts", `t.checkout_session_id ${OF_SESSION}`],
  ["checkout_sessions", "t.external_user_id = $1"],
  ["customers", "t.external_id = $1"],
] as const;

/** The statements that move a customer's rows into the past by $2 seconds, made once. */
let shifts: readonly string[] | undefined;
async function shiftsOf(shop: Shop): Promise<readonly string[]> {
  if (shifts !== undefined) return shifts;
  const columns = await shop.query<{ table: string; set: string }>(
    `select table_name as table,
       string_agg(format('%1$I = t.%1$I - make_interval(secs => $2)', column_name), ', ') as set
     from information_schema.columns
     where table_schema = 'billing' and data_type = 'timestamp with time zone' and is_generated = 'NEVER'
     group by table_name`,
  );
  const sets = new Map(columns.map(({ table, set }) => [table, set]));
  shifts = OWN_TABLES.map(([table, isCustomers]) =>
    `update billing.${table} t set ${sets.get(table)} where ${isCustomers}`
  );
  return shifts;
}

/** Changes rows without any trigger taking it for a change. */
async function untold(shop: Shop, change: () => Promise<void>): Promise<void> {
  await shop.query("set session_replication_role = replica");
  await change();
  await shop.query("set session_replication_role = origin");
}

/** Begins a new time, in which nothing that went before is due. */
export async function openPassage({ proxy }: Ground, shop: Shop, user: string): Promise<Passage> {
  const since = await passAtStripe(shop, 1);
  const account = shop.account ?? "";
  proxy.ahead = since - Math.floor(Date.now() / 1000);
  await untold(shop, async () => {
    // What rests for days already is left alone: otherwise each customer would touch the rows of all before.
    await shop.query(
      `update billing.checkout_sessions set repair_at = now() + interval '9 days'
       where repair_at < now() + interval '8 days'`,
    );
    await shop.query(
      `update billing.webhook_events set next_attempt_at = now() + interval '9 days'
       where status in ('received', 'processing') and next_attempt_at < now() + interval '8 days'`,
    );
  });
  await shop.query(
    "update billing.stripe_cursors set checked_at = now() + interval '1 day' where stripe_account_id <> $1",
    [account],
  );
  await shop.query(
    `update billing.stripe_cursors
     set checked_at = now(), events_until = to_timestamp($2), intents_until = to_timestamp($2)
     where stripe_account_id = $1`,
    [account, since - proxy.ahead],
  );

  const readEventsSince = (seconds: number) =>
    shop.query(
      "update billing.stripe_cursors set events_until = to_timestamp($2) where stripe_account_id = $1",
      [account, seconds],
    ).then(() => undefined);

  let hidesEvents = false;
  return {
    since,
    get hidesEvents() {
      return hidesEvents;
    },
    pass: async (seconds) => {
      await passAtStripe(shop, seconds);
      proxy.ahead += seconds;
      await untold(shop, async () => {
        for (const shift of await shiftsOf(shop)) await shop.query(shift, [user, seconds]);
        await shop.query(
          `update billing.webhook_events set leased_until = leased_until - make_interval(secs => $1),
             next_attempt_at = next_attempt_at - make_interval(secs => $1)
           where status in ('received', 'processing') and next_attempt_at < now() + interval '8 days'`,
          [seconds],
        );
        await shop.query(
          `update billing.stripe_cursors set checked_at = checked_at - make_interval(secs => $2),
             events_until = events_until - make_interval(secs => $2),
             intents_until = intents_until - make_interval(secs => $2)
           where stripe_account_id = $1`,
          [account, seconds],
        );
      });
    },
    hideEvents: () => {
      hidesEvents = true;
      return readEventsSince(since + 10 * 86_400);
    },
    showEvents: () => {
      hidesEvents = false;
      return readEventsSince(since - proxy.ahead);
    },
  };
}
