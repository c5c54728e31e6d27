import type * as z from "zod";
import { errorResponse } from "../contract/error.ts";

/** A refusal by the API, or its silence (`code` is then `network_error` and `status` 0). */
export class CheckoutRequestError extends Error {
  override readonly name = "CheckoutRequestError";
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    failure: {
      readonly code: string;
      readonly message: string;
      readonly status: number;
      readonly requestId?: string | undefined;
      readonly details?: Readonly<Record<string, unknown>> | undefined;
    },
    cause?: unknown,
  ) {
    super(failure.message, { cause });
    this.code = failure.code;
    this.status = failure.status;
    this.requestId = failure.requestId;
    this.details = failure.details;
  }
}

export interface CheckoutRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** The caller's proof, where it goes in a header. */
  readonly bearer?: string | undefined;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Calls an endpoint and checks its answer. Throws `CheckoutRequestError`. */
export async function request<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  { method, bearer, body, idempotencyKey, signal }: CheckoutRequest,
): Promise<z.output<Schema>> {
  const headers = new Headers();
  if (bearer !== undefined) headers.set("authorization", `Bearer ${bearer}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  let status = 0;
  let answer: unknown;
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    ({ status } = response);
    answer = await response.json();
  } catch (cause) {
    throw new CheckoutRequestError({
      code: "network_error",
      message: "The service could not be reached.",
      status,
    }, cause);
  }
  if (status >= 400) {
    const { data } = errorResponse.safeParse(answer);
    throw new CheckoutRequestError({
      code: data?.error.code ?? "unknown_error",
      message: data?.error.message ?? `The service answered ${status}.`,
      status,
      requestId: data?.error.requestId,
      details: data?.error.details,
    });
  }
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CheckoutRequestError({
    code: "unexpected_answer",
    message: "The service answered what this version of the client does not know.",
    status,
  }, parsed.error);
}
