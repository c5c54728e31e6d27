-- How far each Stripe account has been read: events that were not delivered, and intents that no session knows.
create table billing.stripe_cursors (
  stripe_account_id text not null,
  events_until timestamptz not null,
  intents_until timestamptz not null,
  checked_at timestamptz not null default now(),
  livemode boolean not null default false,
  constraint stripe_cursors_pkey primary key (stripe_account_id, livemode)
);
comment on column billing.stripe_cursors.stripe_account_id is 'empty for the platform''s own account';
comment on column billing.stripe_cursors.checked_at is
  'when it was last read, or until when it is left alone: infinity while there is nothing of ours to read, or we may not';
create index stripe_cursors_checked_at_idx on billing.stripe_cursors (livemode, checked_at);
alter table billing.stripe_cursors enable row level security;
grant select on billing.stripe_cursors to service_role;

-- An account is read from the first moment that anything can have happened there: written down when an organization begins to
-- sell on it, so that no run has to look for new ones among all.
create function billing_private.begin_cursor() returns trigger
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  insert into billing.stripe_cursors as c (stripe_account_id, livemode, events_until, intents_until, checked_at)
  values (coalesce(new.stripe_account_id, ''), new.livemode, new.created_at, new.created_at, '-infinity')
  -- One that rests goes on from where it was. The row is locked in any case, for whoever is just putting it to rest.
  on conflict on constraint stripe_cursors_pkey do update set checked_at = excluded.checked_at
  where c.checked_at = 'infinity' and not exists (
    select from billing.stripe_accounts a
    where a.stripe_account_id = c.stripe_account_id and a.deauthorized_at is not null
  );
  return null;
end;
$$;
create trigger organizations_begin_cursor after insert or update of stripe_account_id, livemode on billing.organizations
  for each row execute function billing_private.begin_cursor();

-- An account rests once its last organization has left it, unless it still bills a subscription of ours.
create function billing_private.end_cursor() returns trigger
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_account constant text := coalesce(old.stripe_account_id, '');
begin
  -- Whoever begins to sell there at this instant is waited for, and then seen.
  perform from billing.stripe_cursors c
  where c.stripe_account_id = v_account and c.livemode = old.livemode for update;
  update billing.stripe_cursors c set checked_at = 'infinity'
  where c.stripe_account_id = v_account and c.livemode = old.livemode
    and not exists (
      select from billing.organizations o
      where o.stripe_account_id is not distinct from old.stripe_account_id and o.livemode = old.livemode
    )
    and not exists (
      select from billing.subscriptions sub
      where sub.livemode = old.livemode and coalesce(sub.stripe_account_id, '') = v_account
        and sub.due_at is not null
    );
  return null;
end;
$$;
create trigger organizations_end_cursor after delete or update of stripe_account_id, livemode on billing.organizations
  for each row execute function billing_private.end_cursor();

-- An account that we may not read any more is left alone, so that no claim has to pass over it; what it could tell waits
-- until it is back.
create function billing_private.rest_cursor() returns trigger
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.stripe_cursors c
  set checked_at = case when new.deauthorized_at is null then '-infinity'::timestamptz else 'infinity' end
  where c.stripe_account_id = new.stripe_account_id;
  return null;
end;
$$;
create trigger stripe_accounts_begin_rest after insert on billing.stripe_accounts
  for each row when (new.deauthorized_at is not null) execute function billing_private.rest_cursor();
create trigger stripe_accounts_rest after update on billing.stripe_accounts
  for each row when ((old.deauthorized_at is null) <> (new.deauthorized_at is null))
  execute function billing_private.rest_cursor();

-- Takes up the account that was read longest ago; null where none is due. Times in Unix seconds.
create function billing.claim_account(p_interval_seconds integer, p_livemode boolean) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.stripe_cursors c set checked_at = clock_timestamp()
    where c.livemode = p_livemode and c.stripe_account_id = any (array(
      select due.stripe_account_id from billing.stripe_cursors due
      where due.livemode = p_livemode
        and due.checked_at <= statement_timestamp() - make_interval(secs => p_interval_seconds)
        -- One that was gone before anybody sold on it. Looked up one by one: of a join the planner may read all.
        and (select a.deauthorized_at from billing.stripe_accounts a
          where a.stripe_account_id = due.stripe_account_id) is null
      order by due.checked_at
      limit 1
      for update skip locked
    ))
    returning c.*
  )
  select jsonb_build_object(
    'stripeAccountId', nullif(c.stripe_account_id, ''),
    'eventsUntil', floor(extract(epoch from c.events_until)),
    'intentsUntil', floor(extract(epoch from c.intents_until))
  ) from claimed c;
$$;

-- A cursor only goes forward, and not beyond now, whatever the caller's clock says: it would skip what is still to come. Of
-- events not beyond what is so old that a delivery of it is known to have failed or not.
create function billing.advance_account(
  p_stripe_account_id text,
  p_livemode boolean,
  p_events_until bigint default null,
  p_intents_until bigint default null
) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.stripe_cursors c
  -- Of a null and a time, least() is the time.
  set events_until = greatest(c.events_until,
      least(coalesce(to_timestamp(p_events_until), '-infinity'), clock_timestamp() - interval '15 minutes')),
    intents_until = greatest(c.intents_until,
      least(coalesce(to_timestamp(p_intents_until), '-infinity'), clock_timestamp()))
  where c.stripe_account_id = p_stripe_account_id and c.livemode = p_livemode;
$$;

-- Those of the given intents that no session has taken.
create function billing.unknown_intents(p_stripe_payment_intent_ids text[]) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select coalesce(jsonb_agg(given.id), '[]')
  from unnest(p_stripe_payment_intent_ids) given(id)
  where not exists (
    select from billing.payment_intents p where p.stripe_payment_intent_id = given.id
  );
$$;
