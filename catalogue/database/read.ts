import type { Client } from "pg";
import type {
  DatabaseState,
  DiscountRow,
  OrganizationRow,
  PriceRow,
  ProductRow,
} from "../state.ts";

/**
 * The catalogue of the organization with that key, as the database has it. Amounts come as numbers: the columns hold fewer digits
 * than a double has.
 */
export async function readDatabase(client: Client, key: string): Promise<DatabaseState> {
  const rows = async <Row extends object>(sql: string, values: unknown[]) =>
    (await client.query<Row>(sql, values)).rows;
  const organization = await readOrganization(client, key);
  const usersElsewhere = await rows<DatabaseState["usersElsewhere"][number]>(
    `select o.name, o.livemode from billing.organizations o
     where o.auth_users <> 'off' and o.key is distinct from $1`,
    [key],
  );
  if (organization === null) {
    return {
      organization: null,
      usersElsewhere,
      features: [],
      products: [],
      prices: [],
      discounts: [],
    };
  }
  const of = [organization.id];
  return {
    organization,
    usersElsewhere,
    features: await rows(
      "select f.id, f.key, f.name from billing.features f where f.organization_id = $1",
      of,
    ),
    products: await rows<ProductRow>(
      `select p.id, p.key, p.name, p.description, p.metadata -> 'highlighted' = 'true' is true as highlighted,
         p.active, p.archived_at is not null as archived, p.stripe_active as "stripeActive", p.stripe_product_id as "stripeId",
         (select coalesce(json_agg(json_build_object(
              'key', f.key, 'quantity', pf.quantity, 'perSeat', pf.per_seat) order by pf.position, f.key), '[]')
          from billing.product_features pf join billing.features f on f.id = pf.feature_id
          where pf.product_id = p.id) as features
       from billing.products p where p.organization_id = $1 order by p.created_at, p.id`,
      of,
    ),
    prices: await rows<PriceRow>(
      `select pr.id, pr.key, pr.product_id as "productId", pr.currency, pr.unit_amount::float8 as amount,
         pr.recurring_interval as interval, pr.recurring_interval_count as "intervalCount",
         pr.trial_days as "trialDays", pr.min_quantity as "minSeats", pr.max_quantity as "maxSeats",
         pr.active, pr.archived_at is not null as archived, pr.stripe_active as "stripeActive", pr.stripe_price_id as "stripeId",
         (select count(*)::int from billing.checkout_sessions s
          where s.price_id = pr.id and s.status in ('open', 'requires_action', 'processing')) as "openCheckouts"
       from billing.product_prices pr where pr.organization_id = $1 order by pr.created_at, pr.id`,
      of,
    ),
    discounts: await rows<DiscountRow>(
      `select d.id, d.key, d.code, d.percent_off::float8 as "percentOff", d.amount_off::float8 as "amountOff", d.currency,
         d.duration, d.duration_in_months as months, d.product_id as "productId",
         d.first_time_only as "firstTimeOnly", d.max_redemptions as "maxRedemptions",
         billing_private.iso(d.expires_at) as "expiresAt", d.active
       from billing.discounts d where d.organization_id = $1 order by d.created_at, d.id`,
      of,
    ),
  };
}

/** The settings of the organization with that key; null where there is none. */
async function readOrganization(
  client: Client,
  key: string,
): Promise<OrganizationRow | null> {
  const { rows: [row] } = await client.query<OrganizationRow>(
    `select o.id, o.name, o.livemode, o.stripe_account_id as "stripeAccount",
       o.catalogue_account_id as "catalogueAccount",
       o.application_fee_bps as "applicationFeeBps", o.past_due_grace_days as "pastDueGraceDays",
       o.dispute_policy as "disputePolicy", o.tax_enabled as "taxEnabled", o.auth_users as "authUsers"
     from billing.organizations o where o.key = $1`,
    [key],
  );
  return row ?? null;
}

/** The same of a database that may not be deployed to yet. */
export async function findOrganization(client: Client, key: string) {
  const { rows: [table] } = await client.query<{ readonly isThere: boolean }>(
    `select to_regclass('billing.organizations') is not null as "isThere"`,
  );
  return table?.isThere === true ? readOrganization(client, key) : null;
}
