import type { ErrorResponse } from "../contract/error.ts";
import { errorTable } from "../contract/error-table.ts";
import { present } from "../runtime/present.ts";
import { CheckoutError } from "../runtime/errors.ts";

/** Any failure in the contract's form. What is not a CheckoutError is told as `internal_error` and nothing more. */
export function errorResponse(error: unknown, requestId: string): Response {
  const known = error instanceof CheckoutError ? error : new CheckoutError("internal_error");
  const body: ErrorResponse = {
    error: {
      code: known.code,
      message: known.message,
      requestId,
      ...present({ details: known.details }),
    },
  };
  const headers = errorTable[known.code].retry
    ? { "retry-after": String(known.retryAfter ?? 1) }
    : undefined;
  return Response.json(body, { status: known.status, ...present({ headers }) });
}
