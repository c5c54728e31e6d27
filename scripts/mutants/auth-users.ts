import type { SqlMutant } from "./sql-mutant.ts";

const callers = "20261101000210_auth_users.sql";
const features = "20261101001450_own_features.sql";

/** The rules of callers who come with their own token of Supabase Auth. */
export const authUserMutants: readonly SqlMutant[] = [
  {
    law: "a user's token ends with the user's session",
    file: callers,
    from: "where u.id = p_user_id and s.id = p_session_id",
    to: "where u.id = p_user_id",
    tests: ["auth-users", "own-features"],
  },
  {
    law: "a user who was deleted softly is nobody",
    file: callers,
    from: "      and u.deleted_at is null\n",
    to: "",
    tests: ["auth-users"],
  },
  {
    law: "anonymous users are customers only where it is said",
    file: callers,
    from: "      and (p_anonymous_too or not u.is_anonymous)\n",
    to: "",
    tests: ["auth-users"],
  },
  {
    law: "a session of Supabase Auth that was revoked here opens nothing",
    file: callers,
    from: "where t.id = p_session_id and t.revoked_at is not null)",
    to: "where false)",
    tests: ["auth-users"],
  },
  {
    law: "a session of Supabase Auth that was revoked here stays so, however long ago that was",
    file: "20261101001700_reconcile.sql",
    from: "d.opened_at is null and (d.api_key_id is not null or d.revoked_at is null)",
    to: "d.opened_at is null",
    tests: ["auth-users"],
  },
  {
    law: "a user who is signed in buys at the organization that has the users now",
    file: "20261101000800_create.sql",
    from:
      "      and s.organization_id = p_token.organization_id\n      and (s.status = 'processing'",
    to: "      and (s.status = 'processing'",
    tests: ["auth-users"],
  },
  {
    law: "what was bought with test cards opens nothing beside what is sold for money",
    file: callers,
    from: "order by o.livemode desc limit 1",
    to: "order by o.livemode limit 1",
    tests: ["auth-users"],
  },
  {
    law: "the row that a user's checkout leaves is no session token",
    file: "20261101000200_organizations.sql",
    from: "where t.id = p_token_id and t.api_key_id is not null and",
    to: "where t.id = p_token_id and",
    tests: ["auth-users"],
  },
  {
    law: "a user's features are the user's own",
    file: features,
    from:
      "where c.organization_id = v_user.organization_id and c.external_id = v_user.external_user_id",
    to: "where c.organization_id = v_user.organization_id",
    tests: ["own-features"],
  },
  {
    law: "a token of another issuer is nobody's, and no error",
    file: features,
    from: "and v_claims ->> 'session_id' ~ v_uuid then",
    to: "then",
    tests: ["own-features"],
  },
];
