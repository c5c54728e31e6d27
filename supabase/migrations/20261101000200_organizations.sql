create table billing.organizations (
  id uuid not null default gen_random_uuid(),
  name text not null,
  livemode boolean not null default false,
  -- Null: charges are made on the platform's own Stripe account.
  stripe_account_id text,
  -- The platform's share of each payment on a connected account, in basis points.
  application_fee_bps integer not null default 0,
  -- Days for which a subscription that is past due keeps its features; null: as long as Stripe keeps it past due.
  past_due_grace_days integer,
  -- What an open dispute does to the features: nothing, or they rest until it is decided.
  dispute_policy text not null default 'keep',
  -- Whether Stripe Tax says what is owed besides the price; needs the customer's address.
  tax_enabled boolean not null default false,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organizations_pkey primary key (id),
  constraint organizations_name_length check (length(name) between 1 and 200),
  constraint organizations_application_fee_bps_range check (application_fee_bps between 0 and 10000),
  constraint organizations_past_due_grace_days_range check (past_due_grace_days between 0 and 365),
  constraint organizations_dispute_policy_known check (dispute_policy in ('keep', 'suspend')),
  constraint organizations_stripe_account_id_form check (stripe_account_id ~ '^acct_[A-Za-z0-9]+$'),
  -- Stripe takes an application fee on a connected account's charges only.
  constraint organizations_fee_needs_account check (application_fee_bps = 0 or stripe_account_id is not null)
);
create index organizations_stripe_account_id_idx on billing.organizations (stripe_account_id);
alter table billing.organizations enable row level security;
grant select, insert, update, delete on billing.organizations to service_role;
create trigger organizations_touch before update on billing.organizations
  for each row execute function billing_private.touch_updated_at();

-- An organization's secret keys. Only a keyed digest is kept: a stolen table opens nothing.
create table billing.api_keys (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  name text not null default 'default',
  prefix text not null,
  digest text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_pkey primary key (id),
  constraint api_keys_digest_key unique (digest),
  constraint api_keys_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint api_keys_prefix_form check (prefix ~ '^sk_(test|live)_[A-Za-z0-9]{4}$')
);
create index api_keys_organization_id_idx on billing.api_keys (organization_id);
alter table billing.api_keys enable row level security;
grant select, insert, update, delete on billing.api_keys to service_role;

-- The token itself is a signed JWS and is not stored; the row lets it be revoked and lets concurrent creates queue.
create table billing.session_tokens (
  id uuid not null,
  organization_id uuid not null,
  api_key_id uuid not null,
  external_user_id text not null,
  external_organization_id text,
  allowed_operations text[] not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  -- When its first checkout was opened with it.
  opened_at timestamptz,
  created_at timestamptz not null default now(),
  constraint session_tokens_pkey primary key (id),
  constraint session_tokens_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint session_tokens_api_key_id_fkey foreign key (api_key_id)
    references billing.api_keys (id) on delete cascade,
  constraint session_tokens_external_user_id_length check (length(external_user_id) between 1 and 255),
  constraint session_tokens_external_organization_id_length check (length(external_organization_id) between 1 and 255),
  constraint session_tokens_lifetime check (expires_at > created_at and expires_at <= created_at + interval '25 hours')
);
create index session_tokens_organization_id_idx on billing.session_tokens (organization_id);
create index session_tokens_api_key_id_idx on billing.session_tokens (api_key_id);
-- What nobody has opened a checkout with is pruned.
create index session_tokens_unopened_idx on billing.session_tokens (expires_at) where opened_at is null;
alter table billing.session_tokens enable row level security;
grant select on billing.session_tokens to service_role;
