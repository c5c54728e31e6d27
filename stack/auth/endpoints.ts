import * as z from "zod";
import type { UserKeys } from "../keys.ts";
import { type Accounts, type Session, type User } from "./accounts.ts";
import { type AuthAnswer, refusal } from "./answers.ts";
import { factorAnswer } from "./factor-endpoints.ts";
import type { Factor, Factors } from "./factors.ts";
import { type AccessTokens, LIFETIME } from "./tokens.ts";

export interface AuthRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface AuthServer {
  readonly accounts: Accounts;
  readonly factors: Factors;
  readonly tokens: AccessTokens;
  readonly keys: UserKeys;
}

const password = z.object({ email: z.email(), password: z.string().min(6).max(72) });
const refresh = z.object({ refresh_token: z.string().min(1) });
const scope = z.enum(["global", "local", "others"]).default("global");

const shownFactor = ({ id, friendlyName, status, createdAt }: Factor) => ({
  id,
  friendly_name: friendlyName,
  factor_type: "totp",
  status,
  created_at: createdAt,
  updated_at: createdAt,
});

const shown = (
  { id, email, isAnonymous, createdAt }: User,
  factors: readonly Factor[],
) => ({
  id,
  aud: "authenticated",
  role: "authenticated",
  email: email ?? "",
  phone: "",
  app_metadata: isAnonymous ? {} : { provider: "email", providers: ["email"] },
  user_metadata: {},
  identities: [],
  // Left out where there are none, as Go's omitempty does.
  ...(factors.length === 0 ? {} : { factors: factors.map(shownFactor) }),
  is_anonymous: isAnonymous,
  created_at: createdAt,
});

async function signedIn(
  { accounts, factors, tokens }: AuthServer,
  session: Session,
  method: string,
): Promise<AuthAnswer> {
  return {
    status: 200,
    body: {
      access_token: await tokens.sign(session, method),
      token_type: "bearer",
      expires_in: LIFETIME,
      expires_at: Math.floor(Date.now() / 1000) + LIFETIME,
      refresh_token: await accounts.refreshToken(session),
      user: shown(session.user, await factors.of(session.user.id)),
    },
  };
}

/** Without a password the new user is anonymous (@supabase/auth-js, GoTrueClient.signInAnonymously). */
async function signUp(server: AuthServer, { body }: AuthRequest): Promise<AuthAnswer> {
  const anonymous = !z.object({ password: z.unknown() }).safeParse(body).success;
  const given = anonymous ? undefined : password.safeParse(body);
  if (given?.success === false) {
    return refusal(400, "validation_failed", "Unable to validate email address or password");
  }
  const user = await server.accounts.signUp(given?.data);
  if (user === undefined) return refusal(422, "user_already_exists", "User already registered");
  return signedIn(server, await server.accounts.open(user), anonymous ? "anonymous" : "password");
}

async function token(server: AuthServer, { url, body }: AuthRequest): Promise<AuthAnswer> {
  const grant = url.searchParams.get("grant_type");
  if (grant === "password") {
    const given = password.safeParse(body);
    const user = given.success
      ? await server.accounts.byPassword(given.data.email, given.data.password)
      : undefined;
    return user === undefined
      ? refusal(400, "invalid_credentials", "Invalid login credentials")
      : signedIn(server, await server.accounts.open(user), "password");
  }
  if (grant !== "refresh_token") return refusal(400, "invalid_grant", "unsupported_grant_type");
  const given = refresh.safeParse(body);
  const session = given.success
    ? await server.accounts.refresh(given.data.refresh_token)
    : undefined;
  return session === undefined
    ? refusal(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
    : signedIn(server, session, "token_refresh");
}

/** Runs what needs a signed-in user. */
async function withSession(
  { accounts, tokens }: AuthServer,
  { authorization }: AuthRequest,
  work: (session: Session) => Promise<AuthAnswer> | AuthAnswer,
): Promise<AuthAnswer> {
  const claims = await tokens.verify(/^Bearer (\S+)$/.exec(authorization ?? "")?.[1] ?? "");
  if (claims === undefined) return refusal(403, "bad_jwt", "invalid JWT");
  const session = await accounts.session(claims.session_id, claims.sub);
  return session === undefined
    ? refusal(403, "session_not_found", "Session from session_id claim in JWT does not exist")
    : work(session);
}

const NOT_FOUND = refusal(404, "not_found", "Not Found");

async function ofFactors(
  server: AuthServer,
  { method, url, body }: AuthRequest,
  session: Session,
): Promise<AuthAnswer> {
  return await factorAnswer(server.factors, {
    method,
    path: url.pathname,
    body,
    session,
    signedIn: () => signedIn(server, { ...session, aal: "aal2" }, "totp"),
  }) ?? NOT_FOUND;
}

/** What supabase-js' `auth` asks for; the paths are those behind `/auth/v1`. */
export async function answerOf(server: AuthServer, request: AuthRequest): Promise<AuthAnswer> {
  switch (`${request.method} ${request.url.pathname}`) {
    case "GET /.well-known/jwks.json":
      return { status: 200, body: server.keys.publicKeys };
    case "POST /signup":
      return signUp(server, request);
    case "POST /token":
      return token(server, request);
    case "GET /user":
      return withSession(server, request, async ({ user }) => ({
        status: 200,
        body: shown(user, await server.factors.of(user.id)),
      }));
    case "POST /logout":
      return withSession(server, request, async (session) => {
        const which = scope.safeParse(request.url.searchParams.get("scope") ?? undefined);
        if (!which.success) return refusal(400, "validation_failed", "Unsupported logout scope");
        await server.accounts.signOut(session, which.data);
        return { status: 204 };
      });
    default:
      return request.url.pathname.startsWith("/factors")
        ? withSession(server, request, (session) => ofFactors(server, request, session))
        : NOT_FOUND;
  }
}
