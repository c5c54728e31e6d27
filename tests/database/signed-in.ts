import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll } from "vitest";
import { Connection } from "./support.ts";

export interface SignedIn {
  readonly userId: string;
  readonly sessionId: string;
}

/** What Supabase Auth writes of its users, by the hand of the database's superuser. */
export async function openAuth(superuserUrl: string) {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  afterAll(() => client.end());
  const auth = new Connection(client);
  return {
    /** For what Auth does to a user later. */
    rows: auth.rows.bind(auth),
    /** An authenticator app, set up or about to be. */
    enroll: (
      { userId }: Pick<SignedIn, "userId">,
      status: "verified" | "unverified" = "verified",
    ) =>
      auth.rows(
        `insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at, secret)
         values ($1, $2, 'totp', $3, now(), now(), 'JBSWY3DPEHPK3PXP')`,
        [randomUUID(), userId, status],
      ),
    async signIn(
      { anonymous = false, userId = randomUUID() }: { anonymous?: boolean; userId?: string } = {},
    ): Promise<SignedIn> {
      const sessionId = randomUUID();
      await auth.rows(
        `insert into auth.users (id, email, is_anonymous) values ($1, $2, $3) on conflict (id) do nothing`,
        [userId, anonymous ? null : `${userId}@example.com`, anonymous],
      );
      await auth.rows("insert into auth.sessions (id, user_id) values ($1, $2)", [
        sessionId,
        userId,
      ]);
      return { userId, sessionId };
    },
  };
}

/** The arguments by which the functions name a signed-in user. */
export const as = ({ userId, sessionId }: SignedIn, livemode?: boolean) => ({
  p_token_id: sessionId,
  p_user_id: userId,
  ...(livemode === undefined ? {} : { p_livemode: livemode }),
});
