-- A second payment for a product is not taken while a first one is on its way (a bank debit takes days): if both came, one
-- would have to go back. Where a browser pays past confirm, it does.

create index checkout_sessions_unfinished_of_product_idx
  on billing.checkout_sessions (organization_id, external_user_id, product_id)
  where status in ('open', 'requires_action', 'processing');

-- Makes confirms of one customer for one product, in several tabs say, queue until the end of the transaction, so that each
-- sees the attempts that were begun before.
create function billing_private.queue_for_product(s billing.checkout_sessions) returns void
  language sql
  set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended(
    s.organization_id::text || ':' || s.product_id || ':' || s.external_user_id, 1));
$$;

-- Whether another session of the same customer waits for its payment for the same product, on the same Stripe account: Stripe
-- has it in hand, or it is just being confirmed. A confirm ends within a minute; one that died holds up nobody for
-- longer than two. A card about which the customer's bank is asking holds up nobody: that page may have been left.
create function billing_private.has_payment_in_progress(s billing.checkout_sessions) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (
    select from billing.checkout_sessions o
    where o.organization_id = s.organization_id and o.external_user_id = s.external_user_id
      and o.product_id = s.product_id and o.status in ('open', 'requires_action', 'processing') and o.id <> s.id
      and o.stripe_account_id is not distinct from s.stripe_account_id
      and (o.status = 'processing' or exists (
        select from billing.checkout_attempts a
        where a.checkout_session_id = o.id and a.status = 'started'
          and a.created_at > clock_timestamp() - interval '2 minutes'
      ))
  );
$$;

-- What a session is for has been bought otherwise. One without an intent fails at once; one with an intent expires now, so
-- that whoever is next, this confirm or a repair, cancels it at Stripe and ends it, or gives back what was paid until then.
create function billing_private.end_as_subscribed(p_session_id uuid) returns void
  language sql
  set search_path = ''
as $$
  update billing.checkout_sessions s
  set status = case when s.payment_intent_id is null then 'failed' else s.status end,
    expires_at = least(s.expires_at, clock_timestamp()),
    error_code = 'already_subscribed',
    error_message = 'You already have this subscription. Nothing was charged.'
  where s.id = p_session_id and s.status in ('open', 'requires_action');
$$;
