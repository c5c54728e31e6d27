-- How long a payment that cannot be honored is tried again before it goes back. Less than the 23 hours after which Stripe gives
-- up a subscription whose first invoice is unpaid, and than the 24 for which it surely keeps idempotency keys.
create function billing_private.fulfillment_deadline() returns interval
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return interval '12 hours';
end;
$$;

-- For how long the run that was told what to make at Stripe is waited for: it makes five calls of Stripe, one after the other. Where it
-- takes longer, or has died, a second run begins beside it, which each step bears.
create function billing_private.fulfillment_lease() returns interval
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return interval '5 seconds';
end;
$$;

-- Decides that a payment goes back; the first reason stands, so that no later run honors what was given back.
create function billing_private.refuse_payment(p_payment_intent_id uuid, p_reason text) returns billing.payment_intents
  language plpgsql
  set search_path = ''
as $$
declare
  v_intent billing.payment_intents;
begin
  update billing.payment_intents p
  set refund_reason = coalesce(p.refund_reason, p_reason),
    refunding_since = coalesce(p.refunding_since, clock_timestamp())
  where p.id = p_payment_intent_id and p.status = 'succeeded'
  returning * into v_intent;
  update billing.checkout_sessions s set fulfilling_since = null
  where s.id = v_intent.checkout_session_id and s.fulfilling_since is not null;
  perform billing_private.give_up_change(v_intent.checkout_session_id);
  return v_intent;
end;
$$;

-- Whether a payment has gone back in full already: refunded by hand, or lost to its customer's bank. p_returned is what Stripe
-- said just now; our rows may know of more.
create function billing_private.is_returned(p billing.payment_intents, p_returned bigint) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return p.kind = 'payment' and p.amount <= greatest(p_returned, p.amount_refunded + coalesce((
    select sum(d.amount) from billing.disputes d
    where d.payment_intent_id = p.id and billing_private.dispute_stage(d.status) = 'lost'
  ), 0));
end;
$$;

-- Why a paid session cannot be honored; null where it can.
create function billing_private.fulfillment_refusal(
  s billing.checkout_sessions,
  p_intent billing.payment_intents,
  p_customer_id uuid,
  p_returned bigint
) returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_refusal text;
begin
  if billing_private.is_returned(p_intent, p_returned) then
    return 'money_returned';
  elsif s.status in ('failed', 'canceled') then
    return 'session_closed';
  elsif s.checkout_mode = 'change' then
    v_refusal := billing_private.claim_change(s);
    if v_refusal is not null then
      return v_refusal;
    end if;
  elsif billing_private.has_live_subscription(s.organization_id, s.external_user_id, s.product_id) or exists (
    select from billing.checkout_sessions other
    where other.organization_id = s.organization_id and other.external_user_id = s.external_user_id
      and other.product_id = s.product_id and other.id <> s.id
      and other.fulfilling_since is not null and other.checkout_mode <> 'change'
  ) then
    return 'already_subscribed';
  end if;
  if s.status = 'expired' and s.checkout_mode <> 'change' then
    if not exists (
      select from billing.product_prices pr join billing.products p on p.id = pr.product_id
      where pr.id = s.price_id and pr.on_sale and p.on_sale
    ) then
      return 'product_unavailable';
    end if;
  end if;
  if s.trial_days > 0 and not billing_private.claim_trial(s, p_customer_id, p_intent.fingerprint) then
    return 'trial_used';
  end if;
  return null;
end;
$$;

-- Takes what a session that is honored says of its customer: the e-mail address and the name that were not known, and those that
-- are others by now. Once for a session, so that a late retry brings nothing old back.
create function billing_private.know_customer(s billing.checkout_sessions) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.customers c
  set email = coalesce(s.customer_email, c.email),
    name = coalesce(s.customer_name, c.name),
    details_revision = c.details_revision + 1
  where c.organization_id = s.organization_id and c.external_id = s.external_user_id
    and (coalesce(s.customer_email, c.email), coalesce(s.customer_name, c.name)) is distinct from (c.email, c.name);
end;
$$;

-- What Stripe has not been told yet of a customer that it has, or is about to have; null where there is nothing.
create function billing_private.customer_news(c billing.customers) returns jsonb
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case when c.told_revision < c.details_revision
    then jsonb_build_object('revision', c.details_revision, 'email', c.email, 'name', c.name) end;
end;
$$;

