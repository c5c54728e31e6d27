-- Where Stripe Tax adds to the invoices of a session's subscription: who pays it, from where.
create function billing_private.tax_terms(s billing.checkout_sessions) returns jsonb
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case when s.automatic_tax
    then jsonb_build_object('address', s.customer_address, 'taxId', s.customer_tax_id) end;
end;
$$;

-- What create answers about a session, without what only Stripe knows (the client secret).
create function billing_private.created_session(s billing.checkout_sessions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', s.id,
    'priceId', s.price_id,
    'priceKey', (select pr.key from billing.product_prices pr where pr.id = s.price_id),
    'amount', s.amount,
    'currency', s.currency,
    'discountAmount', s.discount_amount,
    'taxAmount', s.tax_amount,
    'adjustmentAmount', s.adjustment_amount,
    'totalAmount', s.total_amount,
    'applicationFeeAmount', s.application_fee_amount,
    'product', s.product,
    'customer', jsonb_strip_nulls(jsonb_build_object('email', s.customer_email, 'name', s.customer_name)),
    'trialDays', s.trial_days,
    'checkoutMode', s.checkout_mode,
    'intentKind', s.intent_kind,
    'quantity', s.quantity,
    'status', case s.status when 'open' then 'pending' else s.status end,
    'expiresAt', billing_private.iso(s.expires_at),
    'stripeAccountId', s.stripe_account_id,
    'organizationId', s.organization_id,
    'topic', billing_private.checkout_topic(s.id),
    'change', billing_private.change_shown(s.id),
    'stripePriceId', s.stripe_price_id,
    'discount', s.discount,
    'discountId', s.discount_id,
    'tax', billing_private.tax_terms(s),
    'previewed', s.previewed_at is not null,
    'metadata', s.metadata,
    'traceId', s.trace_id,
    'stripePaymentIntentId', (
      select p.stripe_payment_intent_id from billing.payment_intents p where p.id = s.payment_intent_id
    ),
    'stripeCustomerId', (
      select c.stripe_customer_id from billing.customers c
      where c.organization_id = s.organization_id and c.external_id = s.external_user_id
        and c.stripe_account_id is not distinct from s.stripe_account_id
    )
  );
end;
$$;

create function billing_private.has_live_subscription(p_organization_id uuid, p_external_id text, p_product_id uuid)
  returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  -- The customer first: of a join the planner may read all subscriptions.
  return exists (
    select from billing.subscriptions sub
    where sub.customer_id = (
        select c.id from billing.customers c
        where c.organization_id = p_organization_id and c.external_id = p_external_id
      )
      and sub.product_id = p_product_id and sub.status not in ('canceled', 'incomplete_expired')
  );
end;
$$;

create function billing_private.product_shown(p_price billing.product_prices) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_strip_nulls(jsonb_build_object(
      'name', p.name,
      'description', p.description,
      'interval', p_price.recurring_interval,
      'intervalCount', p_price.recurring_interval_count,
      'features', (
        select coalesce(jsonb_agg(f.name order by pf.position, f.key), '[]')
        from billing.product_features pf join billing.features f on f.id = pf.feature_id
        where pf.product_id = p.id
      )
    ))
    from billing.products p where p.id = p_price.product_id
  );
end;
$$;

