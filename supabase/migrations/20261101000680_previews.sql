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
    adjustment_amount = case s.checkout_mode when 'trial' then 0 else v_due - v_own - v_tax end,
    total_amount = v_due,
    intent_kind = case when v_due > 0 then 'payment' when p_preview ? 'itemId' then 'none' else 'setup' end,
    -- Of the price and not of its tax. Half a minor unit rounds up; integers only, so that no binary fraction moves a cent.
    application_fee_amount = (greatest(v_due - v_tax, 0) * s.application_fee_bps + 5000) / 10000
  where s.id = p_session_id
  returning * into v_session;
  return billing_private.created_session(v_session);
end;
$$;
