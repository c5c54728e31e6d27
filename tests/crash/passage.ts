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

const timesOf = (shop: Shop, table: string): Promise<string[]> =>
  shop.query<{ column_name: string }>(
    `select column_name from information_schema.columns
     where table_schema = 'billing' and table_name = $1 and data_type = 'timestamp with time zone'
       and is_generated = 'NEVER'`,
    [table],
  ).then((rows) => rows.map(({ column_name }) => column_name));

/** Begins a new time, in which nothing that went before is due. */
export async function openPassage({ proxy }: Ground, shop: Shop, user: string): Promise<Passage> {
  const since = await passAtStripe(shop, 1);
  const account = shop.account ?? "";
  proxy.ahead = since - Math.floor(Date.now() / 1000);
  await shop.query(
    "update billing.checkout_sessions set checked_at = now() + interval '1 day' where status <> 'succeeded'",
  );
  await shop.query(
    "update billing.webhook_events set next_attempt_at = now() + interval '1 day' where status <> 'processed'",
  );
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
      // No trigger may take this for a change.
      await shop.query("set session_replication_role = replica");
      const ago = `make_interval(secs => ${seconds})`;
      for (const [table, isCustomers] of OWN_TABLES) {
        const columns = await timesOf(shop, table);
        const shifts = columns.map((column) => `${column} = t.${column} - ${ago}`).join(", ");
        await shop.query(`update billing.${table} t set ${shifts} where ${isCustomers}`, [user]);
      }
      await shop.query(
        `update billing.webhook_events set leased_until = leased_until - ${ago},
           next_attempt_at = next_attempt_at - ${ago}
         where status in ('received', 'processing')`,
      );
      await shop.query(
        `update billing.stripe_cursors set checked_at = checked_at - ${ago},
           events_until = events_until - ${ago}, intents_until = intents_until - ${ago}
         where stripe_account_id = $1`,
        [account],
      );
      await shop.query("set session_replication_role = origin");
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
