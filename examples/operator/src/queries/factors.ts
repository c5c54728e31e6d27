import { forgetSignIn, supabase } from "../supabase.ts";

/** An authenticator app that is set up. */
export interface Factor {
  readonly id: string;
  readonly created_at: string;
}

interface Refused {
  readonly message: string;
  readonly status?: number | undefined;
}

/** Throws what was refused; a session that is gone ends the sign-in here too. */
async function refuse(error: Refused | null): Promise<void> {
  if (error === null) return;
  const { status = 0 } = error;
  if (status === 401 || status === 403) await forgetSignIn();
  throw new Error(error.message);
}

/** The authenticator apps of whoever is signed in. Asked of Supabase Auth: what the sign-in has stored may be older. */
export async function readFactors(): Promise<readonly Factor[]> {
  const { data, error } = await supabase.auth.mfa.listFactors();
  await refuse(error);
  const { all = [], totp = [] } = data ?? {};
  if (totp.length === 0 && all.some(({ status }) => status === "verified")) {
    throw new Error("your second factor is no authenticator app, and this page asks for no other");
  }
  return totp;
}

/** The authenticator app whose code this sign-in still owes; null where none is. */
export async function readOwedFactor(): Promise<string | null> {
  const { data, error } = await supabase.auth.mfa.getAuthenticatorAssuranceLevel();
  await refuse(error);
  if (data?.currentLevel === "aal2") return null;
  return (await readFactors())[0]?.id ?? null;
}

/** What an authenticator app is given. */
export interface Enrollment {
  readonly id: string;
  /** As a picture for its camera; empty where Auth draws none. */
  readonly picture: string;
  /** To be typed. */
  readonly secret: string;
}

/** Begins to set one up, which its first code ends. */
export async function enroll(): Promise<Enrollment> {
  // A name of its own: one that was begun and never ended keeps its name for a while.
  const { data, error } = await supabase.auth.mfa.enroll({
    factorType: "totp",
    friendlyName: new Date().toISOString(),
  });
  await refuse(error);
  if (data === null) throw new Error("nothing was set up");
  return { id: data.id, picture: data.totp.qr_code, secret: data.totp.secret };
}

/** Why a code was refused; undefined where it was right, and the sign-in is of the second level from then on. */
export async function passFactor(factorId: string, code: string): Promise<string | undefined> {
  const { error } = await supabase.auth.mfa.challengeAndVerify({ factorId, code });
  return error?.message;
}

/** Takes one away, and with it what this sign-in has passed. */
export async function removeFactor(factorId: string): Promise<void> {
  const { error } = await supabase.auth.mfa.unenroll({ factorId });
  await refuse(error);
  await supabase.auth.refreshSession();
}
