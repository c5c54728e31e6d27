import { finished } from "./answer.ts";
import type { ConfirmResponse } from "../contract/confirm.ts";
import { CheckoutError, type ErrorCode } from "../runtime/errors.ts";
import type { CheckoutPorts } from "./ports.ts";
import { carryOut } from "./change.ts";
import type { SessionToken } from "../tokens/session-token.ts";

const refusals = {
  unauthorized: "session_token_invalid",
  forbidden: "operation_not_allowed",
  not_found: "session_not_found",
  not_free: "not_free",
  closed: "session_closed",
  expired: "session_expired",
  already_subscribed: "already_subscribed",
  subscription_changed: "subscription_changed",
} as const satisfies Record<string, ErrorCode>;

/** Carries out a session with nothing due, for the token's customer; a second time changes nothing. */
export async function confirmFree(
  ports: CheckoutPorts,
  sessionId: string,
  { tokenId, livemode }: SessionToken,
): Promise<ConfirmResponse> {
  const completed = await ports.checkouts.completeFree(sessionId, tokenId, livemode);
  if (completed.outcome === "succeeded") return finished(completed.snapshot);
  if (completed.outcome === "apply") return finished(await carryOut(ports, completed.plan));
  throw new CheckoutError(refusals[completed.outcome]);
}
