-- What Stripe says of the money behind a subscription: its invoices, and disputes about what was paid. Facts only; what
-- they mean for the features is computed from them.

create table billing.invoices (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  stripe_invoice_id text not null,
  stripe_account_id text,
  -- The intent that paid it, or is to pay it; null where nothing was due.
  stripe_payment_intent_id text,
  number text,
  -- Stripe's own words: https://docs.stripe.com/api/invoices/object
  status text not null,
  billing_reason text,
  -- Amounts in the currency's minor unit.
  currency text not null,
  amount_due bigint not null,
  amount_paid bigint not null,
  amount_refunded bigint not null default 0,
  -- What is paid for, as the invoice's lines say.
  period_start timestamptz not null,
  period_end timestamptz not null,
  finalized_at timestamptz,
  paid_at timestamptz,
  attempt_count integer not null default 0,
  next_payment_attempt timestamptz,
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint invoices_pkey primary key (id),
  constraint invoices_stripe_invoice_id_key unique (stripe_invoice_id),
  constraint invoices_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint invoices_customer_id_fkey foreign key (customer_id) references billing.customers (id),
  constraint invoices_subscription_id_fkey foreign key (subscription_id)
    references billing.subscriptions (id) on delete cascade,
  constraint invoices_status_known check (status in ('draft', 'open', 'paid', 'uncollectible', 'void')),
  constraint invoices_currency_form check (currency ~ '^[a-z]{3}$'),
  constraint invoices_amounts_range check (amount_due >= 0 and amount_paid >= 0 and amount_refunded >= 0),
  constraint invoices_attempt_count_range check (attempt_count >= 0)
);
create index invoices_organization_id_idx on billing.invoices (organization_id, created_at);
create index invoices_customer_id_idx on billing.invoices (customer_id);
create index invoices_subscription_id_idx on billing.invoices (subscription_id, paid_at);
create index invoices_stripe_payment_intent_id_idx on billing.invoices (stripe_payment_intent_id);
alter table billing.invoices enable row level security;
grant select on billing.invoices to service_role;
create trigger invoices_touch before update on billing.invoices
  for each row execute function billing_private.touch_updated_at();

create table billing.disputes (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  -- What is disputed: a checkout's payment, or an invoice's.
  payment_intent_id uuid,
  invoice_id uuid,
  stripe_dispute_id text not null,
  stripe_charge_id text not null,
  stripe_account_id text,
  -- Stripe's own words: https://docs.stripe.com/api/disputes/object
  status text not null,
  reason text not null,
  amount bigint not null,
  currency text not null,
  opened_at timestamptz not null,
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint disputes_pkey primary key (id),
  constraint disputes_stripe_dispute_id_key unique (stripe_dispute_id),
  constraint disputes_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint disputes_payment_intent_id_fkey foreign key (payment_intent_id)
    references billing.payment_intents (id) on delete cascade,
  constraint disputes_invoice_id_fkey foreign key (invoice_id) references billing.invoices (id) on delete cascade,
  constraint disputes_one_payment check (num_nonnulls(payment_intent_id, invoice_id) = 1),
  constraint disputes_amount_range check (amount >= 0),
  constraint disputes_currency_form check (currency ~ '^[a-z]{3}$')
);
create index disputes_organization_id_idx on billing.disputes (organization_id, created_at);
create index disputes_payment_intent_id_idx on billing.disputes (payment_intent_id);
create index disputes_invoice_id_idx on billing.disputes (invoice_id);
alter table billing.disputes enable row level security;
grant select on billing.disputes to service_role;
create trigger disputes_touch before update on billing.disputes
  for each row execute function billing_private.touch_updated_at();

-- What a dispute means for the money that it is about, as shared/domain/disputes.ts says it.
create function billing_private.dispute_stage(p_status text) returns text
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case
    when starts_with(p_status, 'warning_') or p_status in ('won', 'prevented') then 'none'
    when p_status in ('needs_response', 'under_review') then 'open'
    else 'lost'
  end;
end;
$$;

