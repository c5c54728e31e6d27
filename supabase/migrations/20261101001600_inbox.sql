create table billing.webhook_events (
  id uuid not null default gen_random_uuid(),
  stripe_event_id text not null,
  stripe_account_id text,
  type text not null,
  livemode boolean not null,
  -- The verified event without any client secret.
  payload jsonb not null,
  status text not null default 'received',
  -- What the event came to: applied, ignored, superseded, refunded, released.
  outcome text,
  attempts integer not null default 0,
  last_error text,
  leased_until timestamptz,
  next_attempt_at timestamptz not null default now(),
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  -- Of a dead one, the organizations that had a row which it is about when it died (members.sql); empty: none had.
  organization_ids uuid[] not null default '{}',
  constraint webhook_events_pkey primary key (id),
  constraint webhook_events_stripe_event_id_key unique (stripe_event_id),
  constraint webhook_events_status_known check (status in ('received', 'processing', 'processed', 'dead')),
  constraint webhook_events_processed_is_dated check ((status = 'processed') = (processed_at is not null))
);
create index webhook_events_due_idx on billing.webhook_events (next_attempt_at)
  where status in ('received', 'processing');
create index webhook_events_processed_idx on billing.webhook_events (received_at) where status = 'processed';
alter table billing.webhook_events enable row level security;
grant select on billing.webhook_events to service_role;

-- Whether anything of ours is, or was, on a connected account: an organization that sells there, or one that did.
create function billing_private.knows_account(p_stripe_account_id text) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (select from billing.organizations o where o.stripe_account_id = p_stripe_account_id)
    or exists (select from billing.stripe_cursors c where c.stripe_account_id = p_stripe_account_id);
end;
$$;

