import { type ErrorCode, errorTable } from "../contract/error-table.ts";

/** A refusal that the caller is told. `cause` is for the log alone. */
export class CheckoutError extends Error {
  override readonly name = "CheckoutError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Seconds after which the same request may succeed, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    options: {
      retryAfter?: number;
      message?: string;
      details?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(options.message ?? errorTable[code].message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}
