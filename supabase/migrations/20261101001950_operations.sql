-- What an operator, a monitor and a chart look at. Nothing here decides anything.

-- Dead events wait for a person, and are few among all that were worked.
create index webhook_events_dead_idx on billing.webhook_events (received_at) where status = 'dead';

-- Of Stripe's ids, those by which an event is known as one about a payment or a subscription: of the object that it tells of, and of
-- the payment, charge or subscription that this belongs to. bare_event keeps them. No payload may be refused for what an index can
-- hold: what stands expanded there, or is longer than an id of Stripe's ever is (https://docs.stripe.com/upgrades), is left out.
create function billing_private.event_about(p_payload jsonb) returns text[]
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return array(
    select said.id #>> '{}' from unnest(array[
      p_payload #> '{data,object,id}',
      p_payload #> '{data,object,payment_intent}',
      p_payload #> '{data,object,charge}',
      p_payload #> '{data,object,parent,subscription_details,subscription}'
    ]) said(id)
    where jsonb_typeof(said.id) = 'string' and length(said.id #>> '{}') <= 255
  );
end;
$$;
-- What Stripe has told of one checkout is found among all that it ever told.
create index webhook_events_about_idx on billing.webhook_events using gin (billing_private.event_about(payload));

-- Money that is owed is little among all that was taken.
create index payment_intents_owed_idx on billing.payment_intents (refunding_since)
  where refund_reason is not null and released_at is null and refund_status is distinct from 'succeeded';

-- A person asks by the name that the merchant has for them, and an operator may not know of which organization.
create index checkout_sessions_external_user_id_idx
  on billing.checkout_sessions (external_user_id, organization_id, created_at);

-- What `GET /health?deep=1` tells of the database: its clock, whether the function's digest key is the one that organization keys
-- were made with (unused: none was made yet), when reconcile last came to its end, and the webhook inbox. Times in Unix seconds.
create function billing.health(p_digest_key_check text) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_oldest timestamptz;
  v_due bigint;
begin
  select count(*), min(e.next_attempt_at) into v_due, v_oldest
  from billing.webhook_events e
  where e.status in ('received', 'processing') and e.next_attempt_at <= statement_timestamp()
    and (e.status = 'received' or e.leased_until < statement_timestamp());
  return jsonb_build_object(
    'now', extract(epoch from clock_timestamp()),
    'digestKey', coalesce(
      (select case when c.value = p_digest_key_check then 'matches' else 'differs' end
       from billing_private.digest_key_check c), 'unused'),
    'reconciledAt', (select extract(epoch from max(r.finished_at)) from billing.reconcile_runs r),
    'inbox', jsonb_build_object(
      'due', v_due,
      'oldestDueSeconds', coalesce(extract(epoch from statement_timestamp() - v_oldest), 0),
      'dead', (select count(*) from billing.webhook_events e where e.status = 'dead')
    )
  );
end;
$$;

-- The views below are for charts and alerts: each row a day (UTC), read with the rights of whoever asks. Durations in seconds.
-- Who asks for some days, by `day between … and …`, reads those days alone.
create index checkout_sessions_opened_day_idx on billing.checkout_sessions (opened_on, organization_id);
create index checkout_sessions_completed_day_idx on billing.checkout_sessions (completed_on, organization_id)
  where status = 'succeeded';
create index checkout_attempts_refused_day_idx on billing.checkout_attempts (begun_on, organization_id) where status = 'failed';

-- How far checkouts came that were opened on a day. `paid_back` counts those whose payment could not be honored.
create view billing.checkout_funnel with (security_invoker = true) as
select s.opened_on as day, s.organization_id, s.livemode, s.checkout_mode,
  count(*) as opened,
  -- Asked session by session, so that some days' sessions do not have every attempt read.
  count((select 1 from billing.checkout_attempts a where a.checkout_session_id = s.id limit 1)) as attempted,
  count(*) filter (where s.status = 'succeeded') as succeeded,
  count(*) filter (where s.status = 'failed') as failed,
  count(*) filter (where s.status = 'expired') as expired,
  count(*) filter (where s.status = 'canceled') as canceled,
  count(*) filter (where s.status in ('open', 'requires_action', 'processing')) as unfinished,
  count(*) filter (where s.error_code in ('payment_refunded', 'refund_pending', 'refund_failed')) as paid_back
