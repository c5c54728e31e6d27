import type {
  CreateSessionTokenInput,
  CreateSessionTokenResponse,
  RevokeSessionTokenResponse,
} from "../../../../shared/contract/session-token.ts";
import type { CallOptions } from "../client.ts";
import { type Check, having, send, type Transport } from "../request.ts";
import { type WithToken, withToken } from "../tokens.ts";
import type { CheckResponse, EntitlementsResponse } from "../types.ts";

export interface CheckoutServerOptions extends Transport {
  /** The organization's secret key, `sk_test_…` or `sk_live_…`. */
  readonly organizationKey: string;
  /** Of how many users a token is kept, a thousand unless told; who has not asked for longest is forgotten first. */
  readonly keptUsers?: number | undefined;
}

/** One of the merchant's users, by the merchant's own ids. */
export type User = Pick<CreateSessionTokenInput, "externalUserId" | "externalOrganizationId">;

/** What a merchant's server does with its secret key. Each call throws `CheckoutError`. */
export interface CheckoutServer {
  /** A token with which a page acts for one user: `expiresIn` is in seconds, an hour unless told. */
  createSessionToken(
    input: CreateSessionTokenInput,
    options?: CallOptions,
  ): Promise<CreateSessionTokenResponse>;
  /** From then on the token opens nothing. */
  revokeSessionToken(tokenId: string, options?: CallOptions): Promise<RevokeSessionTokenResponse>;
  /** What a user may use now. */
  entitlements(user: User, options?: CallOptions): Promise<EntitlementsResponse>;
  /** Whether a user may use one feature now. */
  check(user: User, featureKey: string, options?: CallOptions): Promise<CheckResponse>;
}

/** A page, and not a server that was given a document to test its components with. */
function isBrowser(): boolean {
  const { process }: { readonly process?: { readonly versions?: { readonly node?: string } } } =
    globalThis;
  return typeof document !== "undefined" && process?.versions?.node === undefined;
}

/** Throws in a browser: whoever reads the page would have the key. */
export function createCheckoutServer(options: CheckoutServerOptions): CheckoutServer {
  if (isBrowser()) {
    throw new Error("@billingos/checkout/server holds a secret key and must not run in a browser");
  }
  const { organizationKey: bearer, keptUsers = 1_000 } = options;
  // Checked here, since a key that is none is most often a variable that is not set; it is not repeated.
  if (!/^sk_(test|live)_\w+$/.test(bearer)) {
    throw new TypeError(
      "organizationKey must be a whole key: sk_test_ or sk_live_, then letters and digits alone",
    );
  }
  const createSessionToken: CheckoutServer["createSessionToken"] = (body, { signal } = {}) =>
    send(
      options,
      { method: "POST", path: "/session-tokens", bearer, body, signal },
      having<CreateSessionTokenResponse>("sessionToken", "tokenId"),
    );

  /** A token is asked for once for each user, and again when it has expired: a check is then one request. */
  const users = new Map<string, WithToken>();
  const as = ({ externalUserId, externalOrganizationId }: User): WithToken => {
    const key = JSON.stringify([externalUserId, externalOrganizationId]);
    const known = users.get(key) ?? withToken({
      timeout: options.timeout,
      getSessionToken: async () => {
        const { sessionToken } = await createSessionToken({
          externalUserId,
          externalOrganizationId,
          allowedOperations: ["entitlements"],
        });
        return sessionToken;
      },
    });
    users.delete(key);
    users.set(key, known);
    for (const oldest of users.keys()) {
      if (users.size <= keptUsers) break;
      users.delete(oldest);
    }
    return known;
  };
  const read = <Answer>(
    user: User,
    path: string,
    check: Check<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> =>
    as(user)(
      (token) => send(options, { method: "GET", path, bearer: token, signal }, check),
      signal,
    );

  return {
    createSessionToken,
    revokeSessionToken: (tokenId, { signal } = {}) =>
      send(
        options,
        {
          method: "DELETE",
          path: `/session-tokens/${encodeURIComponent(tokenId)}`,
          bearer,
          signal,
        },
        having<RevokeSessionTokenResponse>("tokenId", "revokedAt"),
      ),
    entitlements: (user, { signal } = {}) =>
      read(user, "/entitlements", having<EntitlementsResponse>("entitlements"), signal),
    check: (user, featureKey, { signal } = {}) =>
      read(
        user,
        `/features/check?feature_key=${encodeURIComponent(featureKey)}`,
        having<CheckResponse>("hasAccess", "limit"),
        signal,
      ),
  };
}