-- What a paid session still needs at Stripe. Decides once, in the transaction that learns of the payment, whether the
-- money can be honored; a decision to refund is kept, so that no later run honors what was given back.
create function billing_private.plan_fulfillment(s billing.checkout_sessions, p_returned bigint) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_customer billing.customers;
  v_intent billing.payment_intents;
  v_reason text;
  -- Null also where a free subscription changes, which Stripe knows nothing of: a new one is made there.
  v_change constant jsonb := case when s.checkout_mode = 'change' then billing_private.change_plan(s) end;
begin
  insert into billing.customers (organization_id, external_id, email, name)
  values (s.organization_id, s.external_user_id, s.customer_email, s.customer_name)
  on conflict (organization_id, external_id) do nothing;
  if s.checkout_mode = 'change' then
    select * into strict v_customer from billing.customers c
    where c.organization_id = s.organization_id and c.external_id = s.external_user_id;
  else
    -- Of two sessions that were paid at once the second finds the product promised to the first.
    select * into strict v_customer from billing.customers c
    where c.organization_id = s.organization_id and c.external_id = s.external_user_id for no key update;
  end if;
  select * into strict v_intent from billing.payment_intents p where p.id = s.payment_intent_id;
  if v_intent.refund_reason is null then
    v_reason := billing_private.fulfillment_refusal(s, v_intent, v_customer.id, p_returned);
    if v_reason is not null then
      v_intent := billing_private.refuse_payment(v_intent.id, v_reason);
      if v_intent.id is null then
        raise exception 'the payment of session % cannot be refused', s.id using errcode = 'BO003';
      end if;
    end if;
  end if;
  if v_intent.refund_reason is null then
    update billing.checkout_sessions planned
    set fulfilling_since = coalesce(planned.fulfilling_since, clock_timestamp()), planned_at = clock_timestamp()
    where planned.id = s.id;
    if s.fulfilling_since is null then
      perform billing_private.know_customer(s);
    end if;
    -- Frozen with the first plan: two sessions that are fulfilled at once then send the same parameters under the same idempotency
    -- key and get the same customer. What is known later is told afterwards.
    update billing.customers c
    set told = jsonb_build_object('email', c.email, 'name', c.name), told_revision = c.details_revision
    where c.id = v_customer.id and c.told is null and v_change is null;
    select * into strict v_customer from billing.customers c where c.id = v_customer.id;
  end if;
  select * into strict v_session from billing.checkout_sessions planned where planned.id = s.id;

  return jsonb_build_object(
    'outcome', case when v_intent.refund_reason is null then 'fulfill' else 'refund' end,
    'plan', jsonb_build_object(
      'sessionId', s.id,
      'change', case when s.checkout_mode = 'change' then billing_private.change_plan(s) end,
      'organizationId', s.organization_id,
      'stripeAccountId', s.stripe_account_id,
      'intentKind', s.intent_kind,
      'trialDays', s.trial_days,
      'tax', billing_private.tax_terms(s),
      'totalAmount', s.total_amount,
      'currency', s.currency,
      'overdue', billing_private.is_overdue(v_session.fulfilling_since),
      'keysMayBeGone', billing_private.is_overdue(s.created_at),
      'news', v_session.subscription_news,
      'stripePaymentIntentId', v_intent.stripe_payment_intent_id,
      'stripePaymentMethodId', v_intent.stripe_payment_method_id,
      'payableSince', floor(extract(epoch from billing_private.payable_since(v_intent)))::bigint,
      'refundReason', v_intent.refund_reason,
      'decidedAt', floor(extract(epoch from v_intent.refunding_since))::bigint,
      'mayRefund', billing_private.may_refund(v_intent),
      'stripePriceId', s.stripe_price_id,
      'quantity', s.quantity,
      'discount', s.discount,
      'discountId', s.discount_id,
      'metadata', s.metadata,
      'traceId', s.trace_id,
      'applicationFeeBps', s.application_fee_bps,
      'applicationFeeAmount', case when s.stripe_account_id is null then 0 else s.application_fee_amount end,
      'customer', jsonb_build_object(
        'id', v_customer.id,
        'externalId', v_customer.external_id,
        'email', v_customer.told ->> 'email',
        'name', v_customer.told ->> 'name',
        'news', billing_private.customer_news(v_customer),
        'createdAt', floor(extract(epoch from v_customer.created_at))::bigint,
        'soughtSince', floor(extract(epoch from greatest(v_customer.created_at, case
          when v_intent.refund_reason is not null then v_intent.succeeded_at
          else (
            select min(one.fulfilling_since) from billing.checkout_sessions one
            where one.organization_id = s.organization_id and one.external_user_id = s.external_user_id
              and one.fulfilling_since is not null
              -- One that takes the place of a free plan makes a customer too.
              and (one.checkout_mode <> 'change' or exists (
                select from billing.subscription_changes ch
                where ch.checkout_session_id = one.id and ch.stripe_item_id is null
              ))
          )
        end)))::bigint,
        'keysMayBeGone', billing_private.is_overdue(v_customer.created_at),
        'stripeGeneration', v_customer.stripe_generation,
        'stripeCustomerId', case
          when v_customer.stripe_account_id is not distinct from s.stripe_account_id
            then v_customer.stripe_customer_id end
      )
    )
  );
