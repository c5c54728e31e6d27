-- A token that has opened a checkout stays as long as that: marked, so that no run has to pass over all there are.
create function billing_private.mark_token_opened() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.session_tokens t set opened_at = clock_timestamp()
  where t.id = new.session_token_id and t.opened_at is null;
  return null;
end;
$$;
create trigger checkout_sessions_open_token after insert on billing.checkout_sessions
  for each row execute function billing_private.mark_token_opened();

-- Removes what nobody needs any more, a batch at a time: worked events after p_days, tokens that expired and opened
-- nothing. Answers how many rows went.
create function billing.prune(p_limit integer, p_days integer) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_events integer;
  v_tokens integer;
begin
  delete from billing.webhook_events e where e.id = any (array(
    select d.id from billing.webhook_events d
    where d.status = 'processed' and d.received_at < statement_timestamp() - make_interval(days => p_days)
    order by d.received_at limit p_limit for update skip locked
  ));
  get diagnostics v_events = row_count;
  delete from billing.session_tokens t where t.id = any (array(
    select d.id from billing.session_tokens d
    where d.opened_at is null and d.expires_at < statement_timestamp() - interval '1 day'
    order by d.expires_at limit p_limit for update skip locked
  ));
  get diagnostics v_tokens = row_count;
  delete from billing.rate_counters c where c.ctid = any (array(
    select d.ctid from billing.rate_counters d
    where d.window_started_at < statement_timestamp() - interval '1 day'
    order by d.window_started_at limit p_limit for update skip locked
  ));
  return jsonb_build_object('events', v_events, 'tokens', v_tokens);
end;
$$;
