import type { ErrorCode } from "../contract/error-table.ts";
import { CheckoutError } from "../runtime/errors.ts";
import type { LogFields, Logger } from "../runtime/log.ts";
import { present } from "../runtime/present.ts";

/** The database's words that are no public codes, and what each means to whoever asks about a session. */
const publicCodes = {
  unauthorized: "session_token_invalid",
  forbidden: "operation_not_allowed",
  not_found: "session_not_found",
  closed: "session_closed",
  expired: "session_expired",
} as const satisfies Readonly<Record<string, ErrorCode>>;

type PrivateWord = keyof typeof publicCodes;
const isPrivate = (word: string): word is PrivateWord => Object.hasOwn(publicCodes, word);

/** What the database answers where it does not do what was asked. */
export interface Refusal {
  /** A public code, or a word that stands for one. */
  readonly outcome: PrivateWord | ErrorCode;
  /** What the caller is told of the reason. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** Words that mean something else to who asks about something else than a session. */
export type OwnWords = Readonly<Partial<Record<PrivateWord, ErrorCode>>>;

/** The error that a caller is told for a refusal by the database. */
export function refused(
  { outcome, details, retryAfter }: Refusal,
  own: OwnWords = {},
): CheckoutError {
  const code = isPrivate(outcome) ? own[outcome] ?? publicCodes[outcome] : outcome;
  return new CheckoutError(code, present({ details, retryAfter }));
}

/** The same where the caller may have asked too often, which an operator should see. */
export function refusedOrLimited(
  refusal: Refusal,
  log: Logger,
  about: LogFields = {},
  own: OwnWords = {},
): CheckoutError {
  const { outcome, retryAfter } = refusal;
  if (outcome === "rate_limited") log.warn("rate limited", { ...about, retryAfter });
  return refused(refusal, own);
}
