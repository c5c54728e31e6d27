import type { Client } from "pg";
import type Stripe from "stripe";

interface PriceRow {
  readonly id: string;
  readonly currency: string;
  readonly amount: string;
  readonly interval: Stripe.PriceCreateParams.Recurring.Interval;
  readonly interval_count: number;
  readonly product_id: string;
  readonly product_name: string;
  readonly product_description: string | null;
  readonly stripe_product_id: string | null;
  readonly account: string | null;
}

/** Makes each product and price that has no id at Stripe yet, on the organization's account, and writes the ids back. */
export async function connectPrices(client: Client, stripe: Stripe): Promise<void> {
  const { rows } = await client.query<PriceRow>(
    `select price.id, price.currency, price.unit_amount as amount,
            price.recurring_interval as interval, price.recurring_interval_count as interval_count,
            product.id as product_id, product.name as product_name,
            product.description as product_description, product.stripe_product_id,
            organization.stripe_account_id as account
       from billing.product_prices price
       join billing.products product on product.id = price.product_id
       join billing.organizations organization on organization.id = product.organization_id
      where price.stripe_price_id is null
      order by price.id`,
  );
  const products = new Map<string, string>();
  for (const row of rows) {
    const options = row.account === null ? {} : { stripeAccount: row.account };
    const product = row.stripe_product_id ?? products.get(row.product_id) ??
      await createProduct(stripe, row, options);
    const price = await createPrice(stripe, row, product, options);
    products.set(row.product_id, product);
    await client.query(
      `update billing.products set stripe_product_id = $2 where id = $1 and stripe_product_id is null`,
      [row.product_id, product],
    );
    await client.query(`update billing.product_prices set stripe_price_id = $2 where id = $1`, [
      row.id,
      price.id,
    ]);
  }
}

async function createProduct(stripe: Stripe, row: PriceRow, options: Stripe.RequestOptions) {
  const { id } = await stripe.products.create({
    name: row.product_name,
    ...(row.product_description === null ? {} : { description: row.product_description }),
    metadata: { product_id: row.product_id },
  }, options);
  return id;
}

function createPrice(
  stripe: Stripe,
  row: PriceRow,
  product: string,
  options: Stripe.RequestOptions,
) {
  return stripe.prices.create({
    product,
    currency: row.currency,
    unit_amount: Number(row.amount),
    // Stripe Tax adds to it, as the checkout does to the first period.
    tax_behavior: "exclusive",
    recurring: { interval: row.interval, interval_count: row.interval_count },
    lookup_key: row.id,
    transfer_lookup_key: true,
    metadata: { price_id: row.id },
  }, options);
}
