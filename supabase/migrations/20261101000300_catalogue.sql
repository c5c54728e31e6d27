-- What Stripe says of currencies: https://docs.stripe.com/currencies; shared/domain/currencies.ts holds the same, and a test
-- holds the two equal.

-- Amounts that can be charged are multiples of this, in minor units: the last of three decimals is always zero, and krona
-- and shilling have no decimals in fact but are written with two.
create function billing_private.charge_step(p_currency text) returns bigint
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case
    when p_currency in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 10
    when p_currency in ('isk', 'ugx') then 100
    else 1
  end;
end;
$$;

-- The least charge, in minor units. For a currency that is not listed it depends on the rate of exchange, and Stripe says so
-- when it is asked for the intent.
create function billing_private.minimum_charge(p_currency text) returns bigint
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case p_currency
    when 'aed' then 200
    when 'aud' then 50
    when 'bgn' then 100
    when 'brl' then 50
    when 'cad' then 50
    when 'chf' then 50
    when 'czk' then 1500
    when 'dkk' then 250
    when 'eur' then 50
    when 'gbp' then 30
    when 'hkd' then 400
    when 'huf' then 17500
    when 'inr' then 50
    when 'jpy' then 50
    when 'mxn' then 1000
    when 'myr' then 200
    when 'nok' then 300
    when 'nzd' then 50
    when 'pln' then 200
    when 'ron' then 200
    when 'sek' then 300
    when 'sgd' then 50
    when 'thb' then 1000
    when 'usd' then 50
    else billing_private.charge_step(p_currency)
  end;
end;
$$;

-- Keys are what a catalogue's file calls its products, prices and discounts; a row that no file has made may lack one.
create table billing.products (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  key text,
  name text not null,
  description text,
  -- Its owner's word.
  active boolean not null default true,
  -- Taken out of the catalogue by its owner.
  archived_at timestamptz,
  -- Stripe's word, which its news alone writes, and a push that has read it: neither puts on sale what the other does not sell.
  stripe_active boolean not null default true,
  on_sale boolean not null generated always as (active and stripe_active) stored,
  stripe_product_id text,
  metadata jsonb not null default '{}',
  -- Rises with every write; who read Stripe under an older revision reads again.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint products_pkey primary key (id),
  -- Its prices refer to both, so that a price's organization is its product's.
  constraint products_id_organization_id_key unique (id, organization_id),
  constraint products_organization_id_key_key unique (organization_id, key),
  constraint products_key_form check (key ~ '^[a-z0-9][a-z0-9_.-]{0,63}$'),
  constraint products_archived_is_not_active check (archived_at is null or not active),
  constraint products_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint products_name_length check (length(name) between 1 and 250)
);
create index products_stripe_product_id_idx on billing.products (stripe_product_id);
alter table billing.products enable row level security;
grant select, insert, update, delete on billing.products to service_role;
create trigger products_touch before update on billing.products
  for each row execute function billing_private.touch_updated_at();
create trigger products_revise before update on billing.products
  for each row execute function billing_private.raise_revision();

create table billing.product_prices (
  id uuid not null default gen_random_uuid(),
  product_id uuid not null,
  -- The product's, filled in where it is left out.
  organization_id uuid not null,
  -- One price has it at a time: when what it costs changes, another row takes it over.
  key text,
  currency text not null,
  -- In the currency's minor unit: cents for usd, whole yen for jpy. Zero is a free price.
  unit_amount bigint not null,
  recurring_interval text not null,
  recurring_interval_count integer not null default 1,
  trial_days integer not null default 0,
  -- How many seats one subscription may have; a maximum of null is no bound. The browser says how many, so a price sells
  -- more than one only where its owner has said so.
  min_quantity integer not null default 1,
  max_quantity integer default 1,
  -- Its owner's word, and Stripe's: as of a product.
  active boolean not null default true,
  -- Taken out of the catalogue by its owner, or replaced.
  archived_at timestamptz,
  stripe_active boolean not null default true,
  on_sale boolean not null generated always as (active and stripe_active) stored,
  stripe_price_id text,
  metadata jsonb not null default '{}',
  -- Rises with every write; who read Stripe under an older revision reads again.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_prices_pkey primary key (id),
  constraint product_prices_product_id_fkey foreign key (product_id, organization_id)
    references billing.products (id, organization_id) on delete cascade,
  constraint product_prices_organization_id_key_key unique (organization_id, key),
  -- No id of a price is another's key: whoever buys may name a price by either.
  constraint product_prices_key_form check (
    key ~ '^[a-z0-9][a-z0-9_.-]{0,63}$' and key !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  ),
  constraint product_prices_archived_is_not_active check (archived_at is null or not active),
  constraint product_prices_currency_form check (currency ~ '^[a-z]{3}$'),
  -- Stripe's own limit on an amount is eight digits (twelve for a few currencies):
  -- https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
  constraint product_prices_unit_amount_range check (unit_amount between 0 and 999999999999),
  constraint product_prices_unit_amount_chargeable check (unit_amount % billing_private.charge_step(currency) = 0),
  constraint product_prices_recurring_interval_known check (recurring_interval in ('day', 'week', 'month', 'year')),
  -- Stripe allows at most three years between two invoices.
  constraint product_prices_recurring_interval_count_range check (
    recurring_interval_count between 1 and
      case recurring_interval when 'day' then 1095 when 'week' then 156 when 'month' then 36 else 3 end
  ),
  -- https://docs.stripe.com/api/subscriptions/create: a trial lasts at most two years.
  constraint product_prices_trial_days_range check (trial_days between 0 and 730),
  constraint product_prices_quantity_range check (min_quantity >= 1 and max_quantity >= min_quantity)
);
create index product_prices_product_id_idx on billing.product_prices (product_id, organization_id);
create index product_prices_stripe_price_id_idx on billing.product_prices (stripe_price_id);
alter table billing.product_prices enable row level security;
grant select, insert, update, delete on billing.product_prices to service_role;
create trigger product_prices_touch before update on billing.product_prices
  for each row execute function billing_private.touch_updated_at();
