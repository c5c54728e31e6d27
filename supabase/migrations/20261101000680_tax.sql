-- What Stripe Tax is to be asked about a session before it has an intent; null where there is nothing to ask.
create function internal.taxable(s public.checkout_sessions) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'amount', s.total_amount,
    'stripeProductId', (select p.stripe_product_id from public.products p where p.id = s.product_id),
    'address', s.customer_address,
    'taxId', s.customer_tax_id
  )
  where s.automatic_tax and s.status = 'open' and s.intent_kind = 'payment' and s.stripe_tax_calculation_id is null;
$$;

-- Adds the tax to what a session is about; the first calculation stands. Answers the session as begin_checkout does.
create function public.record_tax(p_session_id uuid, p_stripe_tax_calculation_id text, p_tax_amount bigint) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session public.checkout_sessions;
begin
  update public.checkout_sessions s
  set tax_amount = p_tax_amount, total_amount = s.total_amount + p_tax_amount,
    stripe_tax_calculation_id = p_stripe_tax_calculation_id
  where s.id = p_session_id and internal.taxable(s) is not null and s.payment_intent_id is null
  returning * into v_session;
  if not found then
    select * into v_session from public.checkout_sessions s where s.id = p_session_id;
  end if;
  if v_session.id is null or not v_session.automatic_tax then
    raise exception 'session % is not taxed', p_session_id using errcode = 'BO002';
  end if;
  return internal.created_session(v_session);
end;
$$;
revoke execute on function public.record_tax(uuid, text, bigint) from public, anon, authenticated;
grant execute on function public.record_tax(uuid, text, bigint) to service_role;
