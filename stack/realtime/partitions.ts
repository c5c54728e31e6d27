/**
 * Makes the partitions of `realtime.messages` for yesterday, today and the three days after, those that are not there yet, as the
 * real server does before it answers the first join of a project (supabase/realtime, `create_messages_partitions` in
 * lib/realtime/tenants.ex, called by `provision_tenant` in lib/realtime/tenants/connect.ex). Before that the table takes no row.
 */
export const MAKE_PARTITIONS = `
do $$
declare
  v_today constant date := (now() at time zone 'UTC')::date;
  v_day date;
  v_name text;
begin
  -- Of two servers that make one table at once, the second would fail.
  perform pg_advisory_xact_lock(hashtext('realtime.messages'));
  for v_day in select generate_series(v_today - 1, v_today + 3, interval '1 day')::date loop
    v_name := to_char(v_day, '"messages_"YYYY_MM_DD');
    continue when to_regclass('realtime.' || v_name) is not null;
    execute format('create table realtime.%I partition of realtime.messages for values from (%L) to (%L)',
      v_name, v_day, v_day + 1);
    execute format('alter table realtime.%I owner to supabase_realtime_admin', v_name);
  end loop;
end
$$`;
