-- The owner gives a session up. One without an intent ends here. One with an intent ends at Stripe first, which alone can
-- say whether a payment came before: it is answered located, to be canceled there and written with record_intent.
-- Outcomes: ended (with the snapshot: it is, or was before, at one of its ends), in_hand (with `located`, as
-- locate_checkout has it), not_found (also for another customer's), unauthorized (token revoked, expired or unknown),
-- forbidden (token lacks the operation).
create function billing.cancel_session(p_session_id uuid, p_token_id uuid, p_livemode boolean) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode);
  v_session billing.checkout_sessions;
begin
  if v_token.id is null then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  if not 'checkout' = any (v_token.allowed_operations) then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  -- The lock makes an intent that is being attached, or a completion, come before or after and not between.
  select * into v_session from billing.checkout_sessions s
  where s.id = p_session_id and s.organization_id = v_token.organization_id
    and s.external_user_id = v_token.external_user_id
  for update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  if v_session.status in ('open', 'requires_action', 'processing') and v_session.payment_intent_id is not null then
    return jsonb_build_object('outcome', 'in_hand', 'located', billing.locate_checkout(p_session_id => v_session.id));
  end if;
  update billing.checkout_sessions s
  set status = case when s.expires_at <= clock_timestamp() then 'expired' else 'canceled' end
  where s.id = v_session.id and s.status in ('open', 'requires_action')
  returning * into v_session;
  if not found then
    select * into strict v_session from billing.checkout_sessions s where s.id = p_session_id;
  end if;
  return jsonb_build_object('outcome', 'ended', 'snapshot', billing_private.snapshot(v_session));
end;
$$;
