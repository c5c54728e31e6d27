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

-- Stores a verified event and takes it under a lease. Outcomes: claimed; processed (a duplicate, or of an account that no
-- row of ours has, so that there is nothing to ask Stripe about: nothing to do);
-- in_work (another worker holds the lease); dead (given up on, waits for a person).
create function billing.receive_event(
  p_stripe_event_id text,
  p_type text,
  p_livemode boolean,
  p_payload jsonb,
  p_lease_seconds integer,
  p_stripe_account_id text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_event billing.webhook_events;
begin
  insert into billing.webhook_events (stripe_event_id, stripe_account_id, type, livemode, payload)
  values (p_stripe_event_id, p_stripe_account_id, p_type, p_livemode, p_payload)
  on conflict (stripe_event_id) do nothing;
  if p_stripe_account_id is not null and not billing_private.knows_account(p_stripe_account_id) then
    select e.* into v_event from billing.webhook_events e where e.stripe_event_id = p_stripe_event_id;
    perform billing_private.finish_event(v_event.id, 'ignored');
  end if;

  update billing.webhook_events e
  set status = 'processing', attempts = e.attempts + 1,
    leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where e.stripe_event_id = p_stripe_event_id
    and (e.status = 'received' or (e.status = 'processing' and e.leased_until < clock_timestamp()))
  returning * into v_event;
  if found then
    return jsonb_build_object('outcome', 'claimed', 'eventId', v_event.id);
  end if;

  select * into strict v_event from billing.webhook_events e where e.stripe_event_id = p_stripe_event_id;
  return jsonb_build_object(
    'outcome', case v_event.status when 'processing' then 'in_work' else v_event.status end,
    'eventId', v_event.id
  );
end;
$$;

-- An event as it is needed to be worked again: what it is and which object to read at Stripe. Nothing of a person.
create function billing_private.bare_event(p_payload jsonb) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
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
      -- By which a refund names what it gives back.
      'payment_intent', case when jsonb_typeof(p_payload #> '{data,object,payment_intent}') = 'string' then
        p_payload #> '{data,object,payment_intent}' end,
      'charge', case when jsonb_typeof(p_payload #> '{data,object,charge}') = 'string' then
        p_payload #> '{data,object,charge}' end,
      -- By which an invoice names its subscription.
      'parent', case
        when jsonb_typeof(p_payload #> '{data,object,parent,subscription_details,subscription}') = 'string' then
          jsonb_build_object('subscription_details', jsonb_build_object(
            'subscription', p_payload #> '{data,object,parent,subscription_details,subscription}'))
      end
    ))
  ));

-- The processed mark. Called inside the transaction that has the event's effect, so that both commit or neither. An event
-- that is about nothing of ours may be about a person whom nobody here knows, and could never export or erase: of it only
-- the ids are kept.
create function billing_private.finish_event(p_event_id uuid, p_outcome text) returns void
  language sql
  set search_path = ''
as $$
  update billing.webhook_events e
  set status = 'processed', outcome = p_outcome, processed_at = clock_timestamp(), leased_until = null,
    payload = case p_outcome when 'ignored' then billing_private.bare_event(e.payload) else e.payload end
  where e.id = p_event_id and e.status <> 'processed';
$$;

-- For an event that has no effect of its own.
create function billing.finish_event(p_event_id uuid, p_outcome text) returns void
  language sql
  security definer
  set search_path = ''
as $$
  select billing_private.finish_event(p_event_id, p_outcome);
$$;

-- Gives the lease back after a failure. The wait doubles from five seconds to an hour, with jitter so that a burst that
-- failed together does not come back together; after p_max_attempts the event is dead.
create function billing.fail_event(p_event_id uuid, p_error text, p_max_attempts integer) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.webhook_events e
  set status = case when e.attempts >= p_max_attempts then 'dead' else 'received' end,
    last_error = left(p_error, 500),
    leased_until = null,
    next_attempt_at = clock_timestamp()
      + make_interval(secs => least(3600, 5 * power(2, e.attempts - 1)) * (0.5 + random()))
  where e.id = p_event_id and e.status = 'processing';
$$;
