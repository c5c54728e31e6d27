import type { ConfirmResponse } from "../types.ts";

/** What a bank asks of the customer, and where. */
export type Action = Pick<ConfirmResponse, "actionUrl" | "nextAction">;

/** Kept while the customer is away at the bank, whose page takes the place of this one. */
export interface KeptAction {
  readonly action: Action;
  /** The session's version that it is of. */
  readonly askedAt: number;
}

const nameOf = (sessionId: string) => `billingos.action.${sessionId}`;

/** In the tab's own storage, where there is one: https://developer.mozilla.org/en-US/docs/Web/API/Window/sessionStorage */
export function keepAction(sessionId: string, kept: KeptAction | undefined): void {
  try {
    if (kept === undefined) sessionStorage.removeItem(nameOf(sessionId));
    else sessionStorage.setItem(nameOf(sessionId), JSON.stringify(kept));
  } catch {
    // A browser may deny it, or be none: then a reload does not know where the bank asks.
  }
}

export function keptAction(sessionId: string): KeptAction | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(nameOf(sessionId)) ?? "null");
    // JSON has no Infinity.
    return isKept(kept) ? { action: kept.action, askedAt: kept.askedAt ?? Infinity } : undefined;
  } catch {
    return undefined;
  }
}

function isKept(kept: unknown): kept is { action: Action; askedAt: number | null } {
  return typeof kept === "object" && kept !== null && "action" in kept && "askedAt" in kept &&
    typeof kept.action === "object" && kept.action !== null;
}