-- The session that was asked for before, as begin_checkout answers it: under the idempotency key, else of the same token and
-- request while it may still be paid. Null where it is another one that is asked for.
create function billing_private.replay_checkout(
  p_token billing.session_tokens,
  p_request_hash text,
  p_idempotency_key text
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_refusal text;
begin
  if p_idempotency_key is not null then
    -- Another token of the same customer may carry the same key; the unique index alone would answer with an error.
    perform pg_advisory_xact_lock(hashtextextended(
      p_token.organization_id::text || ':' || p_token.external_user_id || ':' || p_idempotency_key, 0));
    select * into v_session from billing.checkout_sessions s
    where s.organization_id = p_token.organization_id and s.external_user_id = p_token.external_user_id
      and s.idempotency_key = p_idempotency_key;
    if found and v_session.created_at <= clock_timestamp() - interval '24 hours'
      and v_session.status <> 'processing' then
      -- A key lives for a day, as Stripe's do; after that the same cart may be bought again, unless its bank debit is
      -- still on its way.
      update billing.checkout_sessions s set idempotency_key = null where s.id = v_session.id;
      return null;
    elsif found and v_session.request_hash <> p_request_hash then
      return jsonb_build_object('outcome', 'idempotency_mismatch');
    end if;
  else
    select * into v_session from billing.checkout_sessions s
    where s.session_token_id = p_token.id and s.request_hash = p_request_hash and s.idempotency_key is null
      and s.organization_id = p_token.organization_id
      and (s.status = 'processing'
        or (s.status in ('open', 'requires_action') and s.expires_at > clock_timestamp()))
    order by s.created_at desc limit 1;
  end if;
  if v_session.id is null then
    return null;
  end if;
  if v_session.status in ('open', 'requires_action') then
    v_refusal := case
      when v_session.checkout_mode = 'change' then billing_private.change_outdated(v_session)
      when billing_private.has_live_subscription(
        v_session.organization_id, v_session.external_user_id, v_session.product_id) then 'already_subscribed'
    end;
    -- Its client secret would let a page that pays past our confirm be charged for what can only go back.
    if v_refusal is null and billing_private.is_withdrawn(v_session) then
      v_refusal := 'price_unavailable';
    end if;
  end if;
  if v_refusal = 'subscription_changed' and p_idempotency_key is null then
    -- What it would cost has changed with the subscription: asked anew, it is another session.
    return null;
  elsif v_refusal is not null then
    return jsonb_build_object('outcome', v_refusal);
  end if;
  return jsonb_build_object('outcome', 'existing', 'session', billing_private.created_session(v_session));
end;
$$;

-- What the customer of a session that is about to be opened is asked for, or why it is not opened. p_draft has what was
-- asked for.
create function billing_private.checkout_terms(
  p_organization billing.organizations,
  p_draft billing.checkout_sessions,
  p_price billing.product_prices,
  p_existing_subscription_id uuid,
  p_coupon_code text
) returns billing_private.terms
  language plpgsql
  set search_path = ''
as $$
declare
  v_terms billing_private.terms;
  v_outcome text;
begin
  if not p_price.on_sale or (p_price.unit_amount > 0 and p_price.stripe_price_id is null)
    or not (select p.on_sale from billing.products p where p.id = p_price.product_id) then
    v_outcome := 'price_unavailable';
  elsif p_existing_subscription_id is not null then
    v_outcome := billing_private.change_not_offered(
      p_organization, p_draft.external_user_id, p_existing_subscription_id, p_price);
    if v_outcome is null then
      v_terms := billing_private.change_terms(
        p_organization, p_draft, p_price, p_existing_subscription_id, p_coupon_code);
    end if;
  elsif billing_private.has_live_subscription(p_organization.id, p_draft.external_user_id, p_price.product_id) then
    v_outcome := 'already_subscribed';
  else
    v_terms := billing_private.terms_for(
      p_organization, p_draft.external_user_id, p_draft.customer_email, p_price, coalesce(p_draft.quantity, 1),
      p_coupon_code);
  end if;
  if v_outcome is null and v_terms.refusal is null and p_organization.tax_enabled then
    v_outcome := case
      when v_terms.intent_kind <> 'none' and p_draft.customer_address is null then 'address_required'
      when p_draft.customer_tax_id is not null and not p_draft.customer_tax_id ? 'type' then 'tax_id_invalid'
    end;
  end if;
  if v_outcome is not null then
    v_terms.refusal := case v_outcome
      when 'quantity_not_allowed' then billing_private.quantity_not_allowed(p_price)
      else jsonb_build_object('outcome', v_outcome)
    end;
  end if;
  return v_terms;
end;
$$;

-- Writes the new session: what was asked for, on these terms.
create function billing_private.open_checkout(
  p_organization billing.organizations,
  p_draft billing.checkout_sessions,
  p_price billing.product_prices,
  p_terms billing_private.terms,
  p_existing_subscription_id uuid
) returns billing.checkout_sessions
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
begin
  insert into billing.checkout_sessions (
    organization_id, session_token_id, external_user_id, product_id, price_id, checkout_mode, intent_kind, trial_days,
    quantity, amount, currency, discount_id, discount, total_amount,
    application_fee_bps, application_fee_amount, product,
    stripe_account_id, stripe_price_id, customer_email, customer_name, customer_address, customer_tax_id, automatic_tax,
    idempotency_key, request_hash, success_url, cancel_url, metadata, trace_id, livemode, expires_at
  ) values (
    p_organization.id, p_draft.session_token_id, p_draft.external_user_id, p_price.product_id, p_price.id,
    p_terms.checkout_mode, p_terms.intent_kind, p_terms.trial_days,
    p_terms.quantity, p_terms.amount, p_price.currency, p_terms.discount_id, p_terms.discount, p_terms.total_amount,
    p_organization.application_fee_bps,
    -- Half a minor unit rounds up; integers only, so that no binary fraction moves a cent.
    (p_terms.total_amount * p_organization.application_fee_bps + 5000) / 10000,
    billing_private.product_shown(p_price),
    p_organization.stripe_account_id, p_price.stripe_price_id, p_draft.customer_email, p_draft.customer_name,
    p_draft.customer_address, p_draft.customer_tax_id, p_organization.tax_enabled and p_terms.intent_kind <> 'none',
    p_draft.idempotency_key, p_draft.request_hash, p_draft.success_url, p_draft.cancel_url, p_draft.metadata,
    p_draft.trace_id, p_organization.livemode, p_draft.expires_at
  ) returning * into v_session;
  if p_existing_subscription_id is not null then
    perform billing_private.open_change(v_session, p_existing_subscription_id);
  end if;
  return v_session;
end;
$$;

-- The price of an organization that an id or a key names; a row of nulls where it has none.
create function billing_private.price_named(p_organization_id uuid, p_name text) returns billing.product_prices
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_price billing.product_prices;
begin
  if p_name ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select pr.* into v_price from billing.product_prices pr
    where pr.id = p_name::uuid and pr.organization_id = p_organization_id;
  else
    select pr.* into v_price from billing.product_prices pr
    where pr.organization_id = p_organization_id and pr.key = p_name;
  end if;
  return v_price;
end;
$$;

-- The token of a caller who is about to open a session, as living_token has it, locked until the transaction ends.
create function billing_private.held_token(p_token_id uuid, p_livemode boolean, p_user_id uuid)
  returns billing.session_tokens
  language plpgsql
  set search_path = ''
as $$
declare
  v_token billing.session_tokens;
begin
  if p_user_id is not null then
    return billing_private.adopted_caller(billing_private.signed_in_caller(p_token_id, p_livemode, p_user_id));
  end if;
  select t.* into v_token from billing.session_tokens t
  where t.id = p_token_id and t.api_key_id is not null and t.revoked_at is null and t.expires_at > clock_timestamp()
  -- As strong as it takes: an update of a session that refers to the token waits for a stronger one.
  for no key update;
  return v_token;
end;
$$;

-- Whose creates count together: those of one token; of a user's own tokens all, since signing in again gives another.
create function billing_private.token_subject(p_token billing.session_tokens) returns text
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case
    when p_token.api_key_id is not null then p_token.id::text
    else billing_private.customer_subject(p_token.organization_id, p_token.external_user_id)
  end;
end;
$$;

-- Opens a session or gives back the one that was asked for before. p_price_id is the price's id or its key; with p_user_id, p_token_id
-- is the id of that user's session of Supabase Auth. Outcomes: created, existing, unauthorized (token
-- revoked, expired or unknown), forbidden (token lacks the operation), merchant_account_unavailable, price_not_found,
-- price_unavailable, address_required, tax_id_invalid (its kind is not known), idempotency_mismatch, already_subscribed,
-- rate_limited (with retryAfter, seconds), and what terms_for refuses (with details): quantity_not_allowed,
-- amount_too_small, amount_too_large, coupon_not_found, coupon_expired, coupon_not_applicable, coupon_first_time_only,
-- coupon_exhausted. With p_existing_subscription_id, which is to be changed and keeps its quantity, quantity_not_allowed,
-- mode_unavailable (it is billed by Stripe, which takes no coupon with a change) and also subscription_not_found,
-- subscription_ended, payment_overdue, already_on_price, currency_mismatch, change_to_free, change_in_progress,
-- subscription_changed (the session asked for again is about a price that the subscription had before).
create function billing.begin_checkout(
  p_token_id uuid,
  p_price_id text,
  p_request_hash text,
  p_lifetime_seconds integer,
  p_livemode boolean default null,
  p_idempotency_key text default null,
  p_customer_email text default null,
  p_customer_name text default null,
  p_metadata jsonb default '{}',
  p_success_url text default null,
  p_cancel_url text default null,
  p_address_digest text default null,
  p_existing_subscription_id uuid default null,
  p_customer_address jsonb default null,
  p_customer_tax_id jsonb default null,
  p_quantity integer default null,
  p_coupon_code text default null,
  p_trace_id text default null,
  p_user_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  -- The lock makes concurrent creates of one token queue here, so the second sees the first one's session.
  v_token constant billing.session_tokens := billing_private.held_token(p_token_id, p_livemode, p_user_id);
  v_organization billing.organizations;
  v_price billing.product_prices;
  v_draft billing.checkout_sessions;
  v_session billing.checkout_sessions;
  v_terms billing_private.terms;
  v_answer jsonb;
  v_wait integer;
begin
  if v_token.id is null then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  select * into strict v_organization from billing.organizations o where o.id = v_token.organization_id;
  if v_organization.livemode is distinct from p_livemode then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  if not 'checkout' = any (v_token.allowed_operations) then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  if not billing_private.account_takes_payments(v_organization.stripe_account_id) then
    return jsonb_build_object('outcome', 'merchant_account_unavailable');
  end if;

  v_wait := billing_private.count_against('create_per_token', billing_private.token_subject(v_token));
  if v_wait is not null then
    return billing_private.rate_limited(v_wait);
  end if;

  v_answer := billing_private.replay_checkout(v_token, p_request_hash, p_idempotency_key);
  if v_answer is not null then
    return v_answer;
  end if;

  -- After the look-up: whoever is in the midst of paying gets that session back, whatever others do meanwhile.
  v_wait := greatest(
    case when p_address_digest is not null then billing_private.count_against('create_per_address', p_address_digest) end,
    billing_private.guarded_for(v_organization.id),
    billing_private.customer_stopped_for(v_organization.id, v_token.external_user_id)
  );
  if v_wait is not null then
    return billing_private.rate_limited(v_wait);
  end if;

  v_price := billing_private.price_named(v_organization.id, p_price_id);
  if v_price.id is null then
    return jsonb_build_object('outcome', 'price_not_found');
  end if;
  v_draft.session_token_id := v_token.id;
  v_draft.external_user_id := v_token.external_user_id;
  v_draft.quantity := p_quantity;
  v_draft.customer_email := p_customer_email;
  v_draft.customer_name := p_customer_name;
  v_draft.customer_address := p_customer_address;
  v_draft.customer_tax_id := p_customer_tax_id;
  v_draft.idempotency_key := p_idempotency_key;
  v_draft.request_hash := p_request_hash;
  v_draft.success_url := p_success_url;
  v_draft.cancel_url := p_cancel_url;
  v_draft.metadata := p_metadata;
  v_draft.trace_id := p_trace_id;
  v_draft.expires_at := clock_timestamp() + make_interval(secs => p_lifetime_seconds);
  v_terms := billing_private.checkout_terms(v_organization, v_draft, v_price, p_existing_subscription_id, p_coupon_code);
  if v_terms.refusal is not null then
    return v_terms.refusal;
  end if;
  -- A statement of its own, whose change of a subscription the next one sees.
  v_session := billing_private.open_checkout(v_organization, v_draft, v_price, v_terms, p_existing_subscription_id);
  return jsonb_build_object('outcome', 'created', 'session', billing_private.created_session(v_session));
end;
$$;

-- Makes an intent the session's current one. The first wins: a second create that lost the race gets the first one's
-- intent and leaves its own to be canceled. p_amount is what the intent is for, in minor units, 0 of a set-up. Outcomes:
-- attached, superseded, closed (the session ended meanwhile), outdated (the session's amount is another by now: what another
-- create has shown).
create function billing.attach_payment_intent(
  p_session_id uuid,
  p_stripe_payment_intent_id text,
  p_client_secret_digest text,
  p_status text,
  p_amount bigint default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_intent billing.payment_intents;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  if not found then
    raise exception 'no checkout session %', p_session_id using errcode = 'BO002';
  end if;
  if v_session.payment_intent_id is null and v_session.status <> 'open' then
    return jsonb_build_object('outcome', 'closed');
  elsif v_session.payment_intent_id is null and p_amount <> v_session.total_amount then
    return jsonb_build_object('outcome', 'outdated');
  elsif v_session.payment_intent_id is null then
    insert into billing.payment_intents (
      checkout_session_id, organization_id, kind, stripe_payment_intent_id, stripe_account_id, client_secret_digest, status,
      amount, currency, application_fee_amount
    ) values (
      v_session.id, v_session.organization_id, v_session.intent_kind, p_stripe_payment_intent_id, v_session.stripe_account_id,
      p_client_secret_digest, p_status, v_session.total_amount, v_session.currency, v_session.application_fee_amount
    ) returning * into v_intent;
    update billing.checkout_sessions s set payment_intent_id = v_intent.id where s.id = v_session.id;
  else
    select * into strict v_intent from billing.payment_intents p where p.id = v_session.payment_intent_id;
  end if;
  return jsonb_build_object(
    'outcome', case when v_intent.stripe_payment_intent_id = p_stripe_payment_intent_id
      then 'attached' else 'superseded' end,
    'stripePaymentIntentId', v_intent.stripe_payment_intent_id
  );
end;
$$;

-- Freezes what Stripe's preview of a session's invoice came to, before there is anything to pay; the first one stands.
-- p_preview: {discountAmount, taxAmount, amountDue}, and of a change of a subscription also {itemId, stripePriceId, quantity,
-- trialing, restarts, proratedAt? (Unix seconds), credited, charged}; amounts in minor units. Answers the session as
-- begin_checkout does.
create function billing.record_preview(p_session_id uuid, p_preview jsonb) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_due constant bigint := (p_preview ->> 'amountDue')::bigint;
  v_discount constant bigint := (p_preview ->> 'discountAmount')::bigint;
  v_tax constant bigint := greatest((p_preview ->> 'taxAmount')::bigint, 0);
  v_own bigint;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  if not found or v_session.checkout_mode = 'free' then
    raise exception 'no checkout session % of which Stripe could tell', p_session_id using errcode = 'BO002';
  end if;
  if v_session.previewed_at is not null or v_session.status <> 'open' or v_session.payment_intent_id is not null then
    return billing_private.created_session(v_session);
  end if;

  if p_preview ? 'itemId' then
    update billing.subscription_changes ch
    set stripe_item_id = p_preview ->> 'itemId',
      stripe_price_id = p_preview ->> 'stripePriceId',
      quantity = (p_preview ->> 'quantity')::bigint,
      trialing = (p_preview ->> 'trialing')::boolean,
      restarts = (p_preview ->> 'restarts')::boolean,
      prorated_at = billing_private.unix(p_preview, 'proratedAt'),
      credited = (p_preview ->> 'credited')::bigint,
      charged = (p_preview ->> 'charged')::bigint
    where ch.checkout_session_id = p_session_id;
    if not found then
      raise exception 'session % changes no subscription', p_session_id using errcode = 'BO002';
    end if;
    -- One that is opened for a subscription at Stripe has the price of one seat.
    v_session.quantity := (p_preview ->> 'quantity')::integer;
    v_session.amount := v_session.amount * v_session.quantity;
    v_own := greatest((p_preview ->> 'charged')::bigint - (p_preview ->> 'credited')::bigint, 0);
  else
    v_own := v_session.amount - least(v_discount, v_session.amount);
  end if;
  update billing.checkout_sessions s
  set previewed_at = clock_timestamp(),
    quantity = v_session.quantity,
    amount = v_session.amount,
    discount_amount = case when p_preview ? 'itemId' then 0 else least(v_discount, v_session.amount) end,
    tax_amount = v_tax,
    adjustment_amount = case when s.trial_days > 0 then 0 else v_due - v_own - v_tax end,
    total_amount = v_due,
    intent_kind = case when v_due > 0 then 'payment' when p_preview ? 'itemId' then 'none' else 'setup' end,
    -- Of all that is charged, its tax too, as Stripe takes it of each renewal. Half a minor unit rounds up; integers only, so that no
    -- binary fraction moves a cent.
    application_fee_amount = (v_due * s.application_fee_bps + 5000) / 10000
  where s.id = p_session_id
  returning * into v_session;
  return billing_private.created_session(v_session);
end;
$$;
