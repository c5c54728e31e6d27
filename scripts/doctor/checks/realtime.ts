import { randomUUID } from "node:crypto";
import { DatabaseError } from "pg";
import { check, told } from "../check.ts";
import type { Project } from "../project.ts";

export interface RealtimeReading {
  /** Whether the publishable key's role may listen to the topic of a checkout; undefined where none is there to try. */
  readonly listens: boolean | undefined;
  readonly listensToStranger: boolean;
  readonly sends: boolean;
}

/** Whether a browser hears of its checkout, and of nothing else, proven as the Realtime server asks, by rows of a double of its table. */
export const realtime = check({
  name: "realtime",
  findings: {
    "refuses-listeners": {
      severity: "failure",
      fix:
        "create the policy checkout_session_listeners of …_sessions.sql again; until then pages poll",
    },
    "lets-strangers-listen": {
      severity: "failure",
      fix:
        "look at pg_policies for realtime.messages and drop what lets anon or authenticated read other topics than their own",
    },
    "lets-browsers-send": {
      severity: "failure",
      fix:
        "look at pg_policies for realtime.messages and drop what lets anon or authenticated insert there",
    },
  },
  read: async (project): Promise<RealtimeReading> => {
    const [session] = await project.rows<{ id: string }>(
      `select id from billing.checkout_sessions where status in ('open', 'requires_action', 'processing')
       order by created_at desc limit 1`,
    );
    return {
      listens: session === undefined
        ? await hasPolicy(project)
        : await listens(project, session.id),
      listensToStranger: await listens(project, randomUUID()),
      sends: await sends(project, session?.id ?? randomUUID()),
    };
  },
  judge: (reading: RealtimeReading) =>
    told(
      [
        reading.listens === false,
        "refuses-listeners",
        "a browser may not listen to its own checkout's topic",
      ],
      [
        reading.listensToStranger,
        "lets-strangers-listen",
        "a browser may listen to the topic of a checkout that is not there",
      ],
      [
        reading.sends,
        "lets-browsers-send",
        "a browser may send on a checkout's topic, and forge its messages",
      ],
    ),
});

/** Where no checkout is open, the policy is looked for and not tried. */
async function hasPolicy({ rows }: Project): Promise<boolean> {
  const found = await rows(
    `select from pg_policies where schemaname = 'realtime' and tablename = 'messages'
       and policyname = 'checkout_session_listeners'`,
  );
  return found.length > 0;
}

/** As supabase/realtime does (lib/realtime/tenants/authorization.ex): a probe row, looked for as the caller's role. */
function listens(project: Project, sessionId: string): Promise<boolean> {
  return rolledBack(project, async ({ rows }) => {
    const topic = `checkout:${sessionId}`;
    await rows("insert into pg_temp.messages (topic, extension) values ($1, 'broadcast')", [topic]);
    await become(project, topic);
    return allowed(async () =>
      (await rows("select 1 from pg_temp.messages where topic = $1", [topic])).length > 0
    );
  });
}

function sends(project: Project, sessionId: string): Promise<boolean> {
  return rolledBack(project, async ({ rows }) => {
    const topic = `checkout:${sessionId}`;
    await become(project, topic);
    return allowed(async () => {
      await rows("insert into pg_temp.messages (topic, extension) values ($1, 'broadcast')", [
        topic,
      ]);
      return true;
    });
  });
}

async function allowed(probe: () => Promise<boolean>): Promise<boolean> {
  try {
    return await probe();
  } catch (error) {
    // 42501, insufficient_privilege.
    if (error instanceof DatabaseError && error.code === "42501") return false;
    throw error;
  }
}

const become = ({ rows }: Project, topic: string) =>
  rows(
    `select set_config('role', 'anon', true), set_config('realtime.topic', $1, true),
       set_config('request.jwt.claims', '{"role":"anon"}', true)`,
    [topic],
  );

/**
 * A table like realtime.messages, with its policies and what `anon` may do there. The table itself takes no row, of nobody,
 * where no client has connected to Realtime yet or within the last days
 * (https://supabase.com/docs/guides/troubleshooting/realtime-warn-sending-broadcast-message).
 */
const DOUBLE = `
create temp table messages (like realtime.messages including defaults) on commit drop;
do $$
declare
  v_policy pg_policies;
  v_privilege text;
begin
  if (select relrowsecurity from pg_class where oid = 'realtime.messages'::regclass) then
    alter table pg_temp.messages enable row level security;
  end if;
  foreach v_privilege in array array['select', 'insert'] loop
    if has_schema_privilege('anon', 'realtime', 'usage')
      and has_table_privilege('anon', 'realtime.messages', v_privilege) then
      execute format('grant %s on pg_temp.messages to anon', v_privilege);
    end if;
  end loop;
  for v_policy in select * from pg_policies where schemaname = 'realtime' and tablename = 'messages' loop
    execute format('create policy %I on pg_temp.messages as %s for %s to %s', v_policy.policyname, v_policy.permissive,
        v_policy.cmd, (select string_agg(quote_ident(role), ', ') from unnest(v_policy.roles) role))
      || coalesce(' using (' || v_policy.qual || ')', '')
      || coalesce(' with check (' || v_policy.with_check || ')', '');
  end loop;
end
$$`;

async function rolledBack<Result>(
  project: Project,
  probe: (project: Project) => Promise<Result>,
): Promise<Result> {
  await project.rows("begin");
  try {
    await project.rows(DOUBLE);
    return await probe(project);
  } finally {
    await project.rows("rollback");
  }
}
