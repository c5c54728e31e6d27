-- What Stripe says of the money behind a subscription: its invoices, and disputes about what was paid. Facts only; what
-- they mean for the features is computed from them.

create table billing.invoices (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  stripe_invoice_id text not null,
  stripe_account_id text,
  -- The intent that paid it, or is to pay it; null where nothing was due.
  stripe_payment_intent_id text,
  number text,
  -- Stripe's own words: https://docs.stripe.com/api/invoices/object
  status text not null,
  billing_reason text,
  -- Amounts in the currency's minor unit.
  currency text not null,
  amount_due bigint not null,
  amount_paid bigint not null,
  amount_refunded bigint not null default 0,
  -- What is paid for, as the invoice's lines say.
  period_start timestamptz not null,
  period_end timestamptz not null,
  finalized_at timestamptz,
  paid_at timestamptz,
  attempt_count integer not null default 0,
  next_payment_attempt timestamptz,
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invoices_pkey primary key (id),
  constraint invoices_stripe_invoice_id_key unique (stripe_invoice_id),
  constraint invoices_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint invoices_customer_id_fkey foreign key (customer_id) references billing.customers (id),
  constraint invoices_subscription_id_fkey foreign key (subscription_id)
    references billing.subscriptions (id) on delete cascade,
  constraint invoices_status_known check (status in ('draft', 'open', 'paid', 'uncollectible', 'void')),
  constraint invoices_currency_form check (currency ~ '^[a-z]{3}$'),
  constraint invoices_amounts_range check (amount_due >= 0 and amount_paid >= 0 and amount_refunded >= 0),
  constraint invoices_attempt_count_range check (attempt_count >= 0)
);
create index invoices_organization_id_idx on billing.invoices (organization_id, created_at);
create index invoices_customer_id_idx on billing.invoices (customer_id);
create index invoices_subscription_id_idx on billing.invoices (subscription_id, paid_at);
create index invoices_stripe_payment_intent_id_idx on billing.invoices (stripe_payment_intent_id);
alter table billing.invoices enable row level security;
grant select on billing.invoices to service_role;
create trigger invoices_touch before update on billing.invoices
  for each row execute function billing_private.touch_updated_at();

create table billing.disputes (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  -- What is disputed: a checkout's payment, or an invoice's.
  payment_intent_id uuid,
  invoice_id uuid,
  stripe_dispute_id text not null,
  stripe_charge_id text not null,
  stripe_account_id text,
  -- Stripe's own words: https://docs.stripe.com/api/disputes/object
  status text not null,
  reason text not null,
  amount bigint not null,
  currency text not null,
  opened_at timestamptz not null,
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint disputes_pkey primary key (id),
  constraint disputes_stripe_dispute_id_key unique (stripe_dispute_id),
  constraint disputes_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint disputes_payment_intent_id_fkey foreign key (payment_intent_id)
    references billing.payment_intents (id) on delete cascade,
  constraint disputes_invoice_id_fkey foreign key (invoice_id) references billing.invoices (id) on delete cascade,
  constraint disputes_one_payment check (num_nonnulls(payment_intent_id, invoice_id) = 1),
  constraint disputes_amount_range check (amount >= 0),
  constraint disputes_currency_form check (currency ~ '^[a-z]{3}$')
);
create index disputes_organization_id_idx on billing.disputes (organization_id, created_at);
create index disputes_payment_intent_id_idx on billing.disputes (payment_intent_id);
create index disputes_invoice_id_idx on billing.disputes (invoice_id);
alter table billing.disputes enable row level security;
grant select on billing.disputes to service_role;
create trigger disputes_touch before update on billing.disputes
  for each row execute function billing_private.touch_updated_at();

-- What a dispute means for the money that it is about, as shared/domain/disputes.ts says it.
create function billing_private.dispute_stage(p_status text) returns text
  language sql immutable parallel safe
  set search_path = ''
  return case
    when starts_with(p_status, 'warning_') or p_status in ('won', 'prevented') then 'none'
    when p_status in ('needs_response', 'under_review') then 'open'
    else 'lost'
  end;