from billing.checkout_sessions s
group by 1, 2, 3, 4;

-- From the payment to the subscription that is visible, and from the opening to the same.
create view billing.time_to_active with (security_invoker = true) as
select s.completed_on as day, s.organization_id, s.livemode, s.checkout_mode,
  count(*) as succeeded,
  percentile_cont(0.5) within group (order by extract(epoch from s.completed_at - p.succeeded_at)) as paid_to_active_p50,
  percentile_cont(0.95) within group (order by extract(epoch from s.completed_at - p.succeeded_at)) as paid_to_active_p95,
  percentile_cont(0.5) within group (order by extract(epoch from s.completed_at - s.created_at)) as opened_to_active_p50
from billing.checkout_sessions s
left join billing.payment_intents p on p.id = s.payment_intent_id
where s.status = 'succeeded'
group by 1, 2, 3, 4;

-- Why cards were refused, in Stripe's words.
create view billing.decline_codes with (security_invoker = true) as
select a.begun_on as day, a.organization_id, s.livemode,
  coalesce(a.decline_code, a.error_code, 'unknown') as code,
  count(*) as attempts,
  count(distinct a.checkout_session_id) as sessions
from billing.checkout_attempts a
join billing.checkout_sessions s on s.id = a.checkout_session_id
where a.status = 'failed'
group by 1, 2, 3, 4;

-- Payments that are to go back and have not: on their way, failed, or given up, which is a person's.
create view billing.refunds_owed with (security_invoker = true) as
select p.organization_id, s.livemode, p.checkout_session_id, p.stripe_payment_intent_id, p.amount, p.currency, p.refund_reason,
  p.refund_status, p.refund_failures, p.refunding_since
from billing.payment_intents p
join billing.checkout_sessions s on s.id = p.checkout_session_id
where p.refund_reason is not null and p.released_at is null and p.refund_status is distinct from 'succeeded'
  and p.status = 'succeeded';

-- How long Stripe's events waited from their delivery to the commit of their effect, and what became of them.
create view billing.inbox_lag with (security_invoker = true) as
select (e.received_at at time zone 'UTC')::date as day, e.type, e.livemode,
  count(*) as received,
  count(*) filter (where e.status = 'processed') as processed,
  count(*) filter (where e.status in ('received', 'processing')) as waiting,
  count(*) filter (where e.status = 'dead') as dead,
  count(*) filter (where e.attempts > 1) as retried,
  percentile_cont(0.5) within group (order by extract(epoch from e.processed_at - e.received_at)) as lag_p50,
  percentile_cont(0.95) within group (order by extract(epoch from e.processed_at - e.received_at)) as lag_p95
from billing.webhook_events e
group by 1, 2, 3;

-- What reconcile had to repair. On a quiet day all but `runs` is next to nothing.
create view billing.reconcile_repairs with (security_invoker = true) as
select (r.finished_at at time zone 'UTC')::date as day,
  count(*) as runs,
  sum((r.report #>> '{events,worked}')::bigint) as events_worked,
  sum((r.report #>> '{sessions,settled}')::bigint) as sessions_settled,
  sum((r.report #>> '{missedEvents,worked}')::bigint) as missed_events_worked,
  sum((r.report #>> '{strayIntents,canceled}')::bigint) as stray_intents_canceled,
  sum((r.report #>> '{subscriptions,changed}')::bigint) as subscriptions_changed,
  sum((r.report #>> '{grants,expired}')::bigint) as grants_expired,
  sum((r.report #>> '{events,failed}')::bigint + (r.report #>> '{sessions,failed}')::bigint
    + (r.report #>> '{missedEvents,failed}')::bigint + (r.report #>> '{strayIntents,failed}')::bigint
    + (r.report #>> '{subscriptions,failed}')::bigint) as failed
from billing.reconcile_runs r
group by 1;

grant select on billing.checkout_funnel, billing.time_to_active, billing.decline_codes, billing.refunds_owed, billing.inbox_lag,
  billing.reconcile_repairs to service_role;
