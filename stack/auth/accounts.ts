import { randomBytes, randomUUID } from "node:crypto";
import type { Pool } from "pg";

/** A row of `auth.users`, without what nobody is told. */
export interface User {
  readonly id: string;
  readonly email: string | null;
  readonly isAnonymous: boolean;
  readonly createdAt: string;
}

export interface Session {
  readonly id: string;
  readonly user: User;
  /** Whether a second factor was passed in it. */
  readonly aal: "aal1" | "aal2";
}

/** Which of a user's sessions a sign-out ends. */
export type Scope = "global" | "local" | "others";

const USER = `u.id, u.email, u.is_anonymous as "isAnonymous", u.created_at::text as "createdAt"`;
/** Whom Auth lets in. */
const ALLOWED = "u.deleted_at is null and (u.banned_until is null or u.banned_until <= now())";

/** What Auth keeps of its users, in the tables of stack/platform/auth.sql. Without its limits: see stack/README.md. */
export function accounts(pool: Pool) {
  const find = async <Row extends object>(
    sql: string,
    values: unknown[],
  ): Promise<Row | undefined> => (await pool.query<Row>(sql, values)).rows[0];

  return {
    /** Undefined where the address is taken. */
    signUp: (credentials: { readonly email: string; readonly password: string } | undefined) =>
      find<User>(
        `insert into auth.users as u (id, email, encrypted_password, is_anonymous)
         values ($1, $2::text, extensions.crypt($3::text, extensions.gen_salt('bf', 4)), $2::text is null)
         on conflict (email) do nothing returning ${USER}`,
        [randomUUID(), credentials?.email.toLowerCase(), credentials?.password],
      ),

    /** Undefined where the password is wrong, or nobody has that address. */
    byPassword: (email: string, password: string) =>
      find<User>(
        `select ${USER} from auth.users u
         where u.email = $1::text and u.encrypted_password = extensions.crypt($2, u.encrypted_password) and ${ALLOWED}`,
        [email.toLowerCase(), password],
      ),

    async open(user: User): Promise<Session> {
      const id = randomUUID();
      await pool.query("insert into auth.sessions (id, user_id, aal) values ($1, $2, 'aal1')", [
        id,
        user.id,
      ]);
      return { id, user, aal: "aal1" };
    },

    /** The session of an access token, while it lasts. */
    async session(id: string, userId: string): Promise<Session | undefined> {
      const found = await find<User & Pick<Session, "aal">>(
        `select ${USER}, coalesce(s.aal, 'aal1') as aal from auth.users u join auth.sessions s on s.user_id = u.id
         where s.id = $1 and u.id = $2 and ${ALLOWED} and (s.not_after is null or s.not_after > now())`,
        [id, userId],
      );
      if (found === undefined) return undefined;
      const { aal, ...user } = found;
      return { id, user, aal };
    },

    async refreshToken({ id }: Session): Promise<string> {
      const token = randomBytes(16).toString("base64url");
      await pool.query("insert into auth.refresh_tokens (token, session_id) values ($1, $2)", [
        token,
        id,
      ]);
      return token;
    },

    /** The session whose refresh token this is; the token is used up. */
    async refresh(token: string): Promise<Session | undefined> {
      const used = await find<{ readonly id: string; readonly userId: string }>(
        `update auth.refresh_tokens r set revoked = true from auth.sessions s
         where r.token = $1 and not r.revoked and s.id = r.session_id
         returning s.id, s.user_id as "userId"`,
        [token],
      );
      return used && this.session(used.id, used.userId);
    },

    signOut: ({ id, user }: Session, scope: Scope) =>
      pool.query(
        `delete from auth.sessions s
         where s.user_id = $2 and ($3::text = 'global' or ($3::text = 'local') = (s.id = $1::uuid))`,
        [id, user.id, scope],
      ),
  };
}

export type Accounts = ReturnType<typeof accounts>;
