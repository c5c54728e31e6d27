import type { SupabaseClient } from "@supabase/supabase-js";
import { UnauthorizedError } from "./errors.ts";

/** Whose calls these are. Of several, the first named counts. */
export interface Proof {
  /** Asks the merchant's server for a session token: at the first call, and again once it was refused. */
  readonly getSessionToken?: (() => Promise<string | null> | string | null) | undefined;
  /** One session token, for as long as it lasts. */
  readonly sessionToken?: string | undefined;
  /** Who is signed in with Supabase Auth, where the organization takes access tokens. */
  readonly supabase?: { readonly auth: Pick<SupabaseClient["auth"], SessionCalls> } | undefined;
}
type SessionCalls = "getSession" | "refreshSession";

/** Makes a call with a token and, where that is refused, once more with a new one. */
export type WithToken = <Answer>(call: (token: string) => Promise<Answer>) => Promise<Answer>;

interface Source {
  /** The token to call with; null where nobody is signed in. */
  current(): Promise<string | null>;
  /** One in the place of a token that was refused; null where there is none to be had. */
  renewed(refused: string): Promise<string | null>;
}

export function withToken(proof: Proof): WithToken {
  const source = sourceOf(proof);
  return async (call) => {
    const token = await source.current();
    if (token === null) throw noToken();
    try {
      return await call(token);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      const next = await source.renewed(token);
      if (next === null || next === token) throw error;
      return call(next);
    }
  };
}

function sourceOf({ getSessionToken, sessionToken, supabase }: Proof): Source {
  if (getSessionToken !== undefined) return asked(getSessionToken);
  if (sessionToken === undefined && supabase !== undefined) return signedIn(supabase.auth);
  return {
    current: () => Promise.resolve(sessionToken ?? null),
    renewed: () => Promise.resolve(null),
  };
}

/** Calls at once share one question, also the question for a token in the place of a refused one. */
function asked(ask: NonNullable<Proof["getSessionToken"]>): Source {
  let token: Promise<string | null> | undefined;
  const renew = () => {
    const answer = Promise.resolve().then(ask);
    token = answer;
    const forget = () => {
      if (token === answer) token = undefined;
    };
    // Nobody signed in, or a server that did not answer: the next call asks again.
    answer.then((found) => found === null && forget(), forget);
    return answer;
  };
  return {
    current: () => token ?? renew(),
    renewed: async (refused) => {
      const before = token;
      const known = await before?.catch(() => null);
      if (known !== undefined && known !== null && known !== refused) return known;
      // Another call that was refused has asked meanwhile.
      return token === before || token === undefined ? renew() : token;
    },
  };
}

/**
 * supabase-js keeps the session and renews it in time; who is signed in may change, so that it is asked at each call. A token
 * that is refused before its time is renewed regardless of it: https://supabase.com/docs/reference/javascript/auth-refreshsession
 */
function signedIn(auth: NonNullable<Proof["supabase"]>["auth"]): Source {
  const current = async () => (await auth.getSession()).data.session?.access_token ?? null;
  let renewing: Promise<string | null> | undefined;
  const renew = async () => {
    try {
      return (await auth.refreshSession()).data.session?.access_token ?? null;
    } finally {
      renewing = undefined;
    }
  };
  return {
    current,
    renewed: async (refused) => {
      const now = await current();
      if (now !== refused) return now;
      renewing ??= renew();
      return renewing;
    },
  };
}

/** As the service answers a call without a token (shared/contract/error-table.ts); there is no need to ask it. */
const noToken = () =>
  new UnauthorizedError({
    code: "session_token_invalid",
    message: "The session token is missing, expired, revoked or not valid.",
    status: 401,
  });
