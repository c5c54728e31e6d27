import * as z from "zod";
import type { Session } from "./accounts.ts";
import { type AuthAnswer, refusal } from "./answers.ts";
import { CHALLENGE_LIFETIME, type Factors } from "./factors.ts";

const enrollment = z.object({
  factor_type: z.literal("totp"),
  friendly_name: z.string().default(""),
  issuer: z.string().default("localhost"),
});
const attempt = z.object({ challenge_id: z.uuid(), code: z.string().min(1) });

export interface FactorCall {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly session: Session;
  /** Answers the session as it is now. */
  readonly signedIn: () => Promise<AuthAnswer>;
}

/** What `supabase.auth.mfa` asks for of an authenticator app; undefined for another path. */
export async function factorAnswer(
  factors: Factors,
  { method, path, body, session, signedIn }: FactorCall,
): Promise<AuthAnswer | undefined> {
  if (`${method} ${path}` === "POST /factors") return enroll(factors, session, body);
  const [, factorId, action] = /^\/factors\/([0-9a-f-]{36})(?:\/(\w+))?$/.exec(path) ?? [];
  if (factorId === undefined) return undefined;
  switch (`${method} ${action ?? ""}`) {
    case "POST challenge": {
      const id = await factors.challenge(session, factorId);
      return id === undefined
        ? refusal(404, "mfa_factor_not_found", "Factor not found")
        : { status: 200, body: { id, type: "totp", expires_at: now() + CHALLENGE_LIFETIME } };
    }
    case "POST verify": {
      const { data } = attempt.safeParse(body);
      const isMet = data !== undefined &&
        await factors.verify(session, {
          factorId,
          challengeId: data.challenge_id,
          code: data.code,
        });
      return isMet
        ? signedIn()
        : refusal(422, "mfa_verification_failed", "Invalid TOTP code entered");
    }
    case "DELETE ": {
      const own = (await factors.of(session.user.id)).find(({ id }) => id === factorId);
      if (own?.status === "verified" && session.aal !== "aal2") {
        return refusal(422, "insufficient_aal", "AAL2 required to unenroll verified factor");
      }
      await factors.remove(session, factorId);
      return { status: 200, body: { id: factorId } };
    }
    default:
      return undefined;
  }
}

async function enroll(factors: Factors, session: Session, body: unknown): Promise<AuthAnswer> {
  const { data } = enrollment.safeParse(body);
  if (data === undefined) {
    return refusal(400, "validation_failed", "factor_type needs to be totp, phone, or webauthn");
  }
  const { friendly_name: name, issuer } = data;
  const all = await factors.of(session.user.id);
  if (all.some(({ friendlyName }) => friendlyName === name)) {
    return refusal(422, "mfa_factor_name_conflict", "A factor with the friendly name exists");
  }
  if (all.some(({ status }) => status === "verified") && session.aal !== "aal2") {
    return refusal(403, "insufficient_aal", "AAL2 required to enroll a new factor");
  }
  const { id, secret } = await factors.enroll(session, name);
  const label = encodeURIComponent(`${issuer}:${session.user.email ?? ""}`);
  const uri = `otpauth://totp/${label}?${new URLSearchParams({ secret, issuer })}`;
  // Without the picture of it, which Auth draws.
  return {
    status: 200,
    body: { id, type: "totp", friendly_name: name, totp: { qr_code: "", secret, uri } },
  };
}

const now = () => Math.floor(Date.now() / 1000);
