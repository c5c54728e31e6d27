-- Where Stripe Tax adds to the invoices of a session's subscription: who pays it, from where.
create function billing_private.tax_terms(s billing.checkout_sessions) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
  return case when s.automatic_tax
    then jsonb_build_object('address', s.customer_address, 'taxId', s.customer_tax_id) end;

-- What create answers about a session, without what only Stripe knows (the client secret).
create function billing_private.created_session(s billing.checkout_sessions) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'id', s.id,
    'priceId', s.price_id,
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
    'stripePaymentIntentId', (
      select p.stripe_payment_intent_id from billing.payment_intents p where p.id = s.payment_intent_id
    ),
    'stripeCustomerId', (
      select c.stripe_customer_id from billing.customers c
      where c.organization_id = s.organization_id and c.external_id = s.external_user_id
        and c.stripe_account_id is not distinct from s.stripe_account_id
    )
  );
$$;

create function billing_private.has_live_subscription(p_organization_id uuid, p_external_id text, p_product_id uuid)
  returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (
    select from billing.customers c join billing.subscriptions sub on sub.customer_id = c.id
    where c.organization_id = p_organization_id and c.external_id = p_external_id
      and sub.product_id = p_product_id and sub.status not in ('canceled', 'incomplete_expired')
  );
$$;

create function billing_private.product_shown(p_product billing.products, p_price billing.product_prices) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'name', p_product.name,
    'description', p_product.description,
    'interval', p_price.recurring_interval,
    'intervalCount', p_price.recurring_interval_count,
    'features', (
      select coalesce(jsonb_agg(f.name order by pf.position, f.key), '[]')
      from billing.product_features pf join billing.features f on f.id = pf.feature_id
      where pf.product_id = p_product.id
    )
  ));
$$;

