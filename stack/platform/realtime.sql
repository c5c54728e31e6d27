-- The part of the platform's `realtime` schema that broadcast needs, as its Realtime server lays it out
-- (supabase/realtime, lib/realtime/tenants/repo/migrations: 20260420000000_squash_migrations). Run once by a superuser,
-- after the roles exist.
-- Postgres Changes (realtime.subscription, apply_rls, ...) is left out: the product uses broadcast.

do $$
begin
  if not exists (select from pg_roles where rolname = 'supabase_realtime_admin') then
    create role supabase_realtime_admin noinherit nologin noreplication;
  end if;
end
$$;

-- Migrations run as `postgres`, which is no superuser: the membership is what lets it make policies
-- on realtime.messages.
grant supabase_realtime_admin to postgres;
grant anon, authenticated, service_role to supabase_realtime_admin;

create schema if not exists realtime;
grant usage on schema realtime to anon, authenticated, service_role;
grant usage on schema realtime to postgres with grant option;
grant all on schema realtime to supabase_realtime_admin with grant option;

create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp without time zone not null default now(),
  inserted_at timestamp without time zone not null default now(),
  id uuid not null default gen_random_uuid(),
  constraint messages_pkey primary key (id, inserted_at)
) partition by range (inserted_at);

create index if not exists messages_inserted_at_topic_index
  on only realtime.messages using btree (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;

-- It has no partition and takes no row until a client has joined a channel: stack/realtime/partitions.ts
-- (https://supabase.com/docs/guides/troubleshooting/realtime-warn-sending-broadcast-message).
alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;

grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;
grant delete, truncate, references, trigger on realtime.messages to postgres;

-- The topic that a client asks to join (set by the Realtime server around its probe) or that
-- realtime.send is sending on; null elsewhere.
create or replace function realtime.topic() returns text
language sql stable
as $$
select nullif(current_setting('realtime.topic', true), '')::text;
$$;

-- Never raises: a broadcast that cannot be written becomes a warning and the caller's transaction
-- goes on. Adds `id` to a payload that has none.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void
language plpgsql
as $$
declare
  generated_id uuid;
  final_payload jsonb;
begin
  begin
    generated_id := gen_random_uuid();
    if payload ? 'id' then
      final_payload := payload;
    else
      final_payload := jsonb_set(payload, '{id}', to_jsonb(generated_id));
    end if;
    execute format('set local realtime.topic to %L', topic);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (generated_id, final_payload, event, topic, private, 'broadcast');
  exception
    when others then
      raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
  end;
end;
$$;

alter function realtime.topic() owner to supabase_realtime_admin;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;

do $$
begin
  if not exists (select from pg_publication where pubname = 'supabase_realtime_messages_publication') then
    create publication supabase_realtime_messages_publication for table realtime.messages;
  end if;
end
$$;
