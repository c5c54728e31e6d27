import type { Realtime, Topic } from "./channel.ts";
import { type Call, type Check, having, send, type Transport } from "./request.ts";
import { isSnapshotOf } from "./snapshot.ts";
import { type OnUser, onUserOf, type Proof, unauthorized, withToken } from "./tokens.ts";
import type {
  CheckResponse,
  ConfirmFreeRequest,
  ConfirmResponse,
  ConfirmWithSecretRequest,
  CreateInput,
  CreateResponse,
  EndingResponse,
  EntitlementsResponse,
  OwnedSnapshot,
  PortalResponse,
  ProductsResponse,
  Snapshot,
  SubscriptionsResponse,
} from "./types.ts";
import {
  snapshotsOf,
  type Watch,
  watchBy,
  type WatchCallbacks,
  type WatchOptions,
} from "./watch.ts";

export interface CheckoutClientOptions extends Transport, Proof {
  /** The app's own client: watches listen by it, and where no token is given its signed-in user is the caller. */
  readonly supabase?: (Realtime & NonNullable<Proof["supabase"]>) | undefined;
}

export interface CallOptions {
  /** Gives the call up; it throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A session to watch, as create answers it; without `realtime` it is polled. */
export interface Watched {
  readonly id: string;
  readonly realtime?: Topic | undefined;
}

/**
 * The calls that a page makes. Each throws `CheckoutError`, of the class that its status has. Amounts are integers in the
 * currency's minor unit. Those that need a token ask for a new one once where it is refused.
 */
export interface CheckoutClient {
  /**
   * Where the caller is whoever is signed in with `supabase`: tells that user's id, or null for nobody, once it is known and at each
   * change. Answers what ends it. Undefined where tokens are given, which are one customer's.
   */
  readonly onUser: OnUser | undefined;
  /** What is on sale and what the customer has of it; only the plans named, by id or key, where some are. */
  products(
    options?: CallOptions & { readonly planIds?: readonly string[] },
  ): Promise<ProductsResponse>;
  /** Opens a session for the token's customer; the same key gives the same session. */
  create(
    input: CreateInput,
    options?: CallOptions & { readonly idempotencyKey?: string | undefined },
  ): Promise<CreateResponse>;
  /**
   * Confirms with a payment method, or after Stripe.js has confirmed in the browser; a session with nothing due, which has no
   * client secret, by its id. The secret travels in the body, so that it stands in no URL.
   */
  confirm(
    request: ConfirmWithSecretRequest | ConfirmFreeRequest,
    options?: CallOptions,
  ): Promise<ConfirmResponse>;
  /** How a session stands, to anybody who knows its id. */
  status(sessionId: string, options?: CallOptions): Promise<Snapshot>;
  /** The same with what only the owner may see, for going on after a reload; to anybody else an `UnauthorizedError`. */
  ownStatus(sessionId: string, options?: CallOptions): Promise<OwnedSnapshot>;
  /** Gives a session up. Refused with `session_completed` and the like, `details.session` tells how it stands. */
  cancel(sessionId: string, options?: CallOptions): Promise<Snapshot>;
  /** What the token's customer may use now. */
  entitlements(options?: CallOptions): Promise<EntitlementsResponse>;
  /** Whether the token's customer may use one feature now. */
  check(featureKey: string, options?: CallOptions): Promise<CheckResponse>;
  /** The customer's live subscriptions; where it is asked for, each with what Stripe would bill next. */
  subscriptions(
    options?: CallOptions & { readonly preview?: "next_invoice" | undefined },
  ): Promise<SubscriptionsResponse>;
  /** Ends a subscription with its current period. Asked again, it answers how it stands. */
  cancelSubscription(subscriptionId: string, options?: CallOptions): Promise<EndingResponse>;
  /** Takes that back, as long as the period lasts. */
  resumeSubscription(subscriptionId: string, options?: CallOptions): Promise<EndingResponse>;
  /**
   * Opens Stripe's billing portal for the customer. Whoever has its address is let in: send the customer's own browser there at
   * once.
   */
  portal(
    options?: CallOptions & { readonly returnUrl?: string | undefined },
  ): Promise<PortalResponse>;
  /**
   * Follows a session to its end: each newer snapshot once, over Realtime, and by polling with back-off while its channel is
   * down. Ends where the checkout has succeeded, failed or been canceled; an expired one may still succeed.
   */
  watch(session: Watched, callbacks: WatchCallbacks): Watch;
  /** The same as an iteration, which begins with the first snapshot that is asked for. */
  watch(session: Watched, options?: WatchOptions): AsyncIterableIterator<Snapshot>;
}

const NOT_YOURS = "This checkout is another customer's, or you are no longer signed in.";
const isOwned = having<OwnedSnapshot>("clientSecret");
const statusPath = (sessionId: string) => `/checkout-status/${encodeURIComponent(sessionId)}`;

export function createCheckoutClient(options: CheckoutClientOptions): CheckoutClient {
  const { supabase } = options;
  const authorized = withToken(options);
  const open = <Answer>(call: Call, check: Check<Answer>) => send(options, call, check);
  const owned = <Answer>(call: Call, check: Check<Answer>): Promise<Answer> =>
    authorized((bearer) => send(options, { ...call, bearer }, check), call.signal);

  const status: CheckoutClient["status"] = (sessionId, { signal } = {}) =>
    open({ method: "GET", path: statusPath(sessionId), signal }, isSnapshotOf(sessionId));

  function watch(session: Watched, callbacks: WatchCallbacks): Watch;
  function watch(session: Watched, options?: WatchOptions): AsyncIterableIterator<Snapshot>;
  function watch(
    { id, realtime: topic }: Watched,
    how: WatchOptions | WatchCallbacks = {},
  ): Watch | AsyncIterableIterator<Snapshot> {
    const source = {
      sessionId: id,
      realtime: supabase === undefined || topic === undefined ? undefined : { supabase, topic },
      read: (signal: AbortSignal) => status(id, { signal }),
    };
    return "onSnapshot" in how ? watchBy(source, how) : snapshotsOf(source, how);
  }

  const ending = (
    change: "cancel" | "resume",
    subscriptionId: string,
    { signal }: CallOptions = {},
  ) =>
    owned(
      { method: "POST", path: `/subscription/${change}`, body: { subscriptionId }, signal },
      having<EndingResponse>("subscription"),
    );

  return {
    onUser: onUserOf(options),
    products: ({ planIds, signal } = {}) => {
      const query = planIds === undefined
        ? ""
        : `?planIds=${encodeURIComponent(planIds.join(","))}`;
      return owned(
        { method: "GET", path: `/products${query}`, signal },
        having<ProductsResponse>("products", "currentSubscription", "subscriptions"),
      );
    },
    create: (body, { idempotencyKey, signal } = {}) =>
      owned(
        { method: "POST", path: "/checkout-create", body, idempotencyKey, signal },
        having<CreateResponse>("id", "clientSecret", "realtime"),
      ),
    confirm: (body, { signal } = {}) =>
      ("clientSecret" in body ? open : owned)(
        { method: "POST", path: "/checkout-confirm", body, signal },
        having<ConfirmResponse>("success", "status", "requiresAction"),
      ),
    status,
    ownStatus: (sessionId, { signal } = {}) =>
      authorized(async (bearer) => {
        const call = { method: "GET", path: statusPath(sessionId), signal, bearer } as const;
        const found = await send(options, call, isSnapshotOf(sessionId));
        // What anybody is answered: a user's token that is refused is not told of here (shared/tokens/caller.ts).
        if (!isOwned(found)) throw unauthorized(NOT_YOURS);
        return found;
      }, signal),
    cancel: (sessionId, { signal } = {}) =>
      owned(
        { method: "POST", path: `/checkout-cancel/${encodeURIComponent(sessionId)}`, signal },
        isSnapshotOf(sessionId),
      ),
    entitlements: ({ signal } = {}) =>
      owned(
        { method: "GET", path: "/entitlements", signal },
        having<EntitlementsResponse>("entitlements"),
      ),
    check: (featureKey, { signal } = {}) =>
      owned(
        {
          method: "GET",
          path: `/features/check?feature_key=${encodeURIComponent(featureKey)}`,
          signal,
        },
        having<CheckResponse>("hasAccess", "limit"),
      ),
    subscriptions: ({ preview, signal } = {}) =>
      owned(
        {
          method: "GET",
          path: `/subscription${preview === undefined ? "" : `?preview=${preview}`}`,
          signal,
        },
        having<SubscriptionsResponse>("subscriptions"),
      ),
    cancelSubscription: (id, how) => ending("cancel", id, how),
    resumeSubscription: (id, how) => ending("resume", id, how),
    portal: ({ returnUrl, signal } = {}) =>
      owned(
        { method: "POST", path: "/portal", body: { returnUrl }, signal },
        having<PortalResponse>("url"),
      ),
    watch,
  };
}