-- What an event is about, as the one who works it has to have read it before Stripe: by the command that its type asks for
-- (shared/domain/event-command.ts) and its object's id. Of an invoice its subscription too, which the event may name.
create function billing_private.about_event(p_command text, p_payload jsonb) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_id constant text := p_payload #>> '{data,object,id}';
begin
  return case p_command
    when 'settle_intent' then
      jsonb_build_object('session', billing.locate_checkout(p_stripe_payment_intent_id => v_id))
    when 'sync_subscription' then
      jsonb_build_object('subscription', billing.locate_subscription(v_id))
    when 'sync_invoice' then
      jsonb_build_object('invoice', billing.locate_invoice(
        v_id, p_payload #>> '{data,object,parent,subscription_details,subscription}'))
    else '{}'
  end;
end;
$$;

-- Stores a verified event and takes it under a lease. p_command is what its type asks for. Outcomes: claimed (with what
-- about_event says); processed (a duplicate; or one that asks for nothing, is about no intent of a session, or of an account that
-- no row of ours has, so that there is nothing to ask Stripe about: nothing to do); in_work (another worker holds the lease);
-- dead (given up on, waits for a person).
create function billing.receive_event(
  p_stripe_event_id text,
  p_type text,
  p_livemode boolean,
  p_payload jsonb,
  p_lease_seconds integer,
  p_stripe_account_id text default null,
  p_command text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_event billing.webhook_events;
  v_about constant jsonb := billing_private.about_event(p_command, p_payload);
  v_idle constant boolean := coalesce(p_command = 'ignore', false)
    or (p_stripe_account_id is not null and not billing_private.knows_account(p_stripe_account_id))
    or (v_about ? 'session' and (v_about -> 'session' = 'null'
      or v_about #>> '{session,stripeAccountId}' is distinct from p_stripe_account_id));
begin
  insert into billing.webhook_events as e (
    stripe_event_id, stripe_account_id, type, livemode, attempts, payload, status, outcome, processed_at, leased_until)
  values (
    p_stripe_event_id, p_stripe_account_id, p_type, p_livemode, 1,
    -- As finish_event would leave it.
    case when v_idle then billing_private.bare_event(p_payload) else p_payload end,
    case when v_idle then 'processed' else 'processing' end,
    case when v_idle then 'ignored' end,
    case when v_idle then clock_timestamp() end,
    case when not v_idle then clock_timestamp() + make_interval(secs => p_lease_seconds) end)
  on conflict (stripe_event_id) do update
  set status = excluded.status, attempts = e.attempts + 1, leased_until = excluded.leased_until,
    outcome = excluded.outcome, processed_at = excluded.processed_at,
    -- What was taken out of it since, as erase_customer does, is not put back.
    payload = case when v_idle then excluded.payload else e.payload end
  where e.status = 'received' or (e.status = 'processing' and e.leased_until < clock_timestamp())
  returning * into v_event;
  if found then
    return jsonb_build_object('eventId', v_event.id) || case
      when v_idle then '{"outcome": "processed"}'
      else v_about || '{"outcome": "claimed"}'
    end;
  end if;

  select * into strict v_event from billing.webhook_events e where e.stripe_event_id = p_stripe_event_id;
  return jsonb_build_object(
    -- The row is locked by the look above: no worker gives it back before this is answered.
    'outcome', case when v_event.status = 'processing' then 'in_work' else v_event.status end,
    'eventId', v_event.id
  );
end;
$$;

-- Several events in one transaction, each as receive_event has it: {id, type, livemode, account?, command?, payload}. Answers in
-- their order. They are stored in the order of their ids, so that two such calls with the same events wait for each
-- other in one direction alone.
create function billing.receive_events(p_events jsonb, p_lease_seconds integer) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_event record;
  v_answers jsonb[];
begin
  for v_event in
    select * from rows from (
      jsonb_to_recordset(p_events) as (
        id text, type text, livemode boolean, account text, command text, payload jsonb)
    ) with ordinality as e (id, type, livemode, account, command, payload, place)
    order by e.id
  loop
    v_answers[v_event.place] := billing.receive_event(
      v_event.id, v_event.type, v_event.livemode, v_event.payload, p_lease_seconds, v_event.account, v_event.command);
  end loop;
  return to_jsonb(coalesce(v_answers, '{}'));
end;
$$;

-- An event as it is needed to be worked again: what it is and which object to read at Stripe; and by which of Stripe's ids
-- customer_events still finds it as a customer's. Nothing of a person.
create function billing_private.bare_event(p_payload jsonb) returns jsonb
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'id', p_payload -> 'id',
    'object', p_payload -> 'object',
    'type', p_payload -> 'type',
    'account', p_payload -> 'account',
    'livemode', p_payload -> 'livemode',
    'created', p_payload -> 'created',
    'api_version', p_payload -> 'api_version',
    'data', jsonb_build_object('object', jsonb_build_object(
      'id', p_payload #> '{data,object,id}',
      'object', p_payload #> '{data,object,object}',
      'payment_intent', case when jsonb_typeof(p_payload #> '{data,object,payment_intent}') = 'string' then
        p_payload #> '{data,object,payment_intent}' end,
      'charge', case when jsonb_typeof(p_payload #> '{data,object,charge}') = 'string' then
        p_payload #> '{data,object,charge}' end,
      'parent', case
        when jsonb_typeof(p_payload #> '{data,object,parent,subscription_details,subscription}') = 'string' then
          jsonb_build_object('subscription_details', jsonb_build_object(
            'subscription', p_payload #> '{data,object,parent,subscription_details,subscription}'))
      end
    ))
  ));
end;
$$;

-- The processed mark. Called inside the transaction that has the event's effect, so that both commit or neither. An event
-- that is about nothing of ours may be about a person whom nobody here knows, and could never export or erase: of it only
-- the ids are kept.
create function billing_private.finish_event(p_event_id uuid, p_outcome text) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if p_event_id is not null then
    update billing.webhook_events e
    set status = 'processed', outcome = p_outcome, processed_at = clock_timestamp(), leased_until = null,
      payload = case p_outcome when 'ignored' then billing_private.bare_event(e.payload) else e.payload end
    where e.id = p_event_id and e.status <> 'processed';
  end if;
end;
$$;

-- For an event that has no effect of its own.
create function billing.finish_event(p_event_id uuid, p_outcome text) returns void
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  perform billing_private.finish_event(p_event_id, p_outcome);
end;
$$;

-- Gives the lease back after a failure. The wait doubles from five seconds to an hour, with jitter so that a burst that
-- failed together does not come back together; after p_max_attempts the event is dead.
create function billing.fail_event(p_event_id uuid, p_error text, p_max_attempts integer) returns void
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.webhook_events e
  set status = case when e.attempts >= p_max_attempts then 'dead' else 'received' end,
    last_error = left(p_error, 500),
    leased_until = null,
    next_attempt_at = clock_timestamp()
      + make_interval(secs => least(3600, 5 * power(2, e.attempts - 1)) * (0.5 + random()))
  where e.id = p_event_id and e.status = 'processing';
end;
$$;

-- Events whose time has come: never worked, failed and waited long enough, or left by a worker that died.
create function billing.claim_events(p_limit integer, p_lease_seconds integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.webhook_events e
    set status = 'processing', attempts = e.attempts + 1,
      leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where e.id = any (array(
      select due.id from billing.webhook_events due
      where due.status in ('received', 'processing') and due.next_attempt_at <= statement_timestamp()
        and (due.status = 'received' or due.leased_until < clock_timestamp())
      order by due.next_attempt_at
      limit p_limit
      for update skip locked
    ))
    returning e.id, e.payload, e.received_at
  )
  select coalesce(jsonb_agg(
    jsonb_build_object('eventId', c.id, 'payload', c.payload) order by c.received_at), '[]')
  from claimed c;
$$;

-- Gives a dead event, or a processed one, to the next run again.
create function billing.replay_event(p_stripe_event_id text) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.webhook_events e
  set status = 'received', outcome = null, attempts = 0, processed_at = null, leased_until = null,
    next_attempt_at = clock_timestamp()
  where e.stripe_event_id = p_stripe_event_id
    and (e.status in ('received', 'dead', 'processed') or e.leased_until < clock_timestamp());
  return found;
end;
$$;
