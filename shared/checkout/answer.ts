import type { ConfirmResponse } from "../contract/confirm.ts";
import { pendingSentences, SUCCESS, successSentences } from "../contract/sentences.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import { type ErrorCode, notHonored } from "../contract/error-table.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { present } from "../runtime/present.ts";
import type { CheckoutIntent } from "../stripe/intent-calls.ts";

/** Why a session has come to nothing, as a caller is told it; undefined where it has not. */
export function failureOf(
  { status, error }: Snapshot,
): { readonly code: ErrorCode; readonly message?: string } | undefined {
  const refused = notHonored.find((code) => code === error?.code);
  if (refused !== undefined && error !== undefined) {
    return { code: refused, message: error.message };
  }
  if (status === "expired") return { code: "session_expired" };
  return status === "failed" || status === "canceled" ? { code: "session_closed" } : undefined;
}

/** The answer for a snapshot, or the error that says why there is none. */
export function finished(snapshot: Snapshot, intent?: CheckoutIntent): ConfirmResponse {
  const failure = failureOf(snapshot);
  if (failure !== undefined) throw new CheckoutError(failure.code, failure);
  return answer(snapshot, intent);
}

function messageOf({ status, subscription }: Snapshot): string {
  if (status === "succeeded") return successSentences.get(subscription?.status ?? "") ?? SUCCESS;
  return status === "processing" || status === "requires_action"
    ? pendingSentences[status]
    : pendingSentences.pending;
}

/** What a confirm answers for a snapshot. */
function answer(snapshot: Snapshot, intent?: CheckoutIntent): ConfirmResponse {
  const { status, subscription } = snapshot;
  const requiresAction = status === "requires_action";
  const next = requiresAction ? intent?.next_action : undefined;
  const redirectToUrl = next?.redirect_to_url?.url;
  return {
    success: status === "succeeded",
    status: subscription?.status ?? status,
    requiresAction,
    ...present({
      actionUrl: redirectToUrl,
      nextAction: next && { type: next.type, ...present({ redirectToUrl }) },
      subscriptionId: subscription?.id,
    }),
    message: messageOf(snapshot),
  };
}