end;
$$;

create function billing_private.is_overdue(p_since timestamptz) returns boolean
  language plpgsql volatile
  set search_path = ''
as $$
begin
  return coalesce(p_since <= clock_timestamp() - billing_private.fulfillment_deadline(), false);
end;
$$;

-- Keeps a customer's Stripe id as soon as it is known; the first one on an account stays. One of another account gives way to
-- it where p_replaces says so. Answers the id that stands.
create function billing.record_stripe_customer(
  p_customer_id uuid,
  p_stripe_customer_id text,
  p_stripe_account_id text default null,
  p_replaces boolean default true
) returns text
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_stripe_customer_id text;
begin
  update billing.customers c
  set stripe_customer_id = case
      when c.stripe_account_id is not distinct from p_stripe_account_id
        then coalesce(c.stripe_customer_id, p_stripe_customer_id)
      when p_replaces or c.stripe_customer_id is null then p_stripe_customer_id
      else c.stripe_customer_id
    end,
    stripe_account_id = case
      when p_replaces or c.stripe_customer_id is null then p_stripe_account_id else c.stripe_account_id end
  where c.id = p_customer_id
  returning c.stripe_customer_id into v_stripe_customer_id;
  if not found then
    raise exception 'no customer %', p_customer_id using errcode = 'BO002';
  end if;
  return v_stripe_customer_id;
end;
$$;

