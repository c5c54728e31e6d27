import {
  errorOf,
  type Failure,
  InvalidRequestError,
  NetworkError,
  UnexpectedAnswerError,
} from "./errors.ts";
import { within } from "./within.ts";

/** How calls are made. */
export interface Transport {
  /** `https://<ref>.supabase.co/functions/v1` */
  readonly functionsUrl: string;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * Milliseconds after which a request is given up, or the question for a token; 70 seconds unless told, a little more than the
   * service gives itself (shared/http/serve.ts).
   */
  readonly timeout?: number | undefined;
}

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** The caller's proof, where it goes in a header. */
  readonly bearer?: string | undefined;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Tells an answer from somebody else's, by what it has. */
export type Check<Answer> = (value: unknown) => value is Answer;

/**
 * Whether it has these members; what they hold is the service's word, which tests check by the contract's schemas. A page need
 * not carry those.
 */
export const having =
  <Answer extends object>(...keys: readonly (keyof Answer & string)[]): Check<Answer> =>
  (value): value is Answer => isObject(value) && keys.every((key) => Object.hasOwn(value, key));

export const timeoutOf = ({ timeout }: Pick<Transport, "timeout">): number => timeout ?? 70_000;

/** Makes one call, once. Throws `CheckoutError`, or the signal's reason where that gave up. */
export async function send<Answer>(
  transport: Transport,
  call: Call,
  isAnswer: Check<Answer>,
): Promise<Answer> {
  const { signal } = call;
  const request = requestOf(call);
  const url = transport.functionsUrl.replace(/\/+$/, "") + call.path;
  const [response, text] = await within(timeoutOf(transport), signal, async (inTime) => {
    const answered = await (transport.fetch ?? fetch)(url, { ...request, signal: inTime });
    return [answered, await answered.text()] as const;
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new NetworkError(cause);
  });
  const answer = parsed(text);
  if (!response.ok) throw errorOf(failureOf(response, answer));
  if (isAnswer(answer)) return answer;
  throw new UnexpectedAnswerError(response.status);
}

/** What cannot be sent at all, as a key with a line break, is no failure of the network: it fails again each time. */
function requestOf({ method, bearer, body, idempotencyKey }: Call) {
  try {
    const headers = new Headers();
    if (bearer !== undefined) headers.set("authorization", `Bearer ${bearer}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
    return { method, headers, body: body === undefined ? null : JSON.stringify(body) };
  } catch (cause) {
    const message = "The request cannot be sent as it is.";
    throw new InvalidRequestError({ code: "invalid_request", message, status: 400 }, cause);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the service answered, or whatever stood in its place: a gateway's page has no code. */
function failureOf({ status, headers }: Response, answer: unknown): Failure {
  const told = isObject(answer) && isObject(answer["error"]) ? answer["error"] : {};
  const { code, message, requestId, details } = told;
  return {
    code: typeof code === "string" ? code : "unknown_error",
    message: typeof message === "string" ? message : `The service answered ${status}.`,
    status,
    requestId: typeof requestId === "string" ? requestId : headers.get("x-request-id") ?? undefined,
    details: isObject(details) ? details : undefined,
    retryAfter: secondsOf(headers.get("retry-after")),
  };
}

/** Seconds, or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
