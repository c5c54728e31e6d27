import * as z from "zod";
import { check, told } from "../check.ts";
import { count } from "../project.ts";

export interface UsersReading {
  /** Those whose customers are the project's own users. */
  readonly organizations: number;
  /** The types of the project's public keys (RFC 7517, 4.1); not asked for where nobody needs one. */
  readonly keyTypes: readonly string[];
}

const keySet = z.object({ keys: z.array(z.object({ kty: z.string() })) });
/** Of ES256 and RS256, which shared/tokens/access-token.ts takes. */
const ASYMMETRIC = new Set(["EC", "RSA"]);

/** Whether the project's own users can show that they are signed in, where they are customers. */
export const users = check({
  name: "users",
  findings: {
    "no-asymmetric-key": {
      severity: "warning",
      fix:
        "move the project to an asymmetric signing key (https://supabase.com/docs/guides/auth/signing-keys), or set authUsers to off",
    },
  },
  read: async (project): Promise<UsersReading> => {
    const organizations = await count(
      project,
      "select count(*) from billing.organizations where auth_users <> 'off'",
    );
    return {
      organizations,
      keyTypes: organizations === 0 ? [] : await readKeyTypes(project.settings.url),
    };
  },
  judge: ({ organizations, keyTypes }: UsersReading) =>
    told([
      organizations > 0 && !keyTypes.some((type) => ASYMMETRIC.has(type)),
      "no-asymmetric-key",
      "an organization has authUsers, and the project signs its users' tokens with a shared secret alone: every one is refused",
    ]),
});

async function readKeyTypes(url: string): Promise<string[]> {
  const response = await fetch(new URL("/auth/v1/.well-known/jwks.json", url), {
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the project's public keys: ${response.status}`);
  return keySet.parse(await response.json()).keys.map(({ kty }) => kty);
}
