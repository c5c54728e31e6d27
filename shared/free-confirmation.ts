import { answer } from "./confirmation.ts";
import type { ConfirmResponse } from "./contract/confirm.ts";
import type { Checkouts } from "./database/checkouts.ts";
import { CheckoutError, type ErrorCode } from "./errors.ts";
import type { SessionToken } from "./tokens/session-token.ts";

const refusals = {
  unauthorized: "session_token_invalid",
  forbidden: "operation_not_allowed",
  not_found: "session_not_found",
  not_free: "not_free",
  closed: "session_closed",
  expired: "session_expired",
  already_subscribed: "already_subscribed",
} as const satisfies Record<string, ErrorCode>;

/** Activates a free session for the token's customer; a second time changes nothing. */
export async function confirmFree(
  checkouts: Checkouts,
  sessionId: string,
  { tokenId, livemode }: SessionToken,
): Promise<ConfirmResponse> {
  const completed = await checkouts.completeFree(sessionId, tokenId, livemode);
  if (completed.outcome !== "succeeded") throw new CheckoutError(refusals[completed.outcome]);
  return answer(completed.snapshot);
}
