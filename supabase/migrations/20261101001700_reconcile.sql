-- What reconcile takes up. Every claim is one statement that skips what another run holds, so that any number of runs may
-- go at once. Each reads the index of what is due and nothing else, however much there ever was: hence statement_timestamp(),
-- for a clock that may move on within the statement cannot bound an index scan. Its rows are then named one by one (= any):
-- of a join with as many rows as a parameter says the planner may think that reading all is cheaper.

-- How far each Stripe account has been read: events that were not delivered, and intents that no session knows.
create table billing.stripe_cursors (
  stripe_account_id text not null,
  events_until timestamptz not null,
  intents_until timestamptz not null,
  checked_at timestamptz not null default now(),
  livemode boolean not null,
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
        and sub.reread_at is not null
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

-- Those of the given intents that no session has taken, and that one of our organizations was to have, as each intent's metadata
-- says: on one Stripe account there may be the checkouts of several databases, and those of another are not ours to end.
create function billing.unknown_intents(p_stripe_payment_intent_ids text[], p_organization_ids text[]) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select coalesce(jsonb_agg(given.id), '[]')
  from unnest(p_stripe_payment_intent_ids, p_organization_ids) given(id, organization_id)
  where not exists (
    select from billing.payment_intents p where p.stripe_payment_intent_id = given.id
  ) and exists (
    -- Its text is a stranger's; the case keeps what is no id from being cast.
    select from billing.organizations o
    where o.id = case when given.organization_id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
      then given.organization_id::uuid end
  );
$$;

-- Takes up sessions that are due, those that have waited longest first.
create function billing.claim_sessions(p_limit integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.checkout_sessions s set checked_at = clock_timestamp()
    where s.id = any (array(
      select due.id from billing.checkout_sessions due
      where due.repair_at <= statement_timestamp()
      order by due.repair_at
      limit p_limit
      for update skip locked
    ))
    returning s.id
  )
  select coalesce(jsonb_agg(c.id), '[]') from claimed c;
$$;

-- Whether it is worth a look at Stripe for somebody who asks about this one session: where it is due, and now and then
-- where it is open, for its customer may have paid past our confirm.
create function billing_private.may_look(s billing.checkout_sessions) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return coalesce(s.repair_at <= clock_timestamp(), false)
    or (s.status = 'open' and s.expires_at > clock_timestamp()
      and s.updated_at <= clock_timestamp() - interval '3 seconds'
      and coalesce(s.checked_at, s.created_at) <= clock_timestamp() - interval '20 seconds');
end;
$$;

-- One session that a caller asks about; true for one caller at a time, every few seconds.
create function billing.claim_session(p_session_id uuid) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set checked_at = clock_timestamp()
  where s.id = (
    select c.id from billing.checkout_sessions c
    where c.id = p_session_id and billing_private.may_look(c)
    for update skip locked
  );
  return found;
end;
$$;

-- Ends a session that came to its expiry without ever having an intent: there is nothing at Stripe to ask.
create function billing.expire_bare_session(p_session_id uuid) returns void
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  perform from billing.checkout_sessions s
  where s.id = p_session_id and s.status = 'open' and s.payment_intent_id is null
    and s.expires_at <= clock_timestamp()
  for update;
  if found then
    perform billing_private.move_session(p_session_id, 'expired');
  end if;
end;
$$;

-- What becomes of a connected account that its merchant took away from the platform: nothing on it can be read or ended
-- any more, and it may be connected again one day.

-- Ends a session that is past its expiry and whose intent Stripe does not let us cancel: the platform's key pays nothing on that
-- account now. Should it be connected again and the intent be paid, that is money arriving late. False where the session
-- has moved meanwhile.
create function billing.expire_unreachable_session(p_session_id uuid) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  perform from billing.checkout_sessions s
  where s.id = p_session_id and s.status in ('open', 'requires_action') and s.expires_at <= clock_timestamp()
  for update;
  if not found then
    return false;
  end if;
  perform billing_private.move_session(p_session_id, 'expired');
  update billing.checkout_attempts a set status = 'failed', finished_at = clock_timestamp()
  where a.checkout_session_id = p_session_id and a.finished_at is null;
  return true;
end;
$$;

-- Leaves an account alone for a while; one that is not ours to read stays at infinity.
create function billing.postpone_account(p_stripe_account_id text, p_livemode boolean, p_seconds integer) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.stripe_cursors c
  set checked_at = greatest(c.checked_at, clock_timestamp() + make_interval(secs => p_seconds))
  where c.stripe_account_id = p_stripe_account_id and c.livemode = p_livemode;
$$;

-- A token that has opened a checkout stays as long as that: marked, so that no run has to pass over all there are.
create function billing_private.mark_token_opened() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.session_tokens t set opened_at = clock_timestamp()
  where t.id = new.session_token_id and t.opened_at is null;
  return null;
end;
$$;
create trigger checkout_sessions_open_token after insert on billing.checkout_sessions
  for each row execute function billing_private.mark_token_opened();

-- One row for each run that came to its end, so that an operator sees when reconcile last ran and what it repaired.
create table billing.reconcile_runs (
  id uuid not null default gen_random_uuid(),
  finished_at timestamptz not null default clock_timestamp(),
  -- What the run answered: shared/contract/reconcile.ts.
  report jsonb not null,
  constraint reconcile_runs_pkey primary key (id)
);
create index reconcile_runs_finished_at_idx on billing.reconcile_runs (finished_at);
alter table billing.reconcile_runs enable row level security;
grant select on billing.reconcile_runs to service_role;

create function billing.record_reconcile_run(p_report jsonb) returns void
  language sql
  security definer
  set search_path = ''
as $$
  insert into billing.reconcile_runs (report) values (p_report);
$$;

-- Removes what nobody needs any more, a batch at a time: worked events and records of runs after p_days, tokens that expired and
-- opened nothing, and counters of limits that nobody reads any more. Answers how many events and tokens went, and whether of any
-- kind there may be more.
create function billing.prune(p_limit integer, p_days integer) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_events integer;
  v_tokens integer;
  v_counters integer;
  v_runs integer;
begin
  delete from billing.webhook_events e where e.id = any (array(
    select d.id from billing.webhook_events d
    where d.status = 'processed' and d.received_at < statement_timestamp() - make_interval(days => p_days)
    order by d.received_at limit p_limit for update skip locked
  ));
  get diagnostics v_events = row_count;
  delete from billing.session_tokens t where t.id = any (array(
    select d.id from billing.session_tokens d
    where d.opened_at is null and (d.api_key_id is not null or d.revoked_at is null)
      and d.expires_at < statement_timestamp() - interval '1 day'
    order by d.expires_at limit p_limit for update skip locked
  ));
  get diagnostics v_tokens = row_count;
  delete from billing.rate_counters c where c.ctid = any (array(
    select d.ctid from billing.rate_counters d
    where d.window_started_at < statement_timestamp() - interval '1 day'
    order by d.window_started_at limit p_limit for update skip locked
  ));
  get diagnostics v_counters = row_count;
  delete from billing.reconcile_runs r where r.id = any (array(
    select d.id from billing.reconcile_runs d
    where d.finished_at < statement_timestamp() - make_interval(days => p_days)
    order by d.finished_at limit p_limit for update skip locked
  ));
  get diagnostics v_runs = row_count;
  return jsonb_build_object('events', v_events, 'tokens', v_tokens,
    'more', greatest(v_events, v_tokens, v_counters, v_runs) >= p_limit);
end;
$$;
