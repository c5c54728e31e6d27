create table billing.organizations (
  id uuid not null default gen_random_uuid(),
  name text not null,
  -- What its catalogue is called by, in the file that the catalogue is written in and at Stripe.
  key text,
  livemode boolean not null default false,
  -- Null: charges are made on the platform's own Stripe account.
  stripe_account_id text,
  -- The Stripe account that its catalogue was pushed to, whose ids its products and prices have: the one above, or the platform's own.
  -- Null before the first push, and where its key might not read the account.
  catalogue_account_id text,
  -- The platform's share of each payment on a connected account, of its tax too, in basis points.
  application_fee_bps integer not null default 0,
  -- Days for which a subscription that is past due keeps its features; null: as long as Stripe keeps it past due.
  past_due_grace_days integer,
  -- What an open dispute does to the features: nothing, or they rest until it is decided.
  dispute_policy text not null default 'keep',
  -- Whether Stripe Tax says what is owed besides the price; needs the customer's address.
  tax_enabled boolean not null default false,
  -- Whether the users of the project's own Supabase Auth are its customers, and whether anonymous ones are too.
  auth_users text not null default 'off',
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organizations_pkey primary key (id),
  constraint organizations_key_key unique (key),
  constraint organizations_key_form check (key ~ '^[a-z0-9][a-z0-9_.-]{0,63}$'),
  constraint organizations_name_length check (length(name) between 1 and 200),
  constraint organizations_application_fee_bps_range check (application_fee_bps between 0 and 10000),
  constraint organizations_past_due_grace_days_range check (past_due_grace_days between 0 and 365),
  constraint organizations_dispute_policy_known check (dispute_policy in ('keep', 'suspend')),
  constraint organizations_auth_users_known check (auth_users in ('off', 'users', 'users_and_anonymous')),
  constraint organizations_stripe_account_id_form check (stripe_account_id ~ '^acct_[A-Za-z0-9]+$'),
  constraint organizations_catalogue_account_id_form check (catalogue_account_id ~ '^acct_[A-Za-z0-9]+$'),
  -- Stripe takes an application fee on a connected account's charges only.
  constraint organizations_fee_needs_account check (application_fee_bps = 0 or stripe_account_id is not null)
);
create index organizations_stripe_account_id_idx on billing.organizations (stripe_account_id);
-- A user's own token names no organization: there is one of each mode whose customer that user can be.
create unique index organizations_auth_users_key on billing.organizations (livemode) where auth_users <> 'off';
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

-- What the digest key of this deployment makes of a fixed text: written with the first organization key, so that a later one is not
-- made with another key, under which no function would know it. Tells nothing of the key. Operators alone read it.
create table billing_private.digest_key_check (
  is_only boolean not null default true,
  value text not null,
  written_at timestamptz not null default now(),
  constraint digest_key_check_pkey primary key (is_only),
  constraint digest_key_check_is_only check (is_only)
);
alter table billing_private.digest_key_check enable row level security;

-- The token itself is a signed JWS and is not stored; the row lets it be revoked and lets concurrent creates queue. A session of
-- Supabase Auth that opens a checkout has its row here too, under that session's id and without a key: auth_users.sql.
create table billing.session_tokens (
  id uuid not null,
  organization_id uuid not null,
  api_key_id uuid,
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
  constraint session_tokens_lifetime check (
    expires_at > created_at and (api_key_id is null or expires_at <= created_at + interval '25 hours'))
);
create index session_tokens_organization_id_idx on billing.session_tokens (organization_id);
create index session_tokens_api_key_id_idx on billing.session_tokens (api_key_id);
-- What nobody has opened a checkout with is pruned; but a session of Supabase Auth ends by no clock, so that its revocation stays.
create index session_tokens_unopened_idx on billing.session_tokens (expires_at)
  where opened_at is null and (api_key_id is not null or revoked_at is null);
