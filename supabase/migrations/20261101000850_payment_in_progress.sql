-- A second payment for a product is not taken while a first one is on its way (a bank debit takes days): if both came, one
-- would have to go back. Where a browser pays past confirm, it does.

create index checkout_sessions_processing_idx
  on public.checkout_sessions (organization_id, external_user_id, product_id)
  where status = 'processing';

-- Whether another session of the same customer waits for its payment for the same product, on the same Stripe account.
create function internal.has_payment_in_progress(s public.checkout_sessions) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (
    select from public.checkout_sessions o
    where o.organization_id = s.organization_id and o.external_user_id = s.external_user_id
      and o.product_id = s.product_id and o.status = 'processing' and o.id <> s.id
      and o.stripe_account_id is not distinct from s.stripe_account_id
  );
$$;
