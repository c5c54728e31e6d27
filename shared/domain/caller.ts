/** Who calls: the customer that a session token names, or a user of the project's own Supabase Auth. */
export interface SessionCaller {
  /** The token's id, or that of the user's session of Supabase Auth. */
  readonly tokenId: string;
  /** Undefined where the proof names no mode, as a user's own token does. */
  readonly livemode?: boolean | undefined;
  /** The user's id, where the proof is the user's own access token. */
  readonly userId?: string | undefined;
}