create trigger product_prices_revise before update on billing.product_prices
  for each row execute function billing_private.raise_revision();

create function billing_private.belong_to_organization() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  select p.organization_id into new.organization_id from billing.products p where p.id = new.product_id;
  return new;
end;
$$;
create trigger product_prices_belong before insert on billing.product_prices
  for each row when (new.organization_id is null)
  execute function billing_private.belong_to_organization();

create table billing.features (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  key text not null,
  name text not null,
  created_at timestamptz not null default now(),
  constraint features_pkey primary key (id),
  constraint features_organization_id_key_key unique (organization_id, key),
  constraint features_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint features_key_form check (key ~ '^[a-z0-9][a-z0-9_.-]{0,99}$')
);
alter table billing.features enable row level security;
grant select, insert, update, delete on billing.features to service_role;

create table billing.product_features (
  product_id uuid not null,
  feature_id uuid not null,
  -- How much of the feature the product grants; null is no limit.
  quantity bigint,
  -- Whether the quantity is for each seat of the subscription or for all of them together.
  per_seat boolean not null default false,
  position integer not null default 0,
  constraint product_features_pkey primary key (product_id, feature_id),
  constraint product_features_product_id_fkey foreign key (product_id)
    references billing.products (id) on delete cascade,
  constraint product_features_feature_id_fkey foreign key (feature_id)
    references billing.features (id) on delete cascade,
  -- The largest integer that every reader of JSON has (2^53 - 1); who means no limit leaves it out.
  constraint product_features_quantity_range check (quantity between 0 and 9007199254740991)
);
create index product_features_feature_id_idx on billing.product_features (feature_id);
alter table billing.product_features enable row level security;
grant select, insert, update, delete on billing.product_features to service_role;

create table billing.discounts (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  key text,
  -- What a customer types; the key stays when it becomes another.
  code text not null,
  percent_off numeric(5, 2),
  amount_off bigint,
  currency text,
  duration text not null default 'once',
  duration_in_months integer,
  product_id uuid,
  first_time_only boolean not null default false,
  max_redemptions integer,
  expires_at timestamptz,
  active boolean not null default true,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint discounts_pkey primary key (id),
  constraint discounts_organization_id_key_key unique (organization_id, key),
  constraint discounts_key_form check (key ~ '^[a-z0-9][a-z0-9_.-]{0,63}$'),
  constraint discounts_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint discounts_product_id_fkey foreign key (product_id)
    references billing.products (id) on delete cascade,
  constraint discounts_one_kind check (num_nonnulls(percent_off, amount_off) = 1),
  constraint discounts_percent_off_range check (percent_off > 0 and percent_off <= 100),
  constraint discounts_amount_off_range check (amount_off > 0),
  constraint discounts_amount_off_chargeable check (amount_off % billing_private.charge_step(currency) = 0),
  constraint discounts_duration_in_months_range check (duration_in_months between 1 and 120),
  constraint discounts_code_form check (code = btrim(code) and length(code) between 1 and 100),
  constraint discounts_amount_off_currency check ((amount_off is null) = (currency is null)),
  constraint discounts_duration_known check (duration in ('once', 'repeating', 'forever')),
  constraint discounts_duration_in_months check ((duration = 'repeating') = (duration_in_months is not null)),
  constraint discounts_max_redemptions_range check (max_redemptions > 0)
);
-- A customer types the code by hand: case does not matter. One that has ended leaves its code to another.
create unique index discounts_organization_id_code_key on billing.discounts (organization_id, lower(code)) where active;
create index discounts_product_id_idx on billing.discounts (product_id);
alter table billing.discounts enable row level security;
grant select, insert, update, delete on billing.discounts to service_role;
