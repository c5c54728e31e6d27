import { stripeAnswering } from "./answers.ts";

/** One request as Stripe sees it. */
export interface Seen {
  /** Such as `POST /v1/payment_intents`. */
  readonly call: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly key: string | null;
  readonly account: string | null;
}

export type Answer = () => Response;
export const answer = (object: object): Answer => () => Response.json(object);
export const refusal = (status: number, error: object): Answer => () =>
  Response.json({ error }, { status });
/** The same, kept under the request's key since an earlier time. */
export const replayed = (reply: Answer): Answer => () => {
  const response = reply();
  response.headers.set("idempotent-replayed", "true");
  return response;
};
/** The request never got an answer. */
export const lost: Answer = () => {
  throw new TypeError("fetch failed");
};
/** Stripe's refusals that the calls here are told apart by. */
export const invalid = (differs: object = {}): Answer =>
  refusal(400, { type: "invalid_request_error", message: "no", ...differs });
export const mismatch = refusal(400, { type: "idempotency_error", message: "no" });
export const missing = (param: string): Answer =>
  refusal(404, { type: "invalid_request_error", code: "resource_missing", param, message: "no" });
export const listOf = (...data: object[]): Answer =>
  answer({ object: "list", data, has_more: false, url: "/v1/list" });

/** A client whose calls are answered by name, in turn, the last answer again and again. */
export function recordedStripe(answers: Readonly<Record<string, readonly Answer[]>>) {
  const seen: Seen[] = [];
  const stripe = stripeAnswering(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const call = `${request.method} ${pathname}`;
    const form = new URLSearchParams(
      request.method === "POST" ? await request.text() : searchParams,
    );
    const nth = seen.filter((one) => one.call === call).length;
    seen.push({
      call,
      parameters: Object.fromEntries(form),
      key: request.headers.get("idempotency-key"),
      account: request.headers.get("stripe-account"),
    });
    const reply = answers[call]?.[nth] ?? answers[call]?.at(-1);
    return reply === undefined ? new Response("nothing answers this", { status: 400 }) : reply();
  });
  const calls = () => seen.map(({ call }) => call);
  return { stripe, seen, calls };
}
