import * as z from "zod";
import { errorResponse } from "../../shared/contract/error.ts";

/** A refusal, in the words of the API. */
export class CallError extends Error {
  override readonly name = "CallError";
}

/**
 * Calls an endpoint as any program would and checks the answer against its schema.
 *
 * @param bearer the caller's proof, where the endpoint wants one in the header
 */
export async function call<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  request: { readonly method: "GET" | "POST"; readonly bearer?: string; readonly body?: unknown },
): Promise<z.infer<Schema>> {
  const response = await fetch(url, {
    method: request.method,
    headers: {
      ...(request.bearer === undefined ? {} : { authorization: `Bearer ${request.bearer}` }),
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const where = `${request.method} ${new URL(url).pathname}`;
  if (!response.ok) throw new CallError(`${where} answered ${response.status}: ${reason(text)}`);
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new CallError(
    `${where} answered what its schema does not allow: ${z.prettifyError(parsed.error)}`,
  );
}

function reason(text: string): string {
  const parsed = errorResponse.safeParse(parse(text));
  if (!parsed.success) return text.slice(0, 300);
  const { code, message, requestId } = parsed.data.error;
  return `${code}, ${message} (request ${requestId})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
