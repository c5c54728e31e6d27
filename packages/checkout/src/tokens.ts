import type { SupabaseClient } from "@supabase/supabase-js";
import { CheckoutError, NetworkError, UnauthorizedError, UnexpectedAnswerError } from "./errors.ts";
import { timeoutOf, type Transport } from "./request.ts";
import { within } from "./within.ts";

/** Whose calls these are. Of several, the first named counts. */
export interface Proof {
  /**
   * Asks the merchant's server for a session token: at the first call, and again once it was refused. Answers null where nobody is
   * signed in; what it throws is told as the cause of a `NetworkError`.
   */
  readonly getSessionToken?: (() => Promise<string | null> | string | null) | undefined;
  /** One session token, for as long as it lasts. */
  readonly sessionToken?: string | undefined;
  /** Who is signed in with Supabase Auth, where the organization takes access tokens. */
  readonly supabase?: { readonly auth: Pick<SupabaseClient["auth"], SessionCalls> } | undefined;
}
type SessionCalls = "getSession" | "refreshSession" | "onAuthStateChange";

export type OnUser = (listener: (userId: string | null) => void) => () => void;

/** supabase-js tells of the session that it has at once: https://supabase.com/docs/reference/javascript/auth-onauthstatechange */
export function onUserOf(
  { getSessionToken, sessionToken, supabase }: Proof,
): OnUser | undefined {
  if (getSessionToken !== undefined || sessionToken !== undefined) return undefined;
  return supabase && ((listener) => {
    const { data } = supabase.auth.onAuthStateChange((_, session) =>
      listener(session?.user.id ?? null)
    );
    return () => data.subscription.unsubscribe();
  });
}

/** Makes a call with a token and, where that is refused, once more with a new one. */
export type WithToken = <Answer>(
  call: (token: string) => Promise<Answer>,
  signal: AbortSignal | undefined,
) => Promise<Answer>;

interface Source {
  /** The token to call with; null where nobody is signed in. */
  current(): Promise<string | null>;
  /** One in the place of a token that was refused; null where there is none to be had. */
  renewed(refused: string): Promise<string | null>;
}

/** Its calls throw `CheckoutError` alone, or the signal's reason, whatever goes wrong where tokens come from. */
export function withToken(proof: Proof & Pick<Transport, "timeout">): WithToken {
  const timeout = timeoutOf(proof);
  const source = sourceOf(
    proof,
    (ask) => within(timeout, undefined, async () => tokenOf(await ask())),
  );
  return async (call, signal) => {
    const waited = (question: () => Promise<string | null>) =>
      within(undefined, signal, question).catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw cause instanceof CheckoutError ? cause : new NetworkError(cause);
      });
    const token = await waited(() => source.current());
    if (token === null) throw unauthorized("You are not signed in.");
    try {
      return await call(token);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      const next = await waited(() => source.renewed(token));
      if (next === null || next === token) throw error;
      return call(next);
    }
  };
}

/** Asks for a token, which is looked at, and waited for no longer than for anything else. */
type Ask = (question: () => unknown) => Promise<string | null>;

function sourceOf({ getSessionToken, sessionToken, supabase }: Proof, ask: Ask): Source {
  if (getSessionToken !== undefined) return asked(() => ask(getSessionToken));
  if (sessionToken === undefined && supabase !== undefined) return signedIn(supabase.auth, ask);
  return {
    current: () => ask(() => sessionToken),
    renewed: () => Promise.resolve(null),
  };
}

/** What goes into a header as a token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const TOKEN = /^[\w.~+/-]+=*$/;

/** Of what was answered in the place of a token nothing is kept: a page that says that a server is down, or JSON around the token. */
function tokenOf(answer: unknown): string | null {
  if (answer === undefined || answer === null || answer === "") return null;
  const token = typeof answer === "string" ? answer.trim() : "";
  if (TOKEN.test(token)) return token;
  const cause = new TypeError(
    "a session token is the bare text that createSessionToken answers as `sessionToken`",
  );
  throw new UnexpectedAnswerError(0, cause);
}

/** Calls at once share one question, also the question for a token in the place of a refused one. */
function asked(ask: () => Promise<string | null>): Source {
  let token: Promise<string | null> | undefined;
  const renew = () => {
    const answer = ask();
    token = answer;
    const forget = () => {
      if (token === answer) token = undefined;
    };
    // Nobody signed in, or a server that did not answer with a token: the next call asks again.
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
function signedIn(auth: NonNullable<Proof["supabase"]>["auth"], ask: Ask): Source {
  const current = () => ask(async () => (await auth.getSession()).data.session?.access_token);
  let renewing: Promise<string | null> | undefined;
  const renew = async () => {
    try {
      return await ask(async () => (await auth.refreshSession()).data.session?.access_token);
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

/** With the code that the service refuses such a call with, for where it need not be asked; a customer reads the message. */
export const unauthorized = (message: string) =>
  new UnauthorizedError({ code: "session_token_invalid", message, status: 401 });
