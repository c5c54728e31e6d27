import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Session } from "./accounts.ts";
import { isTotp, newSecret } from "./totp.ts";

/** A row of `auth.mfa_factors`, without its secret. */
export interface Factor {
  readonly id: string;
  readonly friendlyName: string;
  readonly status: "unverified" | "verified";
  readonly createdAt: string;
}

/** Seconds in which a challenge is to be met. */
export const CHALLENGE_LIFETIME = 300;

const FACTOR =
  `f.id, coalesce(f.friendly_name, '') as "friendlyName", f.status, f.created_at::text as "createdAt"`;

/** The authenticator apps of users, as supabase/auth keeps them (internal/api/mfa.go). */
export function factors(pool: Pool) {
  const rows = async <Row extends object>(sql: string, values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>(sql, values)).rows;

  return {
    of: (userId: string) =>
      rows<Factor>(
        `select ${FACTOR} from auth.mfa_factors f where f.user_id = $1 order by f.created_at`,
        [userId],
      ),

    async enroll({ user }: Session, friendlyName: string) {
      const [id, secret] = [randomUUID(), newSecret()];
      await pool.query(
        `insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
         values ($1, $2, $3, 'totp', 'unverified', now(), now(), $4)`,
        [id, user.id, friendlyName, secret],
      );
      return { id, secret };
    },

    /** Undefined where the user has no such factor. */
    async challenge({ user }: Session, factorId: string): Promise<string | undefined> {
      const [made] = await rows<{ id: string }>(
        `insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)
         select $1, f.id, now(), '127.0.0.1' from auth.mfa_factors f where f.id = $2 and f.user_id = $3 returning id`,
        [randomUUID(), factorId, user.id],
      );
      return made?.id;
    },

    /**
     * Meets a challenge, once: the factor is verified, the session is of the second level, and the user's sessions of the first are
     * ended. False where the code is wrong, or the challenge is not one of the factor's that still runs.
     */
    async verify(
      { id, user }: Session,
      { factorId, challengeId, code }: {
        readonly factorId: string;
        readonly challengeId: string;
        readonly code: string;
      },
    ): Promise<boolean> {
      const [asked] = await rows<{ secret: string }>(
        `select f.secret from auth.mfa_factors f join auth.mfa_challenges c on c.factor_id = f.id
         where f.id = $1 and f.user_id = $2 and c.id = $3 and c.verified_at is null
           and c.created_at > now() - make_interval(secs => $4)`,
        [factorId, user.id, challengeId, CHALLENGE_LIFETIME],
      );
      if (asked === undefined || !isTotp(asked.secret, code)) return false;
      await pool.query(
        `with met as (update auth.mfa_challenges set verified_at = now() where id = $1),
           verified as (update auth.mfa_factors set status = 'verified', updated_at = now() where id = $2),
           raised as (update auth.sessions set aal = 'aal2' where id = $3),
           others as (delete from auth.sessions s where s.user_id = $4 and s.id <> $3 and s.aal is distinct from 'aal2')
         delete from auth.mfa_factors f where f.user_id = $4 and f.id <> $2 and f.status = 'unverified'`,
        [challengeId, factorId, id, user.id],
      );
      return true;
    },

    /** The sessions that have passed it are of the first level again. */
    async remove({ user }: Session, factorId: string): Promise<void> {
      await pool.query(
        `with gone as (delete from auth.mfa_factors where id = $1 and user_id = $2 returning user_id)
         update auth.sessions s set aal = 'aal1' from gone where s.user_id = gone.user_id`,
        [factorId, user.id],
      );
    },
  };
}

export type Factors = ReturnType<typeof factors>;
