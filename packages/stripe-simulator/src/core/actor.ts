/** Who brought a change about: an API request, or the clock and the bank (both null). */
export interface Actor {
  id: string | null;
  idempotency_key: string | null;
}

export const NOBODY: Actor = { id: null, idempotency_key: null };