alter table billing.session_tokens enable row level security;
grant select on billing.session_tokens to service_role;

-- An organization's key is checked and the token's row made in one statement's time; outcomes: issued, unauthorized,
-- rate_limited (with retryAfter, seconds).
create function billing.issue_session_token(
  p_key_digest text,
  p_token_id uuid,
  p_external_user_id text,
  p_allowed_operations text[],
  p_lifetime_seconds integer,
  p_livemode boolean,
  p_external_organization_id text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_key billing.api_keys;
  v_token billing.session_tokens;
  v_wait integer;
begin
  update billing.api_keys k set last_used_at = clock_timestamp()
  from billing.organizations o
  where k.digest = p_key_digest and k.revoked_at is null
    and o.id = k.organization_id and o.livemode = p_livemode
  returning k.* into v_key;
  if not found then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  v_wait := greatest(
    billing_private.count_against('tokens_per_key', v_key.id::text),
    billing_private.count_against(
      'tokens_per_customer', billing_private.customer_subject(v_key.organization_id, p_external_user_id))
  );
  if v_wait is not null then
    return billing_private.rate_limited(v_wait);
  end if;

  insert into billing.session_tokens (
    id, organization_id, api_key_id, external_user_id, external_organization_id, allowed_operations, expires_at
  ) values (
    p_token_id, v_key.organization_id, v_key.id, p_external_user_id, p_external_organization_id, p_allowed_operations,
    date_trunc('second', now()) + make_interval(secs => p_lifetime_seconds)
  ) returning * into v_token;

  return jsonb_build_object(
    'outcome', 'issued',
    'organizationId', v_token.organization_id,
    'expiresAt', billing_private.iso(v_token.expires_at)
  );
end;
$$;

-- Outcomes: revoked (also when it already was), unauthorized, not_found (also for another organization's token).
create function billing.revoke_session_token(p_key_digest text, p_token_id uuid, p_livemode boolean) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organization_id uuid;
  v_revoked_at timestamptz;
begin
  select k.organization_id into v_organization_id
  from billing.api_keys k join billing.organizations o on o.id = k.organization_id
  where k.digest = p_key_digest and k.revoked_at is null and o.livemode = p_livemode;
  if not found then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;

  update billing.session_tokens t set revoked_at = coalesce(t.revoked_at, clock_timestamp())
  where t.id = p_token_id and t.organization_id = v_organization_id
  returning t.revoked_at into v_revoked_at;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  return jsonb_build_object('outcome', 'revoked', 'revokedAt', billing_private.iso(v_revoked_at));
end;
$$;

-- The token of a caller, as long as it lives and its organization is of that mode; a row of nulls otherwise. With p_user_id, which
-- the caller's own token of Supabase Auth names, p_token_id is the id of that user's session there (signed_in_caller).
create function billing_private.living_token(p_token_id uuid, p_livemode boolean, p_user_id uuid default null)
  returns billing.session_tokens
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_token billing.session_tokens;
begin
  if p_user_id is not null then
    return billing_private.signed_in_caller(p_token_id, p_livemode, p_user_id);
  end if;
  select t.* into v_token
  from billing.session_tokens t join billing.organizations o on o.id = t.organization_id
  where t.id = p_token_id and t.api_key_id is not null and t.revoked_at is null and t.expires_at > clock_timestamp() and o.livemode = p_livemode;
  return v_token;
end;
$$;

-- Why a caller may not do what one of a token's operations stands for; null where nothing speaks against it, and then, with the name of
-- a limit, it counts as one more call of the customer. Outcomes: unauthorized (token revoked, expired or unknown: a row of nulls),
-- forbidden (token lacks the operation), rate_limited (with retryAfter, seconds).
create function billing_private.refused_caller(p_token billing.session_tokens, p_operation text, p_limit text default null)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_wait integer;
begin
  if p_token.id is null then
    return jsonb_build_object('outcome', 'unauthorized');
  elsif not p_operation = any (p_token.allowed_operations) then
    return jsonb_build_object('outcome', 'forbidden');
  elsif p_limit is null then
    return null;
  end if;
  v_wait := billing_private.count_against(
    p_limit, billing_private.customer_subject(p_token.organization_id, p_token.external_user_id));
  return case when v_wait is not null then billing_private.rate_limited(v_wait) end;
end;
$$;

-- What Stripe says of the connected accounts of our organizations. An account without a row has never given cause to ask.
create table billing.stripe_accounts (
  stripe_account_id text not null,
  charges_enabled boolean not null,
  -- Stripe no longer lets this platform act for the account.
  deauthorized_at timestamptz,
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  checked_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stripe_accounts_pkey primary key (stripe_account_id),
  constraint stripe_accounts_id_form check (stripe_account_id ~ '^acct_[A-Za-z0-9]+$')
);
create index stripe_accounts_unavailable_idx on billing.stripe_accounts (checked_at)
  where not charges_enabled or deauthorized_at is not null;
alter table billing.stripe_accounts enable row level security;
grant select on billing.stripe_accounts to service_role;
create trigger stripe_accounts_touch before update on billing.stripe_accounts
  for each row execute function billing_private.touch_updated_at();

-- Whether charges can be made there, as far as is known; null is the platform's own account.
create function billing_private.account_takes_payments(p_stripe_account_id text) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  if p_stripe_account_id is null then
    return true;
  end if;
  return not exists (
    select from billing.stripe_accounts a
    where a.stripe_account_id = p_stripe_account_id and (not a.charges_enabled or a.deauthorized_at is not null)
  );
end;
$$;

-- The revision under which a writer is about to read an account, 0 where there is no row yet. Null where no organization
-- sells on it.
create function billing.locate_account(p_stripe_account_id text) returns bigint
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select coalesce(
      (select a.revision from billing.stripe_accounts a where a.stripe_account_id = p_stripe_account_id), 0)
    where exists (select from billing.organizations o where o.stripe_account_id = p_stripe_account_id)
  );
end;
$$;

-- Writes what an account may do. Outcomes: recorded; stale (read again).
create function billing.record_account(
  p_seen_revision bigint,
  p_stripe_account_id text,
  p_charges_enabled boolean,
  p_authorized boolean,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  insert into billing.stripe_accounts as a (stripe_account_id, charges_enabled, deauthorized_at)
  values (p_stripe_account_id, p_charges_enabled, case when not p_authorized then clock_timestamp() end)
  on conflict (stripe_account_id) do update
  set charges_enabled = excluded.charges_enabled,
    deauthorized_at = case when not p_authorized then coalesce(a.deauthorized_at, excluded.deauthorized_at) end,
    revision = a.revision + 1, checked_at = clock_timestamp()
  where a.revision = p_seen_revision;
  if not found then
    return jsonb_build_object('outcome', 'stale');
  end if;
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;

-- Takes up accounts that were found unavailable a while ago: nobody tells for certain that one is back.
create function billing.claim_unavailable_accounts(p_limit integer, p_interval_seconds integer, p_livemode boolean)
  returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.stripe_accounts a set checked_at = clock_timestamp()
    where a.stripe_account_id = any (array(
      select due.stripe_account_id from billing.stripe_accounts due
      where (not due.charges_enabled or due.deauthorized_at is not null)
        and due.checked_at <= statement_timestamp() - make_interval(secs => p_interval_seconds)
        -- Looked up one by one: of a join the planner may read all organizations.
        and (select true from billing.organizations o
          where o.stripe_account_id = due.stripe_account_id and o.livemode = p_livemode limit 1)
      order by due.checked_at
      limit p_limit
      for update skip locked
    ))
    returning a.stripe_account_id
  )
  select coalesce(jsonb_agg(c.stripe_account_id), '[]') from claimed c;
$$;