-- Invoices, refunds and disputes as Stripe has them. Each is read again at Stripe under the revision that its row had, and
-- written only where no other writer came between: what is newer is never overwritten by what is older, and no timestamp
-- decides.

-- The revision under which a writer is about to read a dispute; 0 where there is no row yet.
create function billing.dispute_revision(p_stripe_dispute_id text) returns bigint
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select coalesce((select d.revision from billing.disputes d where d.stripe_dispute_id = p_stripe_dispute_id), 0)
  );
end;
$$;

-- The revision under which a writer is about to read an invoice, 0 where there is no row yet, and its subscription as
-- locate_subscription has it: by the row, else by p_stripe_subscription_id. Null where that is not ours (yet).
create function billing.locate_invoice(p_stripe_invoice_id text, p_stripe_subscription_id text default null) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_revision bigint := 0;
  v_stripe_subscription_id text := p_stripe_subscription_id;
  v_known record;
begin
  select i.revision, sub.stripe_subscription_id into v_known
  from billing.invoices i join billing.subscriptions sub on sub.id = i.subscription_id
  where i.stripe_invoice_id = p_stripe_invoice_id;
  if found then
    v_revision := v_known.revision;
    v_stripe_subscription_id := coalesce(v_known.stripe_subscription_id, v_stripe_subscription_id);
  end if;
  return jsonb_build_object(
    'revision', v_revision, 'subscription', billing.locate_subscription(v_stripe_subscription_id));
end;
$$;

-- Writes an invoice of a subscription; false where another writer came between. p_invoice as record_invoice takes it.
create function billing_private.write_invoice(sub billing.subscriptions, p_invoice jsonb, p_seen_revision bigint)
  returns boolean
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

-- Writes an invoice, and with it its subscription where p_subscription says how that was then, read under
-- p_seen_subscription_revision: as record_subscription takes and answers it. p_invoice: {id, subscriptionId, paymentIntentId?,
-- number?, status, billingReason?, currency, amountDue, amountPaid, amountRefunded, periodStart, periodEnd, finalizedAt?,
-- paidAt?, attemptCount, nextPaymentAttempt?}; amounts in minor units, times in Unix seconds. Outcomes: recorded; stale (read
-- again); unknown (no subscription of ours on this account).
create function billing.record_invoice(
  p_seen_revision bigint,
  p_invoice jsonb,
  p_stripe_account_id text default null,
  p_event_id uuid default null,
  p_subscription jsonb default null,
  p_seen_subscription_revision bigint default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_subscription billing.subscriptions;
  v_shown jsonb;
  v_outcome jsonb := jsonb_build_object('outcome', 'recorded');
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
  if p_subscription is null then
    perform billing_private.follow_facts(v_subscription.id, v_shown);
  else
    v_outcome := billing_private.write_subscription(
      v_subscription.id, p_seen_subscription_revision, p_subscription, v_shown);
  end if;
  if v_outcome ->> 'outcome' = 'recorded' then
    perform billing_private.finish_event(p_event_id, 'applied');
  end if;
  return v_outcome;
end;
$$;

-- Whose payment an intent is: {kind: checkout, revision} or {kind: invoice, stripeInvoiceId}. Null where it is nobody's on
-- this account, or an invoice's that has not been written yet.
create function billing.locate_payment(p_stripe_payment_intent_id text, p_stripe_account_id text default null)
  returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('kind', 'checkout', 'revision', p.charge_revision)
    from billing.payment_intents p
    where p.stripe_payment_intent_id = p_stripe_payment_intent_id
      and p.stripe_account_id is not distinct from p_stripe_account_id
    union all
    select jsonb_build_object('kind', 'invoice', 'stripeInvoiceId', i.stripe_invoice_id)
    from billing.invoices i
    where i.stripe_payment_intent_id = p_stripe_payment_intent_id
      and i.stripe_account_id is not distinct from p_stripe_account_id
    limit 1
  );
end;
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

-- What is known of an invoice; null where there is no row.
create function billing.invoice_status(p_stripe_invoice_id text) returns text
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select i.status from billing.invoices i where i.stripe_invoice_id = p_stripe_invoice_id
  );
end;
$$;
