import { check, told } from "../check.ts";

export interface SchemaReading {
  /** Of a reading of `billing` through the project's API, as service_role. */
  readonly status: number;
  /** What a browser's roles may use of our schemas. */
  readonly open: readonly string[];
}

/** What a signed-in user may read as a whole: views of the rows that policies show members of an organization. */
const MEMBERS_VIEWS = ["checkout_funnel", "time_to_active", "decline_codes", "refunds_owed"];
/** What a signed-in user may call: own features, a member's page, and what its policies call. */
const USERS_FUNCTIONS = [
  "has_feature",
  "feature_limit",
  "dead_events",
  "replay_dead_event",
  "session_facts",
  "my_organizations",
];

/** Whether the API serves `billing` to the functions, and to nobody else but for a signed-in user's own features. */
export const schema = check({
  name: "schema",
  findings: {
    "not-exposed": {
      severity: "failure",
      fix:
        "run `npm run deploy`, which adds `billing` to the exposed schemas of the project's API, beside those that are there",
    },
    "unreadable": {
      severity: "failure",
      fix: "run `npm run deploy`; the last migration grants service_role what it needs",
    },
    "open-to-browsers": {
      severity: "failure",
      fix:
        "run the statements of the last migration, …_privileges.sql, again: something granted a browser's role more",
    },
  },
  read: async ({ settings, rows }): Promise<SchemaReading> => {
    const response = await fetch(new URL("/rest/v1/rate_limits?limit=0", settings.url), {
      headers: { apikey: settings.secretKey, "accept-profile": "billing" },
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    const open = await rows<{ what: string }>(
      `select format('%s may use schema %s', r.role, n.nspname) as what
       from pg_namespace n, unnest(array['anon', 'authenticated']) r(role)
       where n.nspname in ('billing', 'billing_private') and has_schema_privilege(r.role, n.oid, 'usage')
         and (n.nspname, r.role) <> ('billing', 'authenticated')
       union all
       select format('%s may %s %s', r.role, p.privilege, c.oid::regclass)
       from pg_class c, unnest(array['anon', 'authenticated']) r(role),
         unnest(array['select', 'insert', 'update', 'delete']) p(privilege)
       where c.relnamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         and c.relkind in ('r', 'v', 'm', 'p') and has_table_privilege(r.role, c.oid, p.privilege)
         and not (r.role = 'authenticated' and p.privilege = 'select' and c.relname = any ($1))
       union all
       select format('%s may call %s', r.role, f.oid::regprocedure)
       from pg_proc f, unnest(array['anon', 'authenticated']) r(role)
       where f.pronamespace in ('billing'::regnamespace, 'billing_private'::regnamespace)
         and f.proname <> 'checkout_topic_exists'
         and not (r.role = 'authenticated' and f.proname = any ($2))
         and has_function_privilege(r.role, f.oid, 'execute')
       order by 1`,
      [MEMBERS_VIEWS, USERS_FUNCTIONS],
    );
    return { status: response.status, open: open.map(({ what }) => what) };
  },
  judge: ({ status, open }: SchemaReading) =>
    told(
      // PGRST106 (https://docs.postgrest.org/en/stable/references/errors.html).
      [status === 406, "not-exposed", "the project's API does not serve the schema billing"],
      [
        status !== 406 && status !== 200,
        "unreadable",
        `the project's API answers ${status} to a reading of billing as service_role`,
      ],
      [
        open.length > 0,
        "open-to-browsers",
        `${open[0]}${open.length > 1 ? `, and ${open.length - 1} more of the kind` : ""}`,
      ],
    ),
});
