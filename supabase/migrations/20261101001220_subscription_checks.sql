-- What no event tells of a subscription (an endpoint that was disabled, a type that is not enabled) is found by reading it
-- again at Stripe, now and then, and sooner where something should have been heard.

-- When to look again at what has waited since then, as of the last look: in an hour, and ever later, up to a day.
create function billing_private.next_reading(p_since timestamptz, p_seen timestamptz) returns timestamptz
  language sql stable parallel safe
  set search_path = ''
  return greatest(
    p_since + interval '1 hour',
    p_seen + greatest(interval '1 hour', least(interval '24 hours', (p_seen - p_since) / 20))
  );

-- When a subscription is to be read again; null where nothing more can become of it at Stripe: a free one, one that ended.
-- One whose period is over should have been renewed or ended, one that is past due should be paid or given up, and so with
-- each date at which Stripe has said that something will change. The rest is read in turn, some thirty times in each period
-- that it pays for, and daily at most. It follows from the row and no clock.
create function billing_private.subscription_due_at(sub billing.subscriptions) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_seen constant timestamptz := coalesce(sub.checked_at, sub.created_at);
begin
  if sub.stripe_subscription_id is null or sub.status in ('canceled', 'incomplete_expired') then
    return null;
  end if;
  return least(
    v_seen + greatest(interval '24 hours',
      least(interval '168 hours', (sub.current_period_end - sub.current_period_start) / 30)),
    billing_private.next_reading(sub.current_period_end, v_seen),
    case when sub.status in ('past_due', 'incomplete') then
      billing_private.next_reading(sub.current_period_start, v_seen) end,
    (select min(billing_private.next_reading(told.at, v_seen))
     from unnest(array[sub.cancel_at, sub.collection_resumes_at, sub.pending_update_expires_at]) told(at)
     where told.at is not null)
  );
end;
$$;

create function billing_private.keep_subscription_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.due_at := billing_private.subscription_due_at(new);
  return new;
end;
$$;
-- A claim writes due_at alone, and what it writes stands.
create trigger subscriptions_keep_due
  before insert or update of stripe_subscription_id, status, current_period_start, current_period_end, checked_at,
    cancel_at, collection_resumes_at, pending_update_expires_at
  on billing.subscriptions
  for each row execute function billing_private.keep_subscription_due();

-- Takes up subscriptions of one Stripe account (empty for the platform's own) in one mode that are to be read again, those
-- that have waited longest first. Whoever reads one writes it down, and thereby when it is due next; one that cannot be read
-- is due again in ten minutes, and ever later, up to a day.
create function billing.claim_subscriptions(p_stripe_account_id text, p_livemode boolean, p_limit integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.subscriptions sub
    set due_at = statement_timestamp() + greatest(interval '10 minutes', least(
      interval '24 hours', (statement_timestamp() - billing_private.subscription_due_at(sub)) / 2))
    where sub.id = any (array(
      select due.id from billing.subscriptions due
      where due.livemode = p_livemode and coalesce(due.stripe_account_id, '') = p_stripe_account_id
        and due.due_at <= statement_timestamp()
      order by due.due_at
      limit p_limit
      for update skip locked
    ))
    returning sub.stripe_subscription_id
  )
  select coalesce(jsonb_agg(c.stripe_subscription_id), '[]') from claimed c;
$$;

-- One that Stripe does not have, which no reading changes: left alone for a month, or until something is told of it. Not for
-- ever, for its absence may have been a wrong key's.
create function billing.rest_subscription(p_stripe_subscription_id text) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.subscriptions sub set due_at = clock_timestamp() + interval '30 days'
  where sub.stripe_subscription_id = p_stripe_subscription_id and sub.due_at is not null;
$$;

-- What is known of an invoice; null where there is no row.
create function billing.invoice_status(p_stripe_invoice_id text) returns text
  language sql stable
  security definer
  set search_path = ''
as $$
  select i.status from billing.invoices i where i.stripe_invoice_id = p_stripe_invoice_id;
$$;