-- Opens a session or gives back the one that was asked for before. Outcomes: created, existing, unauthorized (token
-- revoked, expired or unknown), forbidden (token lacks the operation), merchant_account_unavailable, price_not_found,
-- price_unavailable, address_required, tax_id_invalid (its kind is not known), idempotency_mismatch, already_subscribed,
-- rate_limited (with retryAfter, seconds), and what terms_for refuses (with details): quantity_not_allowed,
-- amount_too_small, amount_too_large, coupon_not_found, coupon_expired, coupon_not_applicable, coupon_first_time_only,
-- coupon_exhausted. With p_existing_subscription_id, which is to be changed and keeps its quantity, also
-- subscription_not_found, subscription_ended, payment_overdue, already_on_price, currency_mismatch, change_to_free,
-- change_in_progress, subscription_changed (the session asked for again is about a price that the subscription had before).
create function billing.begin_checkout(
  p_token_id uuid,
  p_price_id uuid,
  p_request_hash text,
  p_livemode boolean,
  p_lifetime_seconds integer,
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
  p_quantity integer default 1,
  p_coupon_code text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_token billing.session_tokens;
  v_organization billing.organizations;
  v_product billing.products;
  v_price billing.product_prices;
  v_session billing.checkout_sessions;
  v_terms billing_private.terms;
  v_refusal text;
  v_wait integer;
begin
  -- The lock makes concurrent creates of one token queue here, so the second sees the first one's session.
  select * into v_token from billing.session_tokens t
  where t.id = p_token_id and t.revoked_at is null and t.expires_at > clock_timestamp()
  -- As strong as it takes: an update of a session that refers to the token waits for a stronger one.
  for no key update;
  if not found then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  select * into strict v_organization from billing.organizations o where o.id = v_token.organization_id;
  if v_organization.livemode <> p_livemode then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  if not 'checkout' = any (v_token.allowed_operations) then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  if not billing_private.account_takes_payments(v_organization.stripe_account_id) then
    return jsonb_build_object('outcome', 'merchant_account_unavailable');
  end if;

  v_wait := billing_private.count_against('create_per_token', v_token.id::text);
  if v_wait is not null then
    return billing_private.rate_limited(v_wait);
  end if;

  if p_idempotency_key is not null then
    -- Another token of the same customer may carry the same key; the unique index alone would answer with an error.
    perform pg_advisory_xact_lock(hashtextextended(
      v_organization.id::text || ':' || v_token.external_user_id || ':' || p_idempotency_key, 0));
    select * into v_session from billing.checkout_sessions s
    where s.organization_id = v_organization.id and s.external_user_id = v_token.external_user_id
      and s.idempotency_key = p_idempotency_key;
    if found and v_session.created_at <= clock_timestamp() - interval '24 hours'
      and v_session.status <> 'processing' then
      -- A key lives for a day, as Stripe's do; after that the same cart may be bought again, unless its bank debit is
      -- still on its way.
      update billing.checkout_sessions s set idempotency_key = null where s.id = v_session.id;
      v_session := null;
    elsif found and v_session.request_hash <> p_request_hash then
      return jsonb_build_object('outcome', 'idempotency_mismatch');
    end if;
  else
    select * into v_session from billing.checkout_sessions s
    where s.session_token_id = v_token.id and s.request_hash = p_request_hash and s.idempotency_key is null
      and (s.status = 'processing'
        or (s.status in ('open', 'requires_action') and s.expires_at > clock_timestamp()))
    order by s.created_at desc limit 1;
    if v_session.checkout_mode = 'change' and v_session.status <> 'processing'
      and billing_private.change_refusal(v_session) = 'subscription_changed' then
      -- What it would cost has changed with the subscription: asked anew, it is another session.
      v_session := null;
    end if;
  end if;
  if v_session.checkout_mode = 'change' then
    v_refusal := case when v_session.status in ('open', 'requires_action') then billing_private.change_refusal(v_session) end;
    if v_refusal is not null then
      return jsonb_build_object('outcome', v_refusal);
    end if;
    return jsonb_build_object('outcome', 'existing', 'session', billing_private.created_session(v_session));
  elsif v_session.id is not null then
    if v_session.status in ('open', 'requires_action') and billing_private.has_live_subscription(
      v_organization.id, v_token.external_user_id, v_session.product_id
    ) then
      return jsonb_build_object('outcome', 'already_subscribed');
    end if;
    return jsonb_build_object('outcome', 'existing', 'session', billing_private.created_session(v_session));
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

  select pr.* into v_price
  from billing.product_prices pr join billing.products p on p.id = pr.product_id
  where pr.id = p_price_id and p.organization_id = v_organization.id;
  if not found then
    return jsonb_build_object('outcome', 'price_not_found');
  end if;
  select * into strict v_product from billing.products p where p.id = v_price.product_id;
  if not (v_price.active and v_product.active) or (v_price.unit_amount > 0 and v_price.stripe_price_id is null) then
    return jsonb_build_object('outcome', 'price_unavailable');
  end if;
  if p_existing_subscription_id is not null then
    v_refusal := billing_private.refuse_change(
      v_organization, v_token.external_user_id, p_existing_subscription_id, v_price);
    if v_refusal is not null then
      return jsonb_build_object('outcome', v_refusal);
    end if;
    p_quantity := billing_private.change_quantity(p_existing_subscription_id);
    v_terms := billing_private.change_terms(p_existing_subscription_id, v_price);
  elsif billing_private.has_live_subscription(v_organization.id, v_token.external_user_id, v_product.id) then
    return jsonb_build_object('outcome', 'already_subscribed');
  else
    v_terms := billing_private.terms_for(
      v_organization, v_token.external_user_id, p_customer_email, v_price, p_quantity, p_coupon_code);
  end if;
  if v_terms.refusal is not null then
    return v_terms.refusal;
  end if;
  if v_organization.tax_enabled and v_terms.intent_kind <> 'none' and p_customer_address is null then
    return jsonb_build_object('outcome', 'address_required');
  elsif v_organization.tax_enabled and p_customer_tax_id is not null and not p_customer_tax_id ? 'type' then
    return jsonb_build_object('outcome', 'tax_id_invalid');
  end if;
  insert into billing.checkout_sessions (
    organization_id, session_token_id, external_user_id, product_id, price_id, checkout_mode, intent_kind, trial_days,
    quantity, amount, currency, discount_id, discount, total_amount,
    application_fee_bps, application_fee_amount, product,
    stripe_account_id, stripe_price_id, customer_email, customer_name, customer_address, customer_tax_id, automatic_tax,
    idempotency_key, request_hash, success_url, cancel_url, metadata, livemode, expires_at
  ) values (
    v_organization.id, v_token.id, v_token.external_user_id, v_product.id, v_price.id,
    v_terms.checkout_mode, v_terms.intent_kind, v_terms.trial_days,
    p_quantity, v_terms.amount, v_price.currency, v_terms.discount_id, v_terms.discount,
    v_terms.total_amount, v_organization.application_fee_bps,
    -- Half a minor unit rounds up; integers only, so that no binary fraction moves a cent.
    (v_terms.total_amount * v_organization.application_fee_bps + 5000) / 10000,
    billing_private.product_shown(v_product, v_price),
    v_organization.stripe_account_id, v_price.stripe_price_id, p_customer_email, p_customer_name,
    p_customer_address, p_customer_tax_id, v_organization.tax_enabled and v_terms.intent_kind <> 'none',
    p_idempotency_key, p_request_hash, p_success_url, p_cancel_url, p_metadata, p_livemode,
    clock_timestamp() + make_interval(secs => p_lifetime_seconds)
  ) returning * into v_session;
  if p_existing_subscription_id is not null then
    perform billing_private.open_change(v_session, p_existing_subscription_id);
  end if;
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
      checkout_session_id, kind, stripe_payment_intent_id, stripe_account_id, client_secret_digest, status,
      amount, currency, application_fee_amount
    ) values (
      v_session.id, v_session.intent_kind, p_stripe_payment_intent_id, v_session.stripe_account_id, p_client_secret_digest, p_status,
      v_session.total_amount, v_session.currency, v_session.application_fee_amount
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
