-- What becomes of a connected account that its merchant took away from the platform: nothing on it can be read or ended
-- any more, and it may be connected again one day.

-- Ends a session that is past its expiry and whose intent Stripe does not let us cancel: the platform's key pays nothing on that
-- account now. Should it be connected again and the intent be paid, that is money arriving late. False where the session
-- has moved meanwhile.
create function billing.expire_unreachable_session(p_session_id uuid) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s
  set status = 'expired', intent_revision = s.intent_revision + 1
  where s.id = p_session_id and s.status in ('open', 'requires_action') and s.expires_at <= clock_timestamp();
  if not found then
    return false;
  end if;
  update billing.checkout_attempts a set status = 'failed', finished_at = clock_timestamp()
  where a.checkout_session_id = p_session_id and a.finished_at is null;
  return true;
end;
$$;

-- Leaves an account alone for a while; one that is not ours to read stays at infinity.
create function billing.postpone_account(p_stripe_account_id text, p_livemode boolean, p_seconds integer) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.stripe_cursors c
  set checked_at = greatest(c.checked_at, clock_timestamp() + make_interval(secs => p_seconds))
  where c.stripe_account_id = p_stripe_account_id and c.livemode = p_livemode;
$$;
