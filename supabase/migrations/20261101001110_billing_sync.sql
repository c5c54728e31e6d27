-- Invoices, refunds and disputes as Stripe has them. Each is read again at Stripe under the revision that its row had, and
-- written only where no other writer came between: what is newer is never overwritten by what is older, and no timestamp
-- decides.

-- The revision under which a writer is about to read an invoice or a dispute; 0 where there is no row yet.
create function billing.billing_revision(p_stripe_id text) returns bigint
  language sql stable
  security definer
  set search_path = ''
as $$
  select coalesce(
    (select i.revision from billing.invoices i where i.stripe_invoice_id = p_stripe_id),
    (select d.revision from billing.disputes d where d.stripe_dispute_id = p_stripe_id),
    0
  );
$$;

-- Writes an invoice of a subscription; false where another writer came between. p_invoice as record_invoice takes it.
create function billing_private.write_invoice(sub billing.subscriptions, p_invoice jsonb, p_seen_revision bigint) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  insert into billing.invoices as i (
    organization_id, customer_id, subscription_id, stripe_invoice_id, stripe_account_id, stripe_payment_intent_id,
    number, status, billing_reason, currency, amount_due, amount_paid, amount_refunded, period_start, period_end,
    finalized_at, paid_at, attempt_count, next_payment_attempt
  ) values (
    sub.organization_id, sub.customer_id, sub.id, p_invoice ->> 'id',
    sub.stripe_account_id, p_invoice ->> 'paymentIntentId', p_invoice ->> 'number', p_invoice ->> 'status',
    p_invoice ->> 'billingReason', p_invoice ->> 'currency', (p_invoice ->> 'amountDue')::bigint,
    (p_invoice ->> 'amountPaid')::bigint, (p_invoice ->> 'amountRefunded')::bigint,
    billing_private.unix(p_invoice, 'periodStart'), billing_private.unix(p_invoice, 'periodEnd'),
    billing_private.unix(p_invoice, 'finalizedAt'), billing_private.unix(p_invoice, 'paidAt'),
    (p_invoice ->> 'attemptCount')::integer, billing_private.unix(p_invoice, 'nextPaymentAttempt')
  )
  on conflict (stripe_invoice_id) do update
  set stripe_payment_intent_id = excluded.stripe_payment_intent_id, number = excluded.number,
    status = excluded.status, amount_due = excluded.amount_due, amount_paid = excluded.amount_paid,
    amount_refunded = excluded.amount_refunded, period_start = excluded.period_start,
    period_end = excluded.period_end, finalized_at = excluded.finalized_at, paid_at = excluded.paid_at,
    attempt_count = excluded.attempt_count, next_payment_attempt = excluded.next_payment_attempt,
    revision = i.revision + 1
  -- A row that was not there when Stripe was read has revision 1 by now, and is left alone too.
  where i.revision = p_seen_revision and i.subscription_id = excluded.subscription_id;
  return found;
end;
$$;