-- Stripe has been told of a customer as of a revision. Answers what it has not been told yet, null where there is nothing.
create function billing.record_customer_told(p_customer_id uuid, p_told jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.customers c
  set told = p_told - 'revision', told_revision = (p_told ->> 'revision')::bigint
  where c.id = p_customer_id and c.told_revision < (p_told ->> 'revision')::bigint;
  -- Compared with what was told just now and not with told_revision: whoever told something old once more, after another had
  -- told what is known by now, has to tell that again.
  return (
    select jsonb_build_object('revision', c.details_revision, 'email', c.email, 'name', c.name)
    from billing.customers c where c.id = p_customer_id and c.details_revision > (p_told ->> 'revision')::bigint
  );
end;
$$;

-- Forgets an id that Stripe no longer has (the customer was deleted in the dashboard), if it is still the one known.
create function billing.forget_stripe_customer(p_stripe_customer_id text) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.customers c
  set stripe_customer_id = null, stripe_generation = c.stripe_generation + 1, told = null, told_revision = null
  where c.stripe_customer_id = p_stripe_customer_id;
$$;

-- Stripe will not make this session's subscription (its price was archived, say), or has not in time: the money goes back.
-- p_reason as in payment_intents. False where the session has been fulfilled meanwhile.
create function billing.refuse_fulfillment(p_session_id uuid, p_reason text default 'fulfillment_refused') returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  if v_session.status = 'succeeded' then
    return false;
  end if;
  return (billing_private.refuse_payment(v_session.payment_intent_id, p_reason)).id is not null;
end;
$$;

-- The end of a paid session, in one transaction: subscription, grants, session, event.
-- p_subscription as with_stripe_facts takes it, with seenNews (as of which news of it it was read) and invoice (as
-- record_invoice takes it).
-- Outcomes: succeeded (also when it already was); news (read it again, as of that count); refund (the customer got the product
-- otherwise, or the money was already promised back); for a change also stale.
create function billing.complete_checkout(p_session_id uuid, p_subscription jsonb, p_event_id uuid default null)
  returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_intent billing.payment_intents;
  v_customer_id uuid;
  v_subscription billing.subscriptions;
  v_constraint text;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  if not found then
    raise exception 'no checkout session %', p_session_id using errcode = 'BO002';
  end if;
  if v_session.status = 'succeeded' then
    -- Made by a run that went on after Stripe had forgotten the other's idempotency key.
    if exists (
      select from billing.subscriptions sub
      where sub.id = v_session.subscription_id and sub.stripe_subscription_id <> p_subscription ->> 'id'
    ) then
      return jsonb_build_object('outcome', 'surplus');
    end if;
    perform billing_private.finish_event(p_event_id, 'applied');
    return jsonb_build_object('outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session));
  end if;
  if v_session.checkout_mode = 'change' then
    return billing_private.complete_change(v_session, p_subscription, p_event_id);
  end if;
  select * into v_intent from billing.payment_intents p where p.id = v_session.payment_intent_id;
  if v_intent.status is distinct from 'succeeded' then
    raise exception 'session % is not paid', p_session_id using errcode = 'BO003';
  end if;
  if v_intent.refund_reason is not null then
    return jsonb_build_object('outcome', 'refund');
  elsif billing_private.is_returned(v_intent, 0) then
    perform billing_private.refuse_payment(v_intent.id, 'money_returned');
    return jsonb_build_object('outcome', 'refund');
  elsif v_session.subscription_news <> (p_subscription ->> 'seenNews')::bigint then
    return jsonb_build_object('outcome', 'news', 'news', v_session.subscription_news);
  end if;
  select c.id into strict v_customer_id from billing.customers c
  where c.organization_id = v_session.organization_id and c.external_id = v_session.external_user_id;

  begin
    insert into billing.subscriptions (
      organization_id, customer_id, product_id, price_id, checkout_session_id, payment_intent_id,
      stripe_subscription_id, stripe_account_id, livemode, status,
      stripe_price_id, metadata, current_period_start, current_period_end
    ) values (
      v_session.organization_id, v_customer_id, v_session.product_id, v_session.price_id, v_session.id, v_intent.id,
      p_subscription ->> 'id', v_session.stripe_account_id, v_session.livemode, p_subscription ->> 'status',
      v_session.stripe_price_id, v_session.metadata,
      billing_private.unix(p_subscription, 'currentPeriodStart'), billing_private.unix(p_subscription, 'currentPeriodEnd')
    ) returning * into v_subscription;
    v_subscription := billing_private.write_stripe_facts(
      billing_private.with_stripe_facts(v_subscription, p_subscription));
  exception when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'subscriptions_one_live_per_customer_and_product' then
      raise;
    end if;
    perform billing_private.refuse_payment(v_intent.id, 'already_subscribed');
    return jsonb_build_object('outcome', 'refund');
  end;

  if p_subscription -> 'invoice' ->> 'id' is not null then
    perform billing_private.write_invoice(
      v_subscription,
      -- What was given back of the payment before there was an invoice to say it.
      p_subscription -> 'invoice' || jsonb_build_object('amountRefunded', v_intent.amount_refunded),
      0);
  end if;
  perform billing_private.project_grants(v_subscription);

  v_session := billing_private.move_session(v_session.id, 'succeeded', '{}', v_subscription);
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session));
end;
$$;

-- Stripe has told of the subscription of a session that has no row for it yet: whoever completes the session reads it once
-- more. False where the session has its subscription by now.
create function billing.note_subscription_news(p_session_id uuid, p_event_id uuid default null) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set subscription_news = s.subscription_news + 1
  where s.id = p_session_id and s.subscription_id is null;
  if not found then
    return false;
  end if;
  perform billing_private.finish_event(p_event_id, 'applied');
  return true;
end;
$$;

-- The same end for a set-up, for which nothing was charged: the card is released, the snapshot says why.
create function billing.record_release(p_session_id uuid, p_event_id uuid default null) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_reason text;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  update billing.payment_intents p
  set released_at = coalesce(p.released_at, clock_timestamp())
  where p.id = v_session.payment_intent_id and p.kind = 'setup' and p.refund_reason is not null
  returning p.refund_reason into v_reason;
  if not found then
    raise exception 'session % has no card to let go', p_session_id using errcode = 'BO003';
  end if;
  -- A trial that never began is still due.
  delete from billing.trials t where t.checkout_session_id = p_session_id;
  v_session := billing_private.move_session(
    p_session_id, case v_session.status when 'processing' then 'failed' else v_session.status end,
    billing_private.session_error(case v_reason
      when 'already_subscribed' then 'already_subscribed'
      when 'trial_used' then 'trial_used'
      when 'subscription_changed' then 'subscription_changed'
      when 'amount_mismatch' then 'price_mismatch'
      else 'price_unavailable'
    end, v_reason));
  perform billing_private.finish_event(p_event_id, 'released');
  return jsonb_build_object('outcome', 'released', 'snapshot', billing_private.snapshot(v_session));
end;
$$;
