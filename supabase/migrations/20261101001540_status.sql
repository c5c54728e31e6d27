-- What only the owner of a session may see, so that a page can go on after a reload as if create had just answered; without
-- what only Stripe knows (the client secret).
create function billing_private.owned_session(s billing.checkout_sessions) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'priceId', s.price_id,
    'quantity', s.quantity,
    'trialDays', s.trial_days,
    'customer', jsonb_strip_nulls(jsonb_build_object('email', s.customer_email, 'name', s.customer_name)),
    'metadata', s.metadata,
    'change', billing_private.change_shown(s.id),
    'topic', billing_private.checkout_topic(s.id),
    'stripeAccountId', s.stripe_account_id,
    'stripePaymentIntentId', (
      select p.stripe_payment_intent_id from billing.payment_intents p where p.id = s.payment_intent_id
    )
  );
$$;

-- The snapshot for whoever knows the session's id; to the owning, living token of that mode, where it allows checkouts, also
-- what only the owner may see.
-- `stuck` says that claim_session may be worth a call. With p_limited the reading counts against the session's limit, and
-- beyond that the answer is rate_limited (with retryAfter, seconds). Null where there is no such session, which counts nothing.
create function billing.read_checkout(
  p_session_id uuid,
  p_token_id uuid default null,
  p_livemode boolean default null,
  p_limited boolean default false
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_read jsonb;
  v_wait integer;
begin
  -- One statement, so that one version has one content.
  select jsonb_build_object(
    'snapshot', billing_private.snapshot(s),
    'stuck', billing_private.may_look(s),
    'owner', (
      select billing_private.owned_session(s)
      from billing_private.living_token(p_token_id, p_livemode) t
      where t.organization_id = s.organization_id and t.external_user_id = s.external_user_id
        and 'checkout' = any (t.allowed_operations)
    )
  ) into v_read
  from billing.checkout_sessions s where s.id = p_session_id;
  if p_limited and v_read is not null then
    v_wait := billing_private.count_against('status_per_session', p_session_id::text);
    if v_wait is not null then
      return billing_private.rate_limited(v_wait);
    end if;
  end if;
  return v_read;
end;
$$;