-- Writes an invoice. p_invoice: {id, subscriptionId, paymentIntentId?, number?, status, billingReason?, currency, amountDue,
-- amountPaid, amountRefunded, periodStart, periodEnd, finalizedAt?, paidAt?, attemptCount, nextPaymentAttempt?}; amounts in
-- minor units, times in Unix seconds. Outcomes: recorded; stale (read again); unknown (no subscription of ours on this
-- account).
create function billing.record_invoice(
  p_seen_revision bigint,
  p_invoice jsonb,
  p_stripe_account_id text default null,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_subscription billing.subscriptions;
  v_shown jsonb;
begin
  select * into v_subscription from billing.subscriptions sub
  where sub.stripe_subscription_id = p_invoice ->> 'subscriptionId'
    and sub.stripe_account_id is not distinct from p_stripe_account_id;
  if not found then
    return jsonb_build_object('outcome', 'unknown');
  end if;
  v_shown := billing_private.hold_subscription(v_subscription.id);
  if not billing_private.write_invoice(v_subscription, p_invoice, p_seen_revision) then
    return jsonb_build_object('outcome', 'stale');
  end if;
  perform billing_private.follow_facts(v_subscription.id, v_shown);
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;

-- Whose payment an intent is: {kind: checkout, revision} or {kind: invoice, stripeInvoiceId}. Null where it is nobody's on
-- this account, or an invoice's that has not been written yet.
create function billing.locate_payment(p_stripe_payment_intent_id text, p_stripe_account_id text default null)
  returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select jsonb_build_object('kind', 'checkout', 'revision', p.charge_revision)
  from billing.payment_intents p
  where p.stripe_payment_intent_id = p_stripe_payment_intent_id
    and p.stripe_account_id is not distinct from p_stripe_account_id
  union all
  select jsonb_build_object('kind', 'invoice', 'stripeInvoiceId', i.stripe_invoice_id)
  from billing.invoices i
  where i.stripe_payment_intent_id = p_stripe_payment_intent_id
    and i.stripe_account_id is not distinct from p_stripe_account_id
  limit 1;
$$;

-- Writes what a charge says of a checkout's payment: how much of it went back. Outcomes: recorded; stale (read again).
create function billing.record_charge(
  p_seen_revision bigint,
  p_stripe_payment_intent_id text,
  p_amount_refunded bigint,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.payment_intents p
  set amount_refunded = p_amount_refunded, charge_revision = p.charge_revision + 1
  where p.stripe_payment_intent_id = p_stripe_payment_intent_id and p.charge_revision = p_seen_revision;
  if not found then
    return jsonb_build_object('outcome', 'stale');
  end if;
  -- The payment's invoice says the same; whoever is reading that at Stripe reads it again.
  update billing.invoices i set amount_refunded = p_amount_refunded, revision = i.revision + 1
  where i.stripe_payment_intent_id = p_stripe_payment_intent_id and i.amount_refunded <> p_amount_refunded;
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;

-- Writes a dispute. p_dispute: {id, chargeId, paymentIntentId, status, reason, amount, currency, openedAt (Unix seconds)}.
-- Outcomes: recorded; stale (read again); unknown (locate_payment finds nothing).
create function billing.record_dispute(
  p_seen_revision bigint,
  p_dispute jsonb,
  p_stripe_account_id text default null,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_invoice billing.invoices;
  v_intent_id uuid;
  v_subscription_id uuid;
  v_shown jsonb;
begin
  select p.id into v_intent_id from billing.payment_intents p
  where p.stripe_payment_intent_id = p_dispute ->> 'paymentIntentId'
    and p.stripe_account_id is not distinct from p_stripe_account_id;
  if found then
    select s.* into strict v_session from billing.checkout_sessions s
    join billing.payment_intents p on p.checkout_session_id = s.id where p.id = v_intent_id;
    if v_session.subscription_id is null then
      -- The session may be about to be completed by somebody who cannot see this dispute yet.
      perform from billing.checkout_sessions s
      where s.id = v_session.id and s.subscription_id is null for update;
      if not found then
        return jsonb_build_object('outcome', 'stale');
      end if;
    end if;
  else
    select * into v_invoice from billing.invoices i
    where i.stripe_payment_intent_id = p_dispute ->> 'paymentIntentId'
      and i.stripe_account_id is not distinct from p_stripe_account_id;
    if not found then
      return jsonb_build_object('outcome', 'unknown');
    end if;
  end if;
  v_subscription_id := coalesce(v_session.subscription_id, v_invoice.subscription_id);
  v_shown := billing_private.hold_subscription(v_subscription_id);

  insert into billing.disputes as d (
    organization_id, payment_intent_id, invoice_id, stripe_dispute_id, stripe_charge_id, stripe_account_id,
    status, reason, amount, currency, opened_at
  ) values (
    coalesce(v_session.organization_id, v_invoice.organization_id), v_intent_id, v_invoice.id, p_dispute ->> 'id',
    p_dispute ->> 'chargeId', p_stripe_account_id, p_dispute ->> 'status', p_dispute ->> 'reason',
    (p_dispute ->> 'amount')::bigint, p_dispute ->> 'currency', billing_private.unix(p_dispute, 'openedAt')
  )
  on conflict (stripe_dispute_id) do update
  set status = excluded.status, reason = excluded.reason, amount = excluded.amount, revision = d.revision + 1
  where d.revision = p_seen_revision;
  if not found then
    return jsonb_build_object('outcome', 'stale');
  end if;
  if v_subscription_id is not null then
    perform billing_private.follow_facts(v_subscription_id, v_shown);
  end if;
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;
