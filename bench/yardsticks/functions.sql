-- What the yardsticks call through PostgREST: the least of its kind. Only in the bench's own database.

create function public.bench_session(p_session_id uuid) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('id', s.id, 'version', s.version, 'status', s.status, 'amount', s.amount,
      'currency', s.currency, 'totalAmount', s.total_amount, 'product', s.product, 'expiresAt', s.expires_at)
    from billing.checkout_sessions s where s.id = p_session_id
  );
end;
$$;

create table public.bench_events (
  id text primary key,
  type text not null,
  payload jsonb not null,
  received_at timestamptz not null default now()
);

create function public.bench_store(p_id text, p_type text, p_payload jsonb) returns void
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  insert into public.bench_events (id, type, payload) values (p_id, p_type, p_payload) on conflict do nothing;
end;
$$;

revoke all on function public.bench_session, public.bench_store from public, anon, authenticated;
grant execute on function public.bench_session, public.bench_store to service_role;
notify pgrst, 'reload schema';
