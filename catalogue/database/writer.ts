import type { Client } from "pg";
import type { Catalogue } from "../define.ts";
import { grantsOf } from "../plan/products.ts";
import type { DatabaseState } from "../state.ts";

/** Stripe's ids by the file's keys. */
export interface StripeIds {
  readonly products: ReadonlyMap<string, string>;
  readonly prices: ReadonlyMap<string, string>;
  /** The account's; null where the key may not read it. */
  readonly account: string | null;
}

/** Ids of rows by the file's keys. */
type Ids = Map<string, string>;

/** Writes one row after the other as the catalogue has it, and knows the ids of those that the next ones refer to. */
export class Writer {
  readonly #client: Client;
  readonly #catalogue: Catalogue;
  readonly #stripeIds: StripeIds;
  readonly #features: Ids;
  readonly #products: Ids;
  readonly #productOf: ReadonlyMap<string, string>;
  #organizationId: string;

  constructor(client: Client, catalogue: Catalogue, state: DatabaseState, stripeIds: StripeIds) {
    this.#client = client;
    this.#catalogue = catalogue;
    this.#stripeIds = stripeIds;
    this.#organizationId = state.organization?.id ?? "";
    this.#features = new Map(state.features.map(({ key, id }) => [key, id]));
    this.#products = new Map(
      state.products.flatMap(({ key, id }) => key === null ? [] : [[key, id]]),
    );
    this.#productOf = new Map(
      Object.entries(catalogue.products).flatMap(([product, { prices }]) =>
        Object.keys(prices).map((price) => [price, product])
      ),
    );
  }

  async organization(livemode: boolean): Promise<void> {
    const { organization: one } = this.#catalogue;
    this.#organizationId = await this.#id(
      `insert into billing.organizations as o (key, name, livemode, stripe_account_id, application_fee_bps,
         past_due_grace_days, dispute_policy, tax_enabled, auth_users, catalogue_account_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (key) do update set name = excluded.name, stripe_account_id = excluded.stripe_account_id,
         catalogue_account_id = coalesce(excluded.catalogue_account_id, o.catalogue_account_id),
         application_fee_bps = excluded.application_fee_bps, past_due_grace_days = excluded.past_due_grace_days,
         dispute_policy = excluded.dispute_policy, tax_enabled = excluded.tax_enabled,
         auth_users = excluded.auth_users
       returning id`,
      [
        one.key,
        one.name,
        livemode,
        one.stripeAccount,
        one.applicationFeeBps,
        one.pastDueGraceDays,
        one.disputePolicy,
        one.taxEnabled,
        one.authUsers,
        this.#stripeIds.account,
      ],
    );
  }

  async feature(key: string): Promise<void> {
    const id = await this.#id(
      `insert into billing.features (organization_id, key, name) values ($1, $2, $3)
       on conflict (organization_id, key) do update set name = excluded.name returning id`,
      [this.#organizationId, key, this.#catalogue.features[key]?.name],
    );
    this.#features.set(key, id);
  }

  /** @param isSoldAtStripe whether Stripe is known to sell it, whatever it has said before */
  async product(
    key: string,
    id: string = crypto.randomUUID(),
    isSoldAtStripe = true,
  ): Promise<void> {
    const { name, description, highlighted } = of(this.#catalogue.products, key);
    await this.#client.query(
      `insert into billing.products as p (id, organization_id, key, name, description, stripe_product_id, metadata)
       values ($1, $2, $3, $4, $5, $6, case when $7 then '{"highlighted": true}' else '{}' end::jsonb)
       on conflict (id) do update set key = excluded.key, name = excluded.name, description = excluded.description,
         active = true, archived_at = null, stripe_active = p.stripe_active or $8,
         stripe_product_id = excluded.stripe_product_id,
         metadata = (p.metadata - 'highlighted') || excluded.metadata`,
      [
        id,
        this.#organizationId,
        key,
        name,
        description,
        this.#stripeIds.products.get(key),
        highlighted,
        isSoldAtStripe,
      ],
    );
    this.#products.set(key, id);
    const grants = grantsOf(this.#catalogue, key);
    const features = grants.map((grant) => of(Object.fromEntries(this.#features), grant.key));
    await this.#client.query(
      "delete from billing.product_features where product_id = $1 and feature_id <> all ($2::uuid[])",
      [id, features],
    );
    await this.#client.query(
      `insert into billing.product_features (product_id, feature_id, quantity, per_seat, position)
       select $1, granted.* from unnest($2::uuid[], $3::bigint[], $4::boolean[], $5::integer[]) granted
       on conflict (product_id, feature_id) do update set quantity = excluded.quantity,
         per_seat = excluded.per_seat, position = excluded.position`,
      [
        id,
        features,
        grants.map(({ quantity }) => quantity),
        grants.map(({ perSeat }) => perSeat),
        grants.map((_, index) => index + 1),
      ],
    );
  }

  /** @param isSoldAtStripe as of `product` */
  async price(
    key: string,
    id: string = crypto.randomUUID(),
    isSoldAtStripe = true,
  ): Promise<void> {
    const product = this.#productOf.get(key) ?? "";
    const one = of(of(this.#catalogue.products, product).prices, key);
    await this.#client.query(
      `insert into billing.product_prices as pr (id, product_id, organization_id, key, currency, unit_amount,
         recurring_interval, recurring_interval_count, trial_days, min_quantity, max_quantity, stripe_price_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict (id) do update set key = excluded.key, trial_days = excluded.trial_days,
         min_quantity = excluded.min_quantity, max_quantity = excluded.max_quantity, active = true,
         archived_at = null, stripe_active = pr.stripe_active or $13, stripe_price_id = excluded.stripe_price_id`,
      [
        id,
        this.#products.get(product),
        this.#organizationId,
        key,
        one.currency,
        one.amount,
        one.interval,
        one.intervalCount,
        one.trialDays,
        one.seats.min,
        one.seats.max,
        this.#stripeIds.prices.get(key),
        isSoldAtStripe,
      ],
    );
  }

  /** The row stays with the checkouts and subscriptions that have it, and sells nothing any more. */
  async releaseKey(id: string): Promise<void> {
    await this.archive("product_prices", id);
    await this.#client.query("update billing.product_prices set key = null where id = $1", [id]);
  }

  async archive(table: "products" | "product_prices", id: string): Promise<void> {
    await this.#client.query(
      `update billing.${table} set active = false, archived_at = coalesce(archived_at, clock_timestamp())
       where id = $1`,
      [id],
    );
  }

  async discount(key: string, id: string = crypto.randomUUID()): Promise<void> {
    const one = of(this.#catalogue.discounts, key);
    await this.#client.query(
      `insert into billing.discounts (id, organization_id, key, code, percent_off, amount_off, currency, duration,
         duration_in_months, product_id, first_time_only, max_redemptions, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       on conflict (id) do update set key = excluded.key, code = excluded.code, percent_off = excluded.percent_off,
         amount_off = excluded.amount_off, currency = excluded.currency, duration = excluded.duration,
         duration_in_months = excluded.duration_in_months, product_id = excluded.product_id,
         first_time_only = excluded.first_time_only, max_redemptions = excluded.max_redemptions,
         expires_at = excluded.expires_at, active = true`,
      [
        id,
        this.#organizationId,
        key,
        one.code,
        one.percentOff,
        one.amountOff,
        one.currency,
        one.duration,
        one.months,
        one.product === undefined ? null : this.#products.get(one.product),
        one.firstTimeOnly,
        one.maxRedemptions,
        one.expiresAt,
      ],
    );
  }

  /** Ends them: what comes to have one of their codes finds it free, also where two change codes with each other. */
  async endDiscounts(ids: readonly string[]): Promise<void> {
    await this.#client.query("update billing.discounts set active = false where id = any ($1)", [
      ids,
    ]);
  }

  async #id(sql: string, values: unknown[]): Promise<string> {
    const { rows: [row] } = await this.#client.query<{ id: string }>(sql, values);
    if (row === undefined) throw new Error("a row was not written");
    return row.id;
  }
}

function of<Value>(record: Readonly<Record<string, Value>>, key: string): Value {
  const value = record[key];
  if (value === undefined) throw new Error(`the catalogue has no ${key}`);
  return value;
}
