/**
 * What a bundle has in the place of auth-js, realtime-js and storage-js: supabase-js makes a client of each, which no function uses,
 * and which are most of what it weighs (@supabase/supabase-js, src/SupabaseClient.ts). They do nothing, and one that is used after all
 * fails by having no such method; `shared/database/client.ts` takes no more of supabase-js than `rpc`.
 */
class LeftOut {
  readonly leftOut = true;
}

/** Extended, and made only where no `accessToken` is given. */
export class AuthClient extends LeftOut {}

export class RealtimeClient extends LeftOut {
  /** Every new client is told the token for the channels that it may come to have. */
  setAuth(): void {}
}

export class StorageClient extends LeftOut {}

export class StorageApiError extends Error {}
